import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { CheckResult, EvidenceResult, RunResult } from "../../server/src/protocol/asking.js";
import type { Answer } from "../../server/src/protocol/values.js";
import { LspClient } from "../support/lspClient.js";
import { repoRoot } from "../support/repo.js";

const uri = pathToFileURL(join(repoRoot, "media/demo/in-cells.vqa")).href;
const notebook = "VQA 1\nvideo: shapes.mp4\n\nQ q1: What is the code?\nA: 472\n\nQ q2 @00:00..00:08: Where is the green star?\n  - [ ] top left\n  - [x] top right\n";

describe("a notebook that is not open as text", function () {
  this.timeout(120_000);
  let client: LspClient;
  beforeEach(async () => {
    client = LspClient.stdio();
    await client.initialize();
  });
  afterEach(() => client.kill());

  const run = (text: string, questions: readonly number[]): Promise<RunResult> => client.request<RunResult>("vqa/run", { textDocument: { uri }, text, questions });
  const check = (text: string, freshness: boolean): Promise<CheckResult> => client.request<CheckResult>("vqa/check", { textDocument: { uri }, text, freshness });
  const states = ({ questions }: CheckResult): unknown => questions.map(({ id, state }) => `${id} ${state}`);

  it("has a say in questions that are asked beside it: its settings and its cues", async () => {
    const text = "VQA 1\nvideo: shapes.mp4\nsampling: uniform 3\nmax-tokens: 7\n\n00:01.000 --> 00:02.000\nThe code is 815.\n";
    const ask = (under: object): Promise<Answer> => client.request<Answer>("vqa/ask", { request: { video: join(repoRoot, "media/demo/shapes.mp4"), question: "What is the code?" }, ...under });
    const { text: said, provenance } = await ask({ under: { textDocument: { uri }, text } });
    assert.deepEqual([said, provenance.requestedFrames, provenance.decode.maxTokens, provenance.cuesUsed.map((cue) => cue.text)], ["815", 3, 7, ["The code is 815."]]);
    assert.notEqual((await ask({})).provenance.requestedFrames, 3);
    await assert.rejects(ask({ under: { textDocument: { uri }, text: "VQA 1\nvideo: shapes.mp4\nsampling: all\n" } }), /sampling: all/);
  });

  it("is answered, and its answers are fresh until what they depend on changes", async () => {
    const { edits, results } = await run(notebook, [0]);
    assert.deepEqual(results.map(({ id, error }) => [id, error]), [["q1", undefined]]);
    const text = TextDocument.applyEdits(TextDocument.create(uri, "vqa", 0, notebook), edits.map((e) => ({ range: e.range, newText: e.newText })));
    assert.match(text, /^M [0-9a-f]{8} [0-9a-f]{12} .*: \S/m);

    const evidence = (of: string): Promise<EvidenceResult> => client.request<EvidenceResult>("vqa/evidence", { textDocument: { uri }, text: of, question: 0 });
    const saw = await evidence(text);
    assert.ok(text.includes(` ${saw.inputs} `), "the id of inputs is that of the answer");
    const { provenance } = results[0]?.answer ?? {};
    assert.deepEqual([saw.outlook?.frameTimesMs, saw.outlook?.cues], [provenance?.frameTimesMs, provenance?.cuesUsed]);
    assert.notEqual((await evidence(text.replace("Q q1: ", "Q q1: Please tell: "))).inputs, saw.inputs);

    assert.equal(saw.weighed, undefined, "nothing is weighed that nobody asked for");
    const weigh = (onlyFor: string): Promise<EvidenceResult> => client.request<EvidenceResult>("vqa/evidence", { textDocument: { uri }, text, question: 0, weigh: true, onlyFor });
    const { weighed } = await weigh(saw.inputs);
    assert.equal(weighed?.text, results[0]?.answer?.text);
    // The question is about a code that is said: without the subtitle with it the answer is lost.
    assert.deepEqual([weighed?.evidence[0]?.kind, (weighed?.evidence[0]?.score ?? 0) > 0.1], ["cue", true]);
    assert.equal(weighed?.evidence.length, (provenance?.frameTimesMs.length ?? 0) + (provenance?.cuesUsed.length ?? 0));
    assert.equal((await weigh("000000000000")).weighed, undefined, "another answer is not weighed for this one");

    const { questions, score } = await check(text, true);
    assert.deepEqual(states({ questions, score }), ["q1 fresh", "q2 unanswered"]);
    assert.equal(questions[0]?.grade, results[0]?.grade);
    assert.deepEqual(score, { right: results[0]?.grade === "wrong" ? 0 : 1, graded: 1 });

    assert.deepEqual(states(await check(text, false)), ["q1 unknown", "q2 unanswered"]);
    assert.deepEqual(states(await check(text.replace("What is the code?", "Where are they going?"), true)), ["q1 stale", "q2 unanswered"]);
    assert.deepEqual(states(await check(text.replace("VQA 1\n", "VQA 1\nseed: 7\n"), true)), ["q1 stale", "q2 unanswered"]);
    assert.deepEqual(states(await check(text.replace(/model: .*/, "model: other"), false)), ["q1 tampered", "q2 unanswered"]);
  });

  it("is looked at without starting a model when nobody wants to know what is fresh", async () => {
    await check(notebook, false);
    assert.equal((await client.request<{ worker: { starts: number } }>("vqa/status", {})).worker.starts, 0);
  });
});
