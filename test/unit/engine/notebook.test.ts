import assert from "node:assert/strict";
import type { Answer, AskRequest } from "../../../server/src/engine/answer.js";
import { cancelled, VqaError } from "../../../server/src/engine/errors.js";
import { runNotebook, type Asker, type NotebookEvents, type NotebookRun } from "../../../server/src/engine/notebook.js";
import { createPipeline, type AskEvents } from "../../../server/src/engine/pipeline.js";
import { applyEdits, parse, readNotebook } from "../../../server/src/format/index.js";
import { memoryPack, MemoryCache, MemoryCues, MemorySource } from "./memoryPorts.js";

const TEXT = `VQA 1
video: ../clips/a.mp4
model: memory
sampling: uniform 4

# Colours

Q q1: What is there?
A ann: saw 14

@ 00:00:04.000..00:00:06.000 the middle

Q q2 @00:00:00.000..00:00:02.000: And here?
A ann: saw 9

Q q3: Which?
  - [ ] a long answer
  - [x] red

Q q4 @00:01:00.000: Too late?
A ann: never
`;

function setUp(over: { now?: string } = {}) {
  const { pack } = memoryPack();
  const asked: AskRequest[] = [];
  const pipeline = createPipeline({ source: new MemorySource(), cues: new MemoryCues(), pack, cache: new MemoryCache(), now: () => 0, engine: ["vqa test"] });
  const asker: Asker & { override?: (request: AskRequest, events: AskEvents, signal?: AbortSignal) => Promise<Answer> | undefined } = {
    ask: async (request, events, signal) => {
      asked.push(request);
      return (await asker.override?.(request, events, signal)) ?? pipeline.ask(request, events, signal);
    },
    inputs: async (request, signal) => (await pipeline.inputs(request, signal)).dependsOn,
  };
  const run = (text: string, over: Partial<NotebookRun> = {}, events: NotebookEvents = {}, signal?: AbortSignal) =>
    runNotebook({ text, name: "notes.vqa", questions: "all", ...over }, parts, events, signal);
  const parts = { asker, resolveVideo: (written: string) => `/notes/${written}`, date: () => over.now ?? "2026-01-02T03:04:05Z" };
  return { run, asked, asker };
}

const machineLines = (text: string) => text.split("\n").filter((line) => line.startsWith("M "));
const unreadable = (promise: Promise<unknown>, part: string) =>
  assert.rejects(promise, (e: VqaError) => e.code === "notebook-unreadable" && e.message.includes("notes.vqa") && e.message.includes(part) && e.next !== "");

describe("a notebook run", () => {
  it("asks in order and writes answers and their run, and nothing else", async () => {
    const { run, asked } = setUp();
    const seen: string[] = [];
    const result = await run(TEXT, {}, {
      onStarted: (q, of) => seen.push(`start ${q}/${of}`),
      onText: (q, delta) => seen.push(`text ${q}${delta}`),
      onFinished: (o) => seen.push(`end ${o.question} ${o.error?.code ?? o.grade}`),
    });
    assert.deepEqual(seen, [
      "start 0/4", "text 0 saw", "text 0 14", "end 0 exact",
      "start 1/4", "text 1 saw", "text 1 1", "end 1 wrong",
      "start 2/4", "text 2red", "end 2 exact",
      "start 3/4", "end 3 time-out-of-range",
    ]);
    assert.deepEqual(asked.map((r) => [r.video, r.frames, r.subtitles, r.scope]), [
      ["/notes/../clips/a.mp4", 4, "auto", undefined],
      ["/notes/../clips/a.mp4", 4, "auto", [{ startMs: 0, endMs: 2000 }]],
      ["/notes/../clips/a.mp4", 4, "auto", [{ startMs: 4000, endMs: 6000 }]],
      ["/notes/../clips/a.mp4", 4, "auto", [{ startMs: 60_000, endMs: 60_000 }]],
    ]);
    assert.deepEqual([result.score.right, result.score.graded], [2, 4]);

    const after = applyEdits(TEXT, result.edits);
    const kept = after.split("\n").filter((line) => !/^(M |RUN | {2}[a-z0-9.]+: )/.test(line));
    assert.deepEqual(kept.filter(Boolean), TEXT.split("\n").filter(Boolean));
    const notebook = readNotebook(parse(after));
    assert.deepEqual(notebook.questions.map((q) => q.answers.map((a) => a.text)), [["saw 14"], ["saw 1"], ["(B) red"], []]);
    assert.deepEqual(notebook.questions[2]!.answers[0]!.fields.map((f) => f.key), ["t", "p"]);
    assert.equal(notebook.runs.length, 1);
    assert.match(after, /\n {2}model: memory\n/);
    assert.match(after, /\n {2}decode: temperature=0 seed=42 max-tokens=64\n/);
  });

  it("asks nothing twice, and a forced run changes no byte where nothing changed", async () => {
    const { run, asked } = setUp();
    const once = applyEdits(TEXT, (await run(TEXT)).edits);
    asked.length = 0;
    const again = await run(once);
    assert.deepEqual(asked.map((r) => r.question), ["Too late?"]);
    assert.deepEqual(again.outcomes.map((o) => o.kept?.text), ["saw 14", "saw 1", "(B) red", undefined]);
    assert.deepEqual(again.outcomes.map((o) => o.grade), ["exact", "wrong", "exact", "wrong"]);
    assert.deepEqual(again.edits, []);
    const forced = await setUp({ now: "2030-01-01T00:00:00Z" }).run(once, { force: true });
    assert.equal(applyEdits(once, forced.edits), once);
  });

  it("asks again what has become stale, and only that", async () => {
    const { run, asked } = setUp();
    const once = applyEdits(TEXT, (await run(TEXT)).edits);
    asked.length = 0;
    const changed = once.replace("And here?", "And there?");
    const result = await run(changed, { questions: "stale" });
    assert.deepEqual(asked.map((r) => r.question), ["And there?", "Too late?"]);
    const twice = applyEdits(changed, result.edits);
    assert.equal(machineLines(twice).length, 3);
    assert.notDeepEqual(machineLines(twice), machineLines(once));
  });

  for (const [what, from, to] of [
    ["the sampling", "uniform 4", "uniform 3"],
    ["the decoding", "sampling:", "temperature: 0.5\nsampling:"],
    ["a subtitle", "# Colours", "00:00:00.000 --> 00:00:01.000\nHello.\n\n# Colours"],
  ] as const) {
    it(`takes no answer for up to date after ${what} changed`, async () => {
      const { run, asked } = setUp();
      const once = applyEdits(TEXT, (await run(TEXT)).edits);
      asked.length = 0;
      await run(once.replace(from, to));
      assert.ok(asked.some((r) => r.question === "What is there?"));
    });
  }

  it("takes no answer for up to date whose run was altered", async () => {
    const { run, asked } = setUp();
    const once = applyEdits(TEXT, (await run(TEXT)).edits);
    asked.length = 0;
    await run(once.replace("  model: memory", "  model: better"));
    assert.equal(asked.length, 4);
  });

  it("asks chosen questions even when they are up to date", async () => {
    const { run, asked } = setUp();
    const once = applyEdits(TEXT, (await run(TEXT)).edits);
    asked.length = 0;
    await run(once, { questions: [2, 0] });
    assert.deepEqual(asked.map((r) => r.question), ["What is there?", "Which?"]);
  });

  it("goes on after a failure", async () => {
    const { run, asker } = setUp();
    asker.override = (request) => {
      if (request.question === "What is there?") throw new VqaError("worker-crashed", "The worker died.", "Ask again.");
      return undefined;
    };
    const { outcomes, edits, stopped } = await run(TEXT);
    assert.deepEqual(outcomes.map((o) => o.error?.code), ["worker-crashed", undefined, undefined, "time-out-of-range"]);
    assert.equal(machineLines(applyEdits(TEXT, edits)).length, 2);
    assert.equal(stopped, false);
  });

  it("keeps what was answered before a stop, and not the answer that was cut off", async () => {
    for (const partial of [true, false]) {
      const stop = new AbortController();
      const { run, asker, asked } = setUp();
      asker.override = async (request) => {
        if (request.question !== "And here?") return undefined as never;
        stop.abort();
        if (!partial) throw cancelled();
        const whole = await setUp().asker.ask(request, {});
        return { ...whole, text: "saw", stop: "stopped" };
      };
      const result = await run(TEXT, {}, {}, stop.signal);
      assert.equal(result.stopped, true);
      assert.equal(asked.length, 2);
      assert.deepEqual(readNotebook(parse(applyEdits(TEXT, result.edits))).questions.map((q) => q.answers.length), [1, 0, 0, 0]);
    }
  });

  it("takes settings of the call before those of the header", async () => {
    const { run, asked } = setUp();
    await run(TEXT.replace("sampling:", "seed: 3\ncontext: none\nsampling:"), { questions: [0], settings: { frames: 2, decode: { maxTokens: 9 } } });
    const { frames, subtitles, decode } = asked[0]!;
    assert.deepEqual({ frames, subtitles, decode }, { frames: 2, subtitles: "off", decode: { seed: 3, maxTokens: 9 } });
  });

  it("reads the system and what it may hear from the header, and refuses what it cannot read", async () => {
    const { run, asked } = setUp();
    const written = (lines: string): string => TEXT.replace("sampling:", `${lines}\nsampling:`);
    await run(written("composer: longvlm\naudio: off"), { questions: [0] });
    assert.deepEqual([asked[0]!.composer, asked[0]!.audio], ["longvlm", "off"]);
    await run(written("composer: longvlm"), { questions: [0], settings: { composer: "red-villm" } });
    assert.deepEqual([asked[1]!.composer, asked[1]!.audio], ["red-villm", undefined]);
    await run(written("speech: off"), { questions: [0] });
    await run(written("speech: off"), { questions: [0], settings: { speech: "auto" } });
    assert.deepEqual([asked[0]!.speech, asked[2]!.speech, asked[3]!.speech], [undefined, "off", "auto"]);
    await assert.rejects(run(written("speech: loud"), { questions: [0] }), (e: VqaError) => e.code === "notebook-unreadable" && e.message.includes("speech: loud"));
    await assert.rejects(run(written("audio: loud"), { questions: [0] }), (e: VqaError) => e.code === "notebook-unreadable" && e.message.includes("audio: loud"));
  });

  it("reads how frames are chosen, records it, and lets the call choose otherwise", async () => {
    const { run, asked } = setUp();
    const text = TEXT.replace("uniform 4", "fps 0.25 max 3");
    const once = applyEdits(text, (await run(text, { questions: [0] })).edits);
    assert.deepEqual([asked[0]!.strategy, asked[0]!.rate, asked[0]!.frames, asked[0]!.frameMode], ["fps", 0.25, 3, "exact"]);
    assert.match(once, /^ {2}sampling: fps 0\.25 max 3$/m);
    await run(text, { questions: [0], settings: { frames: 2, frameMode: "exact" } });
    assert.deepEqual([asked[1]!.strategy, asked[1]!.rate, asked[1]!.frames], [undefined, undefined, 2]);
    await run(text, { questions: [0], settings: { frames: 2 } });
    assert.deepEqual([asked[2]!.strategy, asked[2]!.rate, asked[2]!.frames], ["fps", 0.25, 2]);
    const faster = text.replace("0.25", "0.5");
    assert.notEqual(machineLines(applyEdits(faster, (await run(faster, { questions: [0] })).edits))[0], machineLines(once)[0]);
  });

  it("reads keyframe sampling and the notebook's own cues", async () => {
    const { run, asked } = setUp();
    await run(`VQA 1\nvideo: a.mp4\nsampling: uniform 2 keyframe\n\n00:01.000 --> 00:02.000\n<v Ann>Look!\n\nQ: Well?\n`);
    assert.equal(asked[0]!.frameMode, "keyframe");
    assert.deepEqual(asked[0]!.cues, [{ startMs: 1000, endMs: 2000, text: "Look!" }]);
  });

  it("reports a question that cannot be asked", async () => {
    const { outcomes } = await setUp().run("VQA 1\nvideo: a.mp4\n\nQ q1 @:\n\nQ q2:\n\nQ q3: Well?\n");
    assert.equal(outcomes.at(-1)!.answer?.text, "saw 15");
    assert.ok(outcomes.slice(0, -1).every((o) => o.error?.code === "invalid-request"));
    assert.deepEqual(outcomes.map((o) => o.grade), outcomes.map(() => "ungraded"));
  });
});

describe("a notebook that cannot be run", () => {
  const cases: Record<string, [text: string, part: string]> = {
    "without a video": ["VQA 1\n\nQ: Well?\n", "no video"],
    "with two videos": ["VQA 1\nvideo: a.mp4\nvideo: b.mp4\n\nQ: Well?\n", "2 videos"],
    "of a later version": ["VQA 9\nvideo: a.mp4\n\nQ: Well?\n", "version 9"],
    "with an unknown sampling": ["VQA 1\nvideo: a.mp4\nsampling: random 3\n\nQ: Well?\n", "random 3"],
    "with an unknown context": ["VQA 1\nvideo: a.mp4\ncontext: everything\n\nQ: Well?\n", "everything"],
    "with a seed that is no number": ["VQA 1\nvideo: a.mp4\nseed: tree\n\nQ: Well?\n", "tree"],
  };
  for (const [what, [text, part]] of Object.entries(cases)) {
    it(`${what} is refused before anything is asked`, async () => {
      const { run, asked } = setUp();
      await unreadable(run(text), part);
      assert.equal(asked.length, 0);
    });
  }
  it("has no question of that number", () => unreadable(setUp().run(TEXT, { questions: [4] }), "question 5"));
});
