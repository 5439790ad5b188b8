/** The command line with an engine elsewhere: asked only where it is named, and said in what it leaves behind. */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { vqa } from "../support/cli.js";
import { FakeEngine } from "../support/fakeEngine.js";
import { LspClient } from "../support/lspClient.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

describe("an engine elsewhere", function () {
  this.timeout(120_000);
  const folder = tempFolder(after);
  const at = (name: string): string => join(folder, name);
  let fake: FakeEngine;
  before(async () => {
    fake = await FakeEngine.start({ key: "secret", say: ({ logprobs }) => (logprobs === true ? { text: "B" } : { text: "a red circle" }) });
    mkdirSync(at("clips"));
    for (const name of ["red-circle", "blue-square"]) copyFileSync(join(repoRoot, `test/fixtures/twins/${name}.mp4`), at(`clips/${name}.mp4`));
  });
  after(() => fake.close());
  const engine = (): readonly string[] => ["--engine", fake.url, "--model", "seer-7b"];
  const run = (args: readonly string[]) => vqa(args, { cwd: folder, env: { VQA_ENGINE_KEY: "secret" } });

  it("answers a question, a notebook, a batch and an evaluation", async () => {
    const asked = await run(["ask", "clips/red-circle.mp4", "What is there?", ...engine()]);
    assert.deepEqual([asked.code, asked.stdout], [0, "a red circle\n"], asked.stderr);
    assert.match(asked.stderr, new RegExp(`^vqa: \\d+ frames left this program, to ${fake.host}\\.$`, "m"));

    writeFileSync(at("notes.vqa"), "VQA 1\nvideo: clips/red-circle.mp4\nmodel: remote\n\nQ: What is there?\n\nQ: Which colour?\n  - [ ] blue\n  - [ ] red\n");
    const ran = await run(["run", "notes.vqa", "--write", ...engine()]);
    assert.equal(ran.code, 0, ran.stderr);
    const text = readFileSync(at("notes.vqa"), "utf8");
    assert.match(text, /: a red circle\n/);
    assert.match(text, /: \(B\) red\n/);
    assert.ok(text.includes(`model: seer-7b@${fake.host}\n`) && text.includes(`remote engine at ${fake.host}`), text);
    assert.ok(!text.includes("secret"));
    const before = fake.asked.length;
    assert.equal((await run(["run", "notes.vqa", "--write", ...engine()])).code, 0);
    assert.equal(fake.asked.length, before, "what is up to date is not asked again");

    const batch = ["batch", "clips", "--question", "What is there?", "--out", "out", ...engine()];
    assert.equal((await run(batch)).code, 0);
    const lines = readFileSync(at("out/predictions.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line) as { pred: string; model: string; notes: string[] });
    assert.deepEqual(lines.map(({ pred, model }) => [pred, model]), [["a red circle", `seer-7b@${fake.host}`], ["a red circle", `seer-7b@${fake.host}`]]);
    assert.match(lines[0]?.notes[0] ?? "", /left this program/);
    assert.ok(!readFileSync(at("out/.vqa-batch/journal.jsonl"), "utf8").includes("secret"));
    const other = await run([...batch.slice(0, -1), "other-7b"]);
    assert.deepEqual([other.code, /other settings/.test(other.stderr)], [2, true], other.stderr);

    writeFileSync(at("choices.jsonl"), JSON.stringify({ video: "red-circle", id: "1", question: "Which colour?", choices: ["blue", "red"], gold: [1] }));
    const evaluated = await run(["eval", "choices.jsonl", "--videos", "clips", "--out", "evaluated", ...engine()]);
    assert.match(evaluated.stdout, /^all +1 +1 +100\.0 %/m, evaluated.stderr);
  });

  it("is never asked without being named on the command line", async () => {
    const before = fake.asked.length;
    writeFileSync(at("sly.vqa"), "VQA 1\nvideo: clips/red-circle.mp4\nmodel: remote\n\nQ: What is there?\n");
    const sly = await run(["run", "sly.vqa"]);
    assert.match(sly.stderr + sly.stdout, /No remote engine is set up here/);
    assert.notEqual(sly.code, 0);
    assert.equal(fake.asked.length, before);
  });

  it("is asked by the server that was told of it, and by no other", async () => {
    const before = fake.asked.length;
    for (const remote of [undefined, { url: fake.url, model: "seer-7b", key: "secret" }]) {
      const client = LspClient.stdio();
      try {
        await client.initialize({}, remote === undefined ? {} : { remote });
        const asked = client.request("vqa/ask", { request: { video: pathToFileURL(at("clips/red-circle.mp4")).href, question: "What is there?" }, model: "remote" }) as Promise<{ text: string }>;
        if (remote === undefined) await assert.rejects(asked, /No remote engine is set up here/);
        else assert.equal((await asked).text, "a red circle");
      } finally {
        await client.shutdown();
      }
    }
    assert.equal(fake.asked.length, before + 1);
  });

  it("is named together with its model, by an address that can be used", async () => {
    for (const [args, says] of [
      [["--engine", fake.url], /needs --model/],
      [["--engine", "http://api.example.com/v1", "--model", "m"], /not encrypted/],
      [["--engine", fake.url, "--model", "m", "--engine-kind", "seer"], /--engine-kind is one of openai, vllm/],
    ] as const) {
      const { code, stderr } = await run(["ask", "clips/red-circle.mp4", "What?", ...args]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, says);
    }
    const { code, stderr } = await vqa(["ask", "clips/red-circle.mp4", "What?", ...engine()], { cwd: folder });
    assert.equal(code, 4, stderr);
    assert.match(stderr, /401: Incorrect API key/);
  });
});
