/** What is said in a video, over the wire and on the command line. `spoken.mp4` has three sentences and no subtitles. */
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ProgressType } from "vscode-jsonrpc/node";
import { readVtt } from "../../server/src/format/index.js";
import type { Answer } from "../../server/src/engine/answer.js";
import type { TranscribePartial, TranscribeResult } from "../../server/src/protocol/media.js";
import { vqa } from "../support/cli.js";
import { LspClient, refusal } from "../support/lspClient.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const spoken = join(repoRoot, "test/fixtures/speech/spoken.mp4");
const silent = join(repoRoot, "test/fixtures/twins/red-circle.mp4");
const SAID = ["My name is Maria.", "We live in London.", "I like to eat soup."];
const ONE = ["--threads", "1"];

describe("vqa/transcribe", function () {
  this.timeout(120_000);
  let client: LspClient;
  afterEach(() => client.kill());
  const start = async (options: object = { threads: 1 }): Promise<void> => {
    client = LspClient.stdio();
    await client.initialize({ window: { workDoneProgress: true } }, options);
  };

  it("sends cues as they are heard and all of them at the end, in time order, with their source", async () => {
    await start();
    const heard: string[] = [];
    const stages = new Set<string>();
    client.connection.onProgress(new ProgressType<TranscribePartial>(), "heard", (partial) => {
      if (partial.kind === "cues") heard.push(...partial.cues.map(({ text }) => text));
      else stages.add(partial.progress.stage);
    });
    const { cues, source, outcome, language, notes } = await client.request<TranscribeResult>("vqa/transcribe", { video: pathToFileURL(spoken).href, partialResultToken: "heard" });
    assert.deepEqual([cues.map(({ text }) => text), source, outcome, language], [SAID, "speech: whisper-micro", "speech", "en"]);
    assert.deepEqual(notes, []);
    assert.deepEqual(heard, SAID);
    assert.ok(stages.has("speech"), [...stages].join());
    assert.ok(cues.every(({ startMs, endMs }, i) => startMs < endMs && startMs >= (cues[i - 1]?.startMs ?? 0)));
  });

  it("listens to a part of it, where a cue stays inside", async () => {
    await start();
    const { cues } = await client.request<TranscribeResult>("vqa/transcribe", { video: spoken, scope: [{ startMs: 3000, endMs: 5500 }], languages: ["en"] });
    assert.deepEqual(cues.map(({ text }) => text), SAID.slice(1, 2));
    assert.ok(cues[0]!.startMs >= 3000 && cues[0]!.endMs <= 5500);
  });

  it("says why there is nothing, and refuses what is no video", async () => {
    await start();
    const { cues, outcome, notes } = await client.request<TranscribeResult>("vqa/transcribe", { video: silent });
    assert.deepEqual([cues, outcome, notes], [[], "no-sound", ["The video has no sound track: nothing can be heard."]]);
    assert.equal((await refusal(client.request("vqa/transcribe", { video: join(repoRoot, "none.mp4") }))).error?.code, "video-not-found");
    assert.equal((await refusal(client.request("vqa/transcribe", { video: spoken, scope: "all" }))).rpc, -32602);
  });

  it("the setting of the server holds where a question says nothing of it", async () => {
    await start({ threads: 1, listen: "off" });
    const ask = async (speech: object): Promise<Answer> => client.request<Answer>("vqa/ask", { request: { video: spoken, question: "What is the name?", ...speech } });
    const deaf = await ask({});
    assert.deepEqual([deaf.provenance.cueSource, deaf.provenance.cuesUsed], [undefined, []]);
    const hearing = await ask({ speech: "auto" });
    assert.deepEqual([hearing.text, hearing.provenance.cueSource], ["Maria", "speech: whisper-micro"]);
  });
});

describe("vqa transcribe", function () {
  this.timeout(120_000);
  const folder = tempFolder(after);
  const at = (name: string): string => join(folder, name);
  before(() => copyFileSync(spoken, at("spoken.mp4")));

  it("prints WebVTT whose note names the source, and what it did on standard error", async () => {
    const { code, stdout, stderr } = await vqa(["transcribe", at("spoken.mp4"), ...ONE]);
    assert.equal(code, 0, stderr);
    const { blocks } = readVtt(stdout);
    assert.deepEqual(blocks.flatMap((block) => (block.kind === "cue" ? [block.lines.join(" ")] : [])), SAID);
    assert.match(stdout, /whisper-micro/);
    assert.match(stderr, /^vqa: speech: whisper-micro, 3 cues$/m);
  });

  it("writes SubRip or a notebook by the ending, and listens only to a part", async () => {
    for (const name of ["a.srt", "a.vqa"]) {
      const { code, stdout } = await vqa(["transcribe", at("spoken.mp4"), "--range", "00:03..00:08", "--output", at(name), ...ONE]);
      assert.deepEqual([code, stdout], [0, ""]);
      const text = readFileSync(at(name), "utf8");
      for (const [i, line] of SAID.entries()) assert.equal(text.includes(line), i > 0, text);
    }
    assert.match(readFileSync(at("a.srt"), "utf8"), /^1\n00:00:03,\d+ --> 00:00:0\d,\d+\nWe live/);
    assert.match(readFileSync(at("a.vqa"), "utf8"), /^VQA 1\nvideo: spoken\.mp4\n\n00:00:03\.\d+ --> /);
  });

  it("gives JSON with the outcome, and holds a video without sound for no error", async () => {
    const { code, stdout } = await vqa(["transcribe", silent, "--json", ...ONE]);
    const { cues, outcome, warnings } = JSON.parse(stdout) as { cues: []; outcome: string; warnings: string[] };
    assert.deepEqual([code, cues, outcome, warnings], [0, [], "no-sound", ["The video has no sound track: nothing can be heard."]]);
  });

  it("says what is wrong with the command line, and which file is none", async () => {
    for (const wrong of [["--range", "soon"], ["--format", "doc"]]) assert.equal((await vqa(["transcribe", at("spoken.mp4"), ...wrong])).code, 2, wrong.join(" "));
    assert.equal((await vqa(["transcribe"])).code, 2);
    const { code, stderr } = await vqa(["transcribe", at("none.mp4")]);
    assert.ok(code !== 0 && stderr.includes("none.mp4"), stderr);
  });

  it("a notebook's header decides whether its questions are answered from what is said", async () => {
    const answer = async (header: string, ...options: string[]): Promise<string> => {
      writeFileSync(at("notes.vqa"), `VQA 1\nvideo: spoken.mp4\n${header}\nQ q1: What is the name?\n`);
      const { code, stdout, stderr } = await vqa(["run", at("notes.vqa"), ...ONE, ...options]);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    assert.match(await answer(""), /Maria/);
    assert.doesNotMatch(await answer("speech: off\n"), /Maria/);
    assert.doesNotMatch(await answer("speech: auto\n", "--no-speech"), /Maria/);
  });
});
