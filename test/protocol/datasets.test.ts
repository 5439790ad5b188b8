import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CancellationTokenSource } from "vscode-jsonrpc/node";
import { runId } from "../../server/src/format/index.js";
import type { AgreementResult, EvaluationResult, ExportResult, ImportResult, SurveyResult } from "../../server/src/protocol/datasets.js";
import { vqa } from "../support/cli.js";
import { LspClient, refusal } from "../support/lspClient.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const MSVD = [
  { id: 1, video_id: "clip one", question: "what is cut?", answer: "onion", rating: 5 },
  { id: 2, video_id: "clip one", question: "who cuts?", answer: "woman" },
  { id: 3, video_id: "two", question: "what is played?", answer: "guitar" },
];

describe("datasets over stdio", function () {
  this.timeout(60_000);
  let client: LspClient;
  const folder = tempFolder(after);
  const at = (...parts: readonly string[]): string => join(folder, ...parts);
  before(async () => {
    client = LspClient.stdio();
    await client.initialize();
  });
  after(() => client.kill());

  const importing = (given: object): Promise<ImportResult> => client.request("vqa/import", { files: [at("msvd.json")], out: at("notes"), preview: false, replace: false, ...given });
  const exporting = (given: object): Promise<ExportResult> => client.request("vqa/export", { notebooks: [{ notebook: at("a.vqa") }], format: "jsonl", out: at("out.jsonl"), preview: false, replace: false, ...given });

  it("an import is shown before, with everything that it would write and lose, and nothing is written", async () => {
    writeFileSync(at("msvd.json"), JSON.stringify(MSVD));
    const shown = await importing({ format: "msvd-qa", preview: true });
    assert.deepEqual([shown.formats, shown.total, shown.existing, shown.counts], [["msvd-qa"], 2, 0, { question: 3 }]);
    assert.deepEqual(shown.notebooks.map(({ file, video }) => [file, video]), [[{ path: at("notes", "clip one.vqa"), exists: false }, "clip one"], [{ path: at("notes", "two.vqa"), exists: false }, "two"]]);
    assert.match(shown.samples[0]?.text ?? "", /^VQA 1\nvideo: clip one\ndataset: msvd-qa\ndataset\.video: clip one\n\nQ 1: what is cut\?\nNOTE fields \{"rating":5\}\nA: onion\n/);
    assert.ok(!existsSync(at("notes")));
    assert.deepEqual(readdirSync(folder), ["msvd.json"]);
  });

  it("an import writes what was shown, and never over a notebook unless it is told to", async () => {
    const [shown, written] = [await importing({ format: "msvd-qa", preview: true }), await importing({ format: "msvd-qa" })];
    assert.deepEqual(written.total, 2);
    assert.equal(readFileSync(at("notes", "clip one.vqa"), "utf8"), shown.samples[0]?.text);
    writeFileSync(at("notes", "two.vqa"), "mine");
    const again = await importing({ format: "msvd-qa", preview: true });
    assert.equal(again.existing, 2);
    assert.match((await refusal(importing({ format: "msvd-qa" }))).message, /exist already; nothing was written/);
    assert.equal(readFileSync(at("notes", "two.vqa"), "utf8"), "mine");
    await importing({ format: "msvd-qa", replace: true });
    assert.equal(readFileSync(at("notes", "two.vqa"), "utf8"), shown.samples[1]?.text);
  });

  it("an import can be stopped, says how far it is, and leaves nothing behind", async () => {
    const many = Array.from({ length: 200_000 }, (_, i) => JSON.stringify({ video: `v${i % 50}.mp4`, question: `what is ${i}?`, references: [{ text: "this" }] }));
    writeFileSync(at("many.jsonl"), many.join("\n"));
    const stop = new CancellationTokenSource();
    let records = 0;
    client.connection.onNotification("$/progress", ({ token, value }: { token: string; value: { records: number } }) => {
      if (token !== "many") return;
      records = value.records;
      stop.cancel();
    });
    const end = await refusal(client.request("vqa/import", { files: [at("many.jsonl")], out: at("stopped"), preview: false, replace: false, partialResultToken: "many" }, stop.token));
    assert.equal(end.error?.code, "cancelled");
    assert.ok(records >= 1000, String(records));
    assert.deepEqual(existsSync(at("stopped")) ? readdirSync(at("stopped")) : [], []);
  });

  it("an export shows each file and what cannot be carried over, from what is on the screen and not in the file", async () => {
    writeFileSync(at("a.vqa"), "VQA 1\nvideo: a.mp4\n\nQ one: old?\nA: this\n");
    const text = "VQA 1\nvideo: a.mp4\n\n# Part\n\nQ one: new?\nA ann: this\n\nQ two: else?\n";
    const shown = await exporting({ notebooks: [{ notebook: at("a.vqa"), text }], format: "activitynet-qa", out: at("val.json"), preview: true });
    assert.deepEqual(shown.files, [{ path: at("val_q.json"), exists: false }, { path: at("val_a.json"), exists: false }]);
    assert.deepEqual(shown.counts, { header: 1, heading: 1, question: 2 });
    assert.match(shown.samples[0]?.text ?? "", /new/);
    assert.deepEqual(shown.leftOut.map(({ what, count }) => [what, count]).sort(), [["heading", 1], ["id in a form that cannot be kept", 2], ["name of who answered", 1]].sort());
    assert.ok(!existsSync(at("val_q.json")));
  });

  it("an export writes its files, one for each notebook where the format is about one video", async () => {
    writeFileSync(at("b.vqa"), "VQA 1\nvideo: b.mp4\n\n00:01.000 --> 00:02.000\nhello\n");
    const written = await exporting({ notebooks: [{ notebook: at("a.vqa") }, { notebook: at("b.vqa") }], format: "srt", out: folder });
    assert.deepEqual(written.files.map(({ path }) => path), [at("a.srt"), at("b.srt")]);
    assert.match(readFileSync(at("b.srt"), "utf8"), /00:00:01,000 --> 00:00:02,000\r?\nhello/);
    assert.match((await refusal(exporting({ format: "srt", out: folder }))).message, /a\.srt exists already; nothing was written/);
    assert.match((await refusal(exporting({ format: "no such" }))).message, /no format "no such"/);
  });

  const RUN8 = runId([["model", "m"]]);
  const OTHER8 = runId([["model", "n"]]);
  const RUNS = `RUN ${RUN8}\n  model: m\n\nRUN ${OTHER8}\n  model: n\n`;
  const ANSWERED = `VQA 1\nvideo: a.mp4\n\n# Colours\n\n@ 00:01..00:02 the star turns\n\nQ: Which colour?\nA ann: red\nM ${RUN8} 0123456789ab: red\nM ${OTHER8} ba9876543210: blue\n\n# Counts\n\nQ count-1: How many?\n\nQ two: Which?\n  - [ ] a\n  - [x] b\nM ${RUN8} 00112233445f: (A) a\n\n${RUNS}`;

  it("a survey lists what notebooks hold, and a notebook that cannot be read hinders no other", async () => {
    writeFileSync(at("survey.vqa"), ANSWERED);
    const { notebooks } = await client.request<SurveyResult>("vqa/survey", { notebooks: [{ notebook: at("gone.vqa") }, { notebook: at("survey.vqa") }, { notebook: at("survey.vqa"), text: "VQA 1\n\nQ: new?\n" }], freshness: false });
    assert.match(notebooks[0]?.problem ?? "", /gone\.vqa cannot be read: it does not exist/);
    assert.equal(notebooks[1]?.video, "a.mp4");
    assert.deepEqual(notebooks[1]?.questions, [
      { question: 0, id: "#1", text: "Which colour?", type: "Colours", label: "the star turns", state: "unknown", grade: "wrong", unanswered: false, authors: ["ann"], gold: "red", answer: "blue", models: ["m", "n"] },
      { question: 1, id: "count-1", text: "How many?", type: "count", state: "unanswered", unanswered: true, authors: [], gold: "", models: [] },
      { question: 2, id: "two", text: "Which?", type: "Counts", state: "unknown", grade: "wrong", unanswered: false, authors: [], gold: "(B) b", answer: "(A) a", models: ["m"] },
    ]);
    assert.deepEqual(notebooks[2]?.questions.map(({ text }) => text), ["new?"]);
  });

  it("a survey with freshness loads the model and tells what is stale; where the video is gone it tells the rest", async () => {
    copyFileSync(join(repoRoot, "media/demo/shapes.mp4"), at("shapes.mp4"));
    writeFileSync(at("fresh.vqa"), "VQA 1\nvideo: shapes.mp4\n\nQ one: What is the code?\n\nQ two: What do they eat?\n");
    const { code, stderr } = await vqa(["run", at("fresh.vqa"), "--write"]);
    assert.equal(code, 0, stderr);
    const text = readFileSync(at("fresh.vqa"), "utf8");
    const notebooks = [{ notebook: at("fresh.vqa") }, { notebook: at("fresh.vqa"), text: text.replace("do they eat", "did they eat") }, { notebook: at("fresh.vqa"), text: text.replace("shapes.mp4", "gone.mp4") }];
    const survey = async (freshness: boolean): Promise<SurveyResult["notebooks"]> => (await client.request<SurveyResult>("vqa/survey", { notebooks, freshness })).notebooks;
    assert.deepEqual((await survey(true)).map(({ questions }) => questions.map(({ state }) => state)), [["fresh", "fresh"], ["fresh", "stale"], ["unknown", "unknown"]]);
    assert.match((await survey(true))[2]?.problem ?? "", /gone\.mp4/);
    assert.deepEqual((await survey(false)).map(({ problem, questions }) => [problem, questions.map(({ state }) => state)]), Array(3).fill([undefined, ["unknown", "unknown"]]));
  });

  it("an evaluation takes the answers of notebooks under one model, and compares them with another's", async () => {
    const rows: { run: number; rows: { question: string; said: string; result: string; number: number }[] }[] = [];
    client.connection.onNotification("$/progress", ({ token, value }: { token: string; value: (typeof rows)[number] }) => void (token === "rows" && rows.push(value)));
    const notebooks = [{ notebook: at("survey.vqa") }];
    const result = await client.request<EvaluationResult>("vqa/evaluation", { runs: [{ kind: "notebooks", notebooks, model: "m" }, { kind: "notebooks", notebooks, model: "n" }], partialResultToken: "rows" });
    assert.deepEqual(result.runs.map(({ name, figures }) => [name, figures[0]?.n, figures[0]?.right]), [["m", 2, 1], ["n", 1, 0]]);
    assert.deepEqual(rows.map(({ run, rows: some }) => [run, some.map(({ said, result: graded, number }) => [number, said, graded])]), [[0, [[0, "red", "right"], [2, "(A) a", "wrong"]]], [1, [[0, "blue", "wrong"]]]]);
    assert.deepEqual([result.comparison?.onlyFirst, result.comparison?.figures[0]?.n, result.comparison?.changed.map(({ won, said }) => [won, said])], [1, 1, [[false, "blue"]]]);
    const end = await refusal(client.request("vqa/evaluation", { runs: [{ kind: "report", folder }] }));
    assert.match(end.message, /eval\.json cannot be used: it does not exist/);
    writeFileSync(at("eval.json"), "{}");
    assert.match((await refusal(client.request("vqa/evaluation", { runs: [{ kind: "report", folder }] }))).message, /is no evaluation of this program/);
  });

  it("an evaluation is what vqa eval wrote, with its figures", async () => {
    const said = (i: number, pred: string): object => ({ video: "a.mp4", id: `${i % 2 === 0 ? "colour" : "count"}-${i}`, type: i % 2 === 0 ? "colour" : "count", question: `q ${i}?`, answers: ["red"], pred, model: "m" });
    writeFileSync(at("said.jsonl"), [said(0, "red"), said(1, "blue"), said(2, "It is red."), said(3, "red")].map((row) => JSON.stringify(row)).join("\n"));
    const { code, stderr } = await vqa(["eval", at("said.jsonl"), "--out", at("run"), "--failures", "0"]);
    assert.equal(code, 0, stderr);
    const rows: { result: string; gold: string }[] = [];
    client.connection.onNotification("$/progress", ({ token, value }: { token: string; value: { rows: typeof rows } }) => void (token === "report" && rows.push(...value.rows)));
    const { runs } = await client.request<EvaluationResult>("vqa/evaluation", { runs: [{ kind: "report", folder: at("run") }], partialResultToken: "report" });
    const written = JSON.parse(readFileSync(at("run", "eval.json"), "utf8")) as { scores: { all: { accuracy: { value: number; interval: number[] } } } };
    const { value, interval } = written.scores.all.accuracy;
    assert.deepEqual(runs[0]?.figures.map(({ type, n, right }) => [type, n, right]), [["all", 4, 3], ["colour", 2, 2], ["count", 2, 1]]);
    assert.deepEqual(runs[0]?.figures[0]?.accuracy, { value, low: interval[0], high: interval[1] });
    assert.deepEqual([runs[0]?.name, runs[0]?.models, rows.map(({ result }) => result)], ["run", ["m"], ["right", "wrong", "right", "right"]]);
  });

  it("agreement is told by the server and by the command line alike", async () => {
    mkdirSync(at("agree"));
    writeFileSync(at("agree", "a.vqa"), "VQA 1\n\nQ one: a?\nA ann: x\nA bo: y\n\nQ two: b?\nA ann: x\nA bo: X.\n");
    writeFileSync(at("agree", "b.vqa"), "VQA 1\n\nQ three: c?\nA ann: y\nA bo: y\n");
    const files = ["a.vqa", "b.vqa"].map((name) => at("agree", name));
    const found = await client.request<AgreementResult>("vqa/agreement", { notebooks: files.map((notebook) => ({ notebook })) });
    assert.deepEqual([found.questions, found.disagreements, found.annotators, found.fleiss], [3, 1, [{ author: "ann", questions: 3 }, { author: "bo", questions: 3 }], undefined]);
    // By chance they would agree on (2 * 1 + 1 * 2) / 9.
    assert.equal(found.pairs[0]?.kappa?.toFixed(4), ((2 / 3 - 4 / 9) / (1 - 4 / 9)).toFixed(4));
    assert.deepEqual(found.voted.map(({ notebook, question, agreement }) => [notebook, question, agreement]), [[files[0], 0, 0], [files[0], 1, 1], [files[1], 0, 1]]);
    const { code, stdout } = await vqa(["agreement", at("agree"), "--json"]);
    const { notebooks, differ, ...same } = JSON.parse(stdout) as AgreementResult & { notebooks: number; differ: { file: string; votes: unknown[] }[] };
    const { voted: _, ...expected } = found;
    assert.deepEqual([code, notebooks, same], [0, 2, expected]);
    assert.deepEqual(differ.map(({ file, votes }) => [file, votes]), [["a.vqa", [{ author: "ann", text: "x" }, { author: "bo", text: "y" }]]]);
    const plain = await vqa(["agreement", at("agree")]);
    assert.match(plain.stdout, /^Questions with answers of two people or more: 3; they differ on 1\.\nPeople: ann \(3\), bo \(3\)\.\nAgreement 66\.7 %; Krippendorff's alpha 0\.444 \([^]*ann and bo, 3: agreement 66\.7 %, Cohen's kappa 0\.400\.\n\na\.vqa, one: a\?\n {2}ann: x\n {2}bo: y\n$/);
    assert.equal((await vqa(["agreement", at("survey.vqa")])).code, 2);
  });
});
