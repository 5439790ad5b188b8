import assert from "node:assert/strict";
import type { AskRequest } from "../../../server/src/engine/answer.js";
import { VqaError } from "../../../server/src/engine/errors.js";
import { inputId } from "../../../server/src/format/index.js";
import { answerInputs, inputIdOf } from "../../../server/src/engine/inputs.js";
import { createPipeline } from "../../../server/src/engine/pipeline.js";
import type { Cue, Piece, Progress } from "../../../server/src/engine/ports.js";
import { mediaInfo, memoryPack, MemoryCache, MemoryCues, MemoryEncoder, MemoryLanguage, MemorySource } from "./memoryPorts.js";

const CUES: readonly Cue[] = [
  { startMs: 500, endMs: 2000, text: "Hello." },
  { startMs: 9000, endMs: 10_000, text: "The code is 472." },
];

function setUp(over: { language?: MemoryLanguage; cues?: readonly Cue[]; cache?: MemoryCache; source?: MemorySource } = {}) {
  const { pack, language, encoder } = memoryPack({}, over.language, new MemoryEncoder());
  const source = over.source ?? new MemorySource();
  const cache = over.cache ?? new MemoryCache();
  let clock = 0;
  const pipeline = createPipeline({ source, cues: new MemoryCues(over.cues), pack, cache, now: () => clock++, engine: ["vqa test"] });
  return { pipeline, language, encoder, source, cache };
}

const ask = (question: string, over: Partial<AskRequest> = {}): AskRequest => ({ video: "/clips/a.mp4", question, ...over });
const shown = (pieces: readonly Piece[]) => pieces.map((p) => (p.kind === "visual" ? p.embeddings.rows : p.text)).join("|");
const rejects = (promise: Promise<unknown>, code: string) => assert.rejects(promise, (e: VqaError) => e instanceof VqaError && e.code === code);

describe("the pipeline", () => {
  it("answers from the pixels of the last frame it was shown", async () => {
    const { pipeline, language } = setUp({ cues: CUES });
    const deltas: string[] = [];
    const stages: Progress["stage"][] = [];
    const answer = await pipeline.ask(ask("What is there?", { frames: 4 }), {
      onText: (d) => deltas.push(d),
      onProgress: (p) => stages.at(-1) !== p.stage && stages.push(p.stage),
    });
    assert.equal(answer.text, "saw 14");
    assert.equal(deltas.join("").trim(), answer.text);
    assert.deepEqual(stages, ["probe", "subtitles", "frames", "encode", "prefill", "generate"]);
    assert.equal(
      shown(language.opened[0]!.prefix),
      "<s>[INST]|<Img>| 00:02|1|<Cap>| Hello.|<Img>| 00:06|1|<Img>| 00:10|1|<Cap>| The code is 472.|<Img>| 00:14|1",
    );
    assert.equal(shown(language.opened[0]!.questions[0]!), "\nWhat is there?|[/INST]");
    assert.deepEqual(answer.provenance.frameTimesMs, [2000, 6000, 10_000, 14_000]);
    assert.deepEqual(answer.provenance.cuesUsed, CUES);
    assert.equal(answer.provenance.cueSource, "a.srt");
    assert.deepEqual(answer.provenance.engine, ["vqa test", "memory-lm 1", "memory 1"]);
    assert.deepEqual(answer.provenance.notes, []);
    assert.equal(answer.stop, "end");
  });

  it("encodes and prefills a video once for many questions", async () => {
    const { pipeline, language, encoder, source } = setUp();
    const answers = [];
    for (const q of ["One?", "Two?", "And a third, longer one?"]) answers.push(await pipeline.ask(ask(q)));
    assert.equal(encoder.encoded, 8);
    assert.equal(source.requests.length, 1);
    assert.equal(language.opened.length, 1);
    assert.equal(language.opened[0]!.prefilled, 1);
    assert.deepEqual(answers.map((a) => a.timings.featuresCached), [false, true, true]);
    assert.deepEqual(answers.slice(1).map((a) => a.timings.prefillEvaluated), [0, 0]);
    assert.deepEqual(answers[2]!.provenance.frameTimesMs, answers[0]!.provenance.frameTimesMs);
  });

  it("has the first question prefilled by prepare", async () => {
    const { pipeline, language, encoder } = setUp();
    await pipeline.prepare({ video: "/clips/a.mp4" });
    const answer = await pipeline.ask(ask("What?"));
    assert.equal(encoder.encoded, 8);
    assert.equal(language.opened[0]!.prefilled, 1);
    assert.equal(answer.timings.prefillEvaluated, 0);
  });

  it("takes features and real times from the cache of an earlier run", async () => {
    const cache = new MemoryCache();
    const first = await setUp({ cache }).pipeline.ask(ask("What?", { frames: 7 }));
    const second = setUp({ cache });
    const again = await second.pipeline.ask(ask("What?", { frames: 7 }));
    assert.equal(second.encoder.encoded, 0);
    assert.equal(second.source.requests.length, 0);
    assert.equal(again.text, first.text);
    assert.deepEqual(again.provenance, first.provenance);
    assert.equal(again.timings.featuresCached, true);
  });

  it("does not mistake a changed file for the one it knows", async () => {
    const { pipeline, encoder, source } = setUp();
    await pipeline.ask(ask("What?"));
    source.media = mediaInfo({ digest: "d2" });
    await pipeline.ask(ask("What?"));
    assert.equal(encoder.encoded, 16);
  });

  it("shows keyframes once each, with the times that they have", async () => {
    const { pipeline, language } = setUp();
    const answer = await pipeline.ask(ask("What?", { frameMode: "keyframe", frames: 8 }));
    assert.deepEqual(answer.provenance.frameTimesMs, [0, 5000, 10_000, 15_000]);
    assert.equal(shown(language.opened[0]!.prefix), "<s>[INST]|<Img>| 00:00|1|<Img>| 00:05|1|<Img>| 00:10|1|<Img>| 00:15|1");
    assert.equal(answer.text, "saw 15");
  });

  it("looks only into the scope", async () => {
    const { pipeline } = setUp({ cues: CUES });
    const answer = await pipeline.ask(ask("What?", { frames: 2, scope: [{ startMs: 4000, endMs: 6000 }] }));
    assert.deepEqual(answer.provenance.frameTimesMs, [4500, 5500]);
    assert.deepEqual(answer.provenance.cuesUsed, []);
  });

  it("takes the notebook's cues before the file's, and none when they are off", async () => {
    const cues = [{ startMs: 0, endMs: 1000, text: "Mine." }];
    const mine = await setUp({ cues: CUES }).pipeline.ask(ask("What?", { cues }));
    assert.equal(mine.provenance.cueSource, "notebook");
    assert.deepEqual(mine.provenance.cuesUsed, cues);
    const off = await setUp({ cues: CUES }).pipeline.ask(ask("What?", { cues, subtitles: "off" }));
    assert.equal(off.provenance.cueSource, undefined);
    assert.deepEqual(off.provenance.cuesUsed, []);
  });

  it("says what the user should know", async () => {
    const source = new MemorySource(mediaInfo({ warnings: ["truncated after 16.0 s"] }));
    const { pipeline } = setUp({ source });
    const answer = await pipeline.ask(ask("What?", { frames: 90 }));
    assert.equal(answer.provenance.frameTimesMs.length, 16);
    assert.equal(answer.provenance.requestedFrames, 90);
    assert.deepEqual(answer.provenance.notes, [
      "truncated after 16.0 s",
      "Sampled 16 of 90 frames: the model was not trained on more than 16.",
    ]);
  });

  it("takes no more frames than the scope holds, and says so", async () => {
    const { pipeline } = setUp();
    const answer = await pipeline.ask(ask("What?", { scope: [{ startMs: 1000, endMs: 1300 }] }));
    assert.deepEqual(answer.provenance.frameTimesMs, [1000, 1100, 1200]);
    assert.deepEqual(answer.provenance.notes, ["Sampled 3 of 8 frames: the range holds no more."]);
  });

  it("picks the likeliest choice by full text", async () => {
    const { pipeline, language } = setUp();
    const answer = await pipeline.ask(ask("Which?", { choices: ["a long answer", "red", "blue"] }));
    assert.equal(answer.choice, 1);
    assert.equal(answer.text, "red");
    assert.equal(answer.probabilities?.length, 3);
    assert.equal(shown(language.opened[0]!.questions[0]!), "\nWhich?|[/INST]");
  });

  it("hands the decoding options on", async () => {
    const { pipeline, language } = setUp();
    const decode = { temperature: 0.7, seed: 7, maxTokens: 5, repetitionPenalty: 1.5 };
    const answer = await pipeline.ask(ask("What?", { decode }));
    assert.deepEqual(language.opened[0]!.options[0], decode);
    assert.deepEqual(answer.provenance.decode, decode);
  });
});

describe("a stop", () => {
  const partly = (end: "throw" | "return", said = " It is") =>
    new MemoryLanguage(512, 64, async (_, onText, signal) => {
      if (said) onText(said);
      if (!signal!.aborted) await new Promise((resolve) => signal!.addEventListener("abort", resolve));
      if (end === "throw") throw new VqaError("cancelled", "Stopped.");
      return { text: said, tokens: 2, stop: "stopped", firstTokenMs: 0, totalMs: 0 };
    });

  for (const end of ["throw", "return"] as const) {
    it(`after the first words keeps them (the session ${end}s)`, async () => {
      const stop = new AbortController();
      const { pipeline } = setUp({ language: partly(end) });
      const answer = await pipeline.ask(ask("What?"), { onText: () => stop.abort() }, stop.signal);
      assert.equal(answer.text, "It is");
      assert.equal(answer.stop, "stopped");
      assert.equal(answer.timings.answerTokens, 2);
    });
    it(`before the first word is an error (the session ${end}s)`, async () => {
      const stop = new AbortController();
      const { pipeline } = setUp({ language: partly(end, "") });
      const asked = pipeline.ask(ask("What?"), { onProgress: (p) => p.stage === "generate" && setTimeout(() => stop.abort()) }, stop.signal);
      await rejects(asked, "cancelled");
    });
  }

  it("while it waits in line is an error, and the line goes on", async () => {
    const stop = new AbortController();
    const { pipeline, source } = setUp();
    const [first, second, third] = [pipeline.ask(ask("One?")), pipeline.ask(ask("Two?"), {}, stop.signal), pipeline.ask(ask("Three?"))];
    stop.abort();
    await rejects(second, "cancelled");
    assert.equal((await first).text, (await third).text);
    assert.equal(source.probes, 2, "it never began");
  });

  it("between the stages is an error", async () => {
    for (const stage of ["probe", "subtitles", "frames", "encode", "prefill"] as const) {
      const stop = new AbortController();
      const { pipeline, language } = setUp();
      await rejects(pipeline.ask(ask("What?"), { onProgress: (p) => p.stage === stage && stop.abort() }, stop.signal), "cancelled");
      assert.equal(language.opened.flatMap((s) => s.questions).length, 0);
    }
  });
});

describe("what goes wrong", () => {
  it("a session that failed is not used again", async () => {
    const language = new MemoryLanguage(512, 64, async (session) => {
      if (session === language.opened[0]) throw new Error("boom");
      return undefined;
    });
    const { pipeline } = setUp({ language });
    await rejects(pipeline.ask(ask("What?")), "internal");
    assert.equal(language.opened[0]!.disposed, true);
    assert.equal((await pipeline.ask(ask("What?"))).text, "saw 15");
    assert.equal(language.opened.length, 2);
  });

  const invalid: Record<string, Partial<AskRequest>> = {
    "an empty question": { question: " " },
    "no frames": { frames: 0 },
    "half a frame": { frames: 1.5 },
    "one choice": { choices: ["a"] },
    "an empty choice": { choices: ["a", " "] },
    "a negative temperature": { decode: { temperature: -1 } },
    "no tokens": { decode: { maxTokens: 0 } },
    "a fractional seed": { decode: { seed: 0.5 } },
  };
  for (const [what, over] of Object.entries(invalid)) {
    it(`${what} is refused`, () => rejects(setUp().pipeline.ask(ask("What?", over)), "invalid-request"));
  }

  it("a scope beyond the end is refused before anything is decoded", async () => {
    const { pipeline, source } = setUp();
    await rejects(pipeline.ask(ask("What?", { scope: [{ startMs: 20_000, endMs: 21_000 }] })), "time-out-of-range");
    assert.equal(source.requests.length, 0);
  });

  it("a pack whose parts do not fit is refused when it is opened", () => {
    const { pack } = memoryPack({ composer: { name: "minigpt4-video", merge: 2 } });
    const parts = { source: new MemorySource(), cues: new MemoryCues(), cache: new MemoryCache(), now: () => 0, engine: [] };
    assert.throws(() => createPipeline({ ...parts, pack }), (e: VqaError) => e.code === "model-unsupported" && e.message.includes("memory"));
  });
});

describe("the inputs of an answer", () => {
  const inputs = async (over: Partial<AskRequest> = {}) => inputIdOf((await setUp().pipeline.inputs(ask("What?", over))).dependsOn);

  it("are known without decoding", async () => {
    const { pipeline, source } = setUp();
    await pipeline.inputs(ask("What?"));
    assert.equal(source.requests.length, 0);
  });
  it("are the same before the answer and after it, and between processes", async () => {
    const request = ask("Which?", { choices: ["a", "b"], scope: [{ startMs: 0, endMs: 9500 }], frames: 3 });
    const { pipeline } = setUp({ cues: CUES });
    const { dependsOn } = await pipeline.inputs(request);
    const { provenance } = await pipeline.ask(request);
    assert.equal(inputIdOf(dependsOn), inputId(answerInputs(request, provenance)));
    assert.equal(inputIdOf(structuredClone(dependsOn)), inputIdOf(dependsOn));
  });
  const changes: Record<string, Partial<AskRequest>> = {
    question: { question: "Who?" },
    scope: { scope: [{ startMs: 0, endMs: 900 }] },
    choices: { choices: ["a", "b"] },
    frames: { frames: 3 },
    mode: { frameMode: "keyframe" },
    cues: { cues: [{ startMs: 0, endMs: 100, text: "new" }] },
  };
  for (const [what, over] of Object.entries(changes)) {
    it(`change with the ${what}`, async () => assert.notEqual(await inputs(over), await inputs()));
  }
});
