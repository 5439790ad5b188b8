/** `vqa eval` as its users start it: the embedded model on real clips, and judges that answer over HTTP and from a GGUF file. */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { vqa } from "../support/cli.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const twins = join(repoRoot, "test/fixtures/twins");

interface Summary {
  readonly models: readonly string[];
  readonly judge?: string;
  readonly scores: { readonly all: { readonly n: number; readonly right: number; readonly failed: number; readonly choices?: object; readonly judge?: { readonly n: number; readonly yes: number; readonly unreadable: number } } };
}

describe("eval", function () {
  this.timeout(180_000);
  const folder = tempFolder(after);
  const at = (name: string): string => join(folder, name);
  const summary = (run: string): Summary => JSON.parse(readFileSync(at(`${run}/eval.json`), "utf8")) as Summary;
  const run = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await vqa(["eval", ...args, "--threads", "1"], { cwd: folder });
    assert.equal(code, 0, stderr);
    return stdout;
  };

  before(() => {
    mkdirSync(at("clips"));
    for (const name of ["red-circle", "blue-square"]) copyFileSync(join(twins, `${name}.mp4`), at(`clips/${name}.mp4`));
    const question = (video: string, id: string, text: string, right: string, other: string): object => ({ video, id, question: text, choices: [other, right], gold: [1], fields: { type: id } });
    writeFileSync(at("choices.jsonl"), [question("red-circle", "colour", "What colour is the circle?", "red", "blue"), question("blue-square", "shape", "What shape is the blue object?", "square", "star")].map((each) => JSON.stringify(each)).join("\n"));
    writeFileSync(at("open.json"), JSON.stringify([{ video_name: "red-circle", Q: "What colour is the circle?", A: "red" }, { video_name: "blue-square", Q: "What colour is the square?", A: "azure" }]));
  });

  it("asks a multiple choice by likelihood and by what is said, and compares the two", async () => {
    assert.match(await run("choices.jsonl", "--videos", "clips", "--out", "weighed"), /^all +2 +2 +100\.0 %/m);
    assert.deepEqual(summary("weighed").scores.all.choices, { n: 2, right: 2, byLikelihood: 2, notRead: 0 });
    const html = readFileSync(at("weighed/report.html"), "utf8");
    assert.doesNotMatch(html, /<script|https?:\/\/(?!www\.w3\.org)/);
    assert.match(html, /Expected calibration error/);
    await run("choices.jsonl", "--videos", "clips", "--out", "said", "--choices", "generate");
    assert.deepEqual({ ...(summary("said").scores.all.choices as object), right: 0, notRead: 0 }, { n: 2, right: 0, byLikelihood: 0, notRead: 0 });
    const compared = JSON.parse(await run("--compare", "weighed", "said", "--json")) as { all: { n: number; test: { first: number; p: number } }; changed: unknown[] };
    assert.equal(compared.all.n, 2);
    assert.equal(compared.changed.length, compared.all.test.first);
    const worse = readFileSync(at("weighed/predictions.jsonl"), "utf8").trim().split("\n").map((line) => ({ ...(JSON.parse(line) as { choices: string[] }), choice: 0, p: undefined }));
    writeFileSync(at("worse.jsonl"), worse.map((each) => JSON.stringify({ ...each, pred: each.choices[0] })).join("\n"));
    await run("--compare", "weighed", "worse.jsonl", "--out", "compared", "--videos", "clips");
    const page = readFileSync(at("compared/compare.html"), "utf8");
    assert.match(page, /McNemar p[^]*Lost by worse\.jsonl \(2\)[^]*data:image\/png;base64,[^]*What colour is the circle\?/);
    assert.doesNotMatch(page, /<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it("makes no folder for what it cannot begin with, and says what a folder without an evaluation is", async () => {
    writeFileSync(at("either.json"), JSON.stringify([{ id: 1, video_id: "red-circle", question: "what is it?", answer: "red" }]));
    const unclear = await vqa(["eval", "either.json", "--videos", "clips", "--out", "unclear"], { cwd: folder });
    assert.deepEqual([unclear.code, existsSync(at("unclear"))], [2, false]);
    assert.match(unclear.stderr, /several formats: msvd-qa, msrvtt-qa/);
    const { code, stderr } = await vqa(["eval", "--compare", "clips", "clips"], { cwd: folder });
    assert.equal(code, 3);
    assert.match(stderr, /clips holds no evaluation\.\n +Name a folder that `vqa eval --out` has written/);
  });

  it("scores what others predicted, alone and against a dataset, and shows what was wrong", async () => {
    writeFileSync(at("theirs.json"), JSON.stringify({ "red-circle": [{ Q: "What colour is the circle?", pred: "It is red.</s>" }] }));
    const { code, stderr } = await vqa(["eval", "open.json", "--predictions", "theirs.json", "--videos", "clips", "--out", "theirs"], { cwd: folder });
    // What was not answered counts as failed.
    assert.equal(code, 1, stderr);
    const { n, right, failed } = summary("theirs").scores.all;
    assert.deepEqual([n, right, failed], [2, 1, 1]);
    writeFileSync(at("alone.jsonl"), '{"id":"a","question":"q?","answer":"yes","pred":"no"}\n{"id":"b","question":"q?","answer":"yes","pred":"yes"}\nnonsense\n');
    assert.match(await run("alone.jsonl", "--out", "alone"), /^all +2 +1 +50\.0 %/m);
    await run("open.json", "--videos", "clips", "--out", "asked");
    assert.match(readFileSync(at("asked/report.html"), "utf8"), /data:image\/png;base64,[^]*alt="blue-square at/);
  });

  it("of NExT-GQA asks about the whole video, and measures whether the part was found", async () => {
    writeFileSync(at("gqa.csv"), "video_id,frame_count,width,height,question,answer,qid,type,a0,a1,a2,a3,a4\nred-circle,20,96,96,What colour is the circle?,red,0,DO,red,blue,green,yellow,cyan\n");
    writeFileSync(at("gqa_gsub.json"), JSON.stringify({ "red-circle": { duration: 2, location: { "0": [[0, 1]] }, fps: 10 } }));
    await run("gqa.csv", "gqa_gsub.json", "--videos", "clips", "--out", "grounded");
    const row = JSON.parse(readFileSync(at("grounded/rows.jsonl"), "utf8")) as { grade: string; iou: number; grounding: object[]; evidence?: { startMs: number; endMs: number }[] };
    assert.deepEqual([row.grade, row.grounding], ["exact", [{ startMs: 0, endMs: 1000 }]]);
    assert.ok((row.evidence ?? []).length > 0 && (row.evidence ?? []).every(({ startMs, endMs }) => startMs >= 0 && endMs >= startMs), JSON.stringify(row));
    assert.match(readFileSync(at("grounded/report.html"), "utf8"), /Where the answer shows/);
  });

  describe("with a judge", () => {
    let server: Server;
    const seen: { authorization: string | undefined; body: string }[] = [];
    let broken = 0;
    before(async () => {
      server = createServer((request, response) => {
        let body = "";
        request.on("data", (chunk: Buffer) => (body += chunk.toString()));
        request.on("end", () => {
          seen.push({ authorization: request.headers.authorization, body });
          if (broken-- > 0) {
            response.writeHead(503).end("busy");
            return;
          }
          const { messages } = JSON.parse(body) as { messages: { content: string }[] };
          const aspect = /Judge one thing alone: (\w+)/.exec(messages[0]?.content ?? "")?.[1];
          const content = aspect !== undefined ? (aspect === "temporal" ? "no idea" : JSON.stringify({ score: aspect === "consistency" ? 5 : 3 })) : messages[1]?.content.includes("azure") === true ? "I cannot tell." : '{"verdict": "yes", "score": 5}';
          response.end(JSON.stringify({ choices: [{ message: { role: "assistant", content } }] }));
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    after(() => server.close());

    it("behind an endpoint: tries again, counts what cannot be read, and asks nothing twice", async () => {
      broken = 1;
      const judge = ["--judge", `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, "--judge-model", "some-judge"];
      const args = ["eval", "open.json", "--videos", "clips", "--out", "judged", "--threads", "1", ...judge];
      const { code, stderr, stdout } = await vqa(args, { cwd: folder, env: { VQA_JUDGE_KEY: "secret" } });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /Judge: 1 of 2 right \(50\.0 %.*1 replies could not be read and count as wrong/);
      assert.match(summary("judged").judge ?? "", /^some-judge at 127\.0\.0\.1:/);
      assert.deepEqual({ n: summary("judged").scores.all.judge?.n, unreadable: summary("judged").scores.all.judge?.unreadable }, { n: 2, unreadable: 1 });
      // One that failed, one that was right, and three tries for the one that cannot be read.
      assert.equal(seen.length, 5);
      assert.ok(seen.every(({ authorization }) => authorization === "Bearer secret"));
      assert.equal((await vqa(args, { cwd: folder })).code, 0);
      assert.equal(seen.length, 5);
    });

    it("scores five aspects, each by itself, and two answers to two wordings together", async () => {
      writeFileSync(at("pairs.json"), JSON.stringify([{ video_name: "v", Q1: "What is there?", Q2: "Which thing is there?", A: "a circle", pred1: "a circle", pred2: "It is round." }]));
      const before = seen.length;
      const judge = ["--judge", `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, "--judge-model", "some-judge", "--judge-retries", "1", "--judge-aspects", "all"];
      const told = await run("pairs.json", "--out", "aspects", ...judge);
      assert.match(told, /^correctness +2 +3\.00 +3\.00 to 3\.00 +0$/m);
      assert.match(told, /^temporal +2 +0\.00 .* 2$/m);
      assert.match(told, /^consistency +1 +5\.00/m);
      assert.match(readFileSync(at("aspects/report.html"), "utf8"), /Five aspects, by the judge[^]*Contextual understanding/);
      // Two verdicts; two of each aspect but consistency, of temporal twice; one of consistency.
      assert.equal(seen.length - before, 2 + 2 * 3 + 2 * 2 + 1);
      await run("pairs.json", "--out", "aspects", ...judge);
      assert.equal(seen.length - before, 13, "what was judged is not asked again");
    });

    it("from a GGUF file: the grammar makes every reply a verdict", async () => {
      await run("open.json", "--videos", "clips", "--out", "local", "--judge", join(repoRoot, "server/models/micro/language.gguf"));
      const { judge, scores } = summary("local");
      assert.match(judge ?? "", /^language\.gguf sha256 [0-9a-f]{12}, node-llama-cpp /);
      assert.equal(scores.all.judge?.n, 2);
    });

    it("says what is wrong with it", async () => {
      for (const [args, code, says] of [
        [["--judge", "http://127.0.0.1:9/v1"], 2, /--judge-model/],
        [["--judge", "judge.bin"], 2, /neither a GGUF file nor an address/],
        [["--judge", "none.gguf"], 4, /none\.gguf cannot be read/],
      ] as const) {
        const ran = await vqa(["eval", "alone.jsonl", "--out", "wrong", ...args], { cwd: folder });
        assert.equal(ran.code, code, ran.stderr);
        assert.match(ran.stderr, says);
      }
    });
  });
});
