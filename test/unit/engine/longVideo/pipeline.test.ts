import { strict as assert } from "node:assert";
import type { AskRequest } from "../../../../server/src/engine/answer.js";
import { answerInputs, inputIdOf } from "../../../../server/src/engine/inputs.js";
import type { ClipEvent } from "../../../../server/src/engine/longVideo/clipIndex.js";
import { memoryTexts } from "../../../../server/src/engine/longVideo/long.js";
import { LONG_VIDEO, type LongVideoSettings } from "../../../../server/src/engine/longVideo/settings.js";
import { createPipeline, type PipelineParts } from "../../../../server/src/engine/pipeline.js";
import type { Cue, Embedder, Progress, SceneRequest, SceneSource } from "../../../../server/src/engine/ports.js";
import { vqaError } from "../../../support/errors.js";
import { mediaInfo, memoryPack, MemoryCache, MemoryCues, MemoryLanguage, MemorySource } from "../memoryPorts.js";

const HOUR = 3_600_000;
const SETTINGS: LongVideoSettings = { ...LONG_VIDEO, clipMs: 60_000, top: 2 };

/** Vectors of the letters of a text, so that like texts are near. */
class LetterEmbedder implements Embedder {
  readonly width = 128;
  readonly digest = "letters";
  texts = 0;
  async embed(texts: readonly string[]) {
    this.texts += texts.length;
    const data = new Float32Array(texts.length * this.width);
    texts.forEach((text, row) => {
      const own = data.subarray(row * this.width, (row + 1) * this.width);
      for (const letter of text.toLowerCase()) own[letter.charCodeAt(0) % this.width]! += 1;
      const length = Math.hypot(...own) || 1;
      own.forEach((value, i) => (own[i] = value / length));
    });
    return { rows: texts.length, width: this.width, data };
  }
}

class MemoryScenes implements SceneSource {
  readonly requests: SceneRequest[] = [];
  async scenes(request: SceneRequest) {
    this.requests.push(request);
    return { cuts: [], durationMs: HOUR };
  }
}

function setUp(over: { settings?: Partial<LongVideoSettings>; cues?: readonly Cue[]; parts?: Partial<PipelineParts>; language?: MemoryLanguage; embedder?: Embedder | null } = {}) {
  const source = new MemorySource(mediaInfo({ durationMs: HOUR }));
  const { pack, language, encoder } = memoryPack({ longVideo: { ...SETTINGS, ...over.settings } }, over.language ?? new MemoryLanguage(4096, 512));
  const embedder = over.embedder === null ? undefined : (over.embedder ?? new LetterEmbedder());
  const scenes = new MemoryScenes();
  const clips: ClipEvent[] = [];
  const pipeline = createPipeline({
    ...{ source, scenes, cues: new MemoryCues(over.cues), cache: new MemoryCache(), now: () => 0, engine: [] },
    pack: { ...pack, ...(embedder ? { embedder } : {}) },
    ...over.parts,
  });
  return { pipeline, source, language, encoder, embedder, scenes, clips, onClip: (event: ClipEvent) => void clips.push(event) };
}

const ask = (question: string, over: Partial<AskRequest> = {}): AskRequest => ({ video: "/clips/a.mp4", question, ...over });
const CUES: readonly Cue[] = [
  { startMs: 10_000, endMs: 12_000, text: "Hello." },
  { startMs: 2_405_000, endMs: 2_407_000, text: "The code is zzqq." },
];

describe("a long video", () => {
  it("is summarised clip by clip, and the question is asked again on the clips that were found", async () => {
    const { pipeline, source, clips, onClip } = setUp({ cues: CUES });
    const answer = await pipeline.ask(ask("zzqq code"), { onClip });
    assert.equal(clips.length, 60);
    assert.deepEqual([clips[0]!.clip.startMs, clips.at(-1)!.clip.endMs, clips.at(-1)!.done], [0, HOUR, 60]);
    // 8 frames a clip, and 16 (the most) of the two that were found.
    assert.equal(source.requests.length, 61);
    assert.equal(answer.provenance.frameTimesMs.length, 16);
    const [first, ...more] = answer.evidence!;
    assert.deepEqual([first!.kind, first!.startMs, first!.endMs], ["clip", 2_400_000, 2_460_000]);
    assert.equal(more.length, 1);
    const found = answer.evidence!;
    assert.ok(answer.provenance.frameTimesMs.every((time) => found.some(({ startMs, endMs }) => time >= startMs && time < endMs)));
    assert.deepEqual(answer.provenance.frameTimesMs, [...answer.provenance.frameTimesMs].sort((a, b) => a - b));
    assert.ok(answer.provenance.cuesUsed.some(({ text }) => text === "The code is zzqq."));
    assert.equal(answer.provenance.long?.way, "clips");
    assert.match(answer.provenance.notes.join(), /2 of 60 clips/);
  });

  it("is gone through once: the second question decodes nothing of other clips", async () => {
    const { pipeline, source, encoder, scenes, embedder } = setUp({ cues: CUES, settings: { top: 1 } });
    await pipeline.ask(ask("zzqq code"));
    const [decoded, encoded, embedded] = [source.requests.length, encoder.encoded, (embedder as LetterEmbedder).texts];
    await pipeline.ask(ask("zzqq code"));
    assert.deepEqual([source.requests.length, encoder.encoded], [decoded, encoded]);
    const again = await pipeline.ask(ask("Hello."));
    // A clip that is found alone is looked at as for its summary: those features are known.
    assert.deepEqual([source.requests.length, encoder.encoded], [decoded, encoded]);
    assert.ok(again.provenance.frameTimesMs.every((time) => time < 60_000));
    assert.equal((embedder as LetterEmbedder).texts, embedded + 2);
    assert.equal(scenes.requests.length, 1);
  });

  it("goes on where it was stopped, in another process, and loses nothing of what was done", async () => {
    const [texts, cache] = [memoryTexts(), new MemoryCache()];
    const stop = new AbortController();
    const first = setUp({ parts: { texts, cache } });
    await assert.rejects(
      first.pipeline.ask(ask("What?"), { onClip: ({ done }) => done === 20 && stop.abort() }, stop.signal),
      vqaError("cancelled"),
    );
    assert.equal(first.source.requests.length, 20);
    const second = setUp({ parts: { texts, cache } });
    await second.pipeline.ask(ask("What?"));
    assert.equal(second.source.requests.length, 40 + 1);
    assert.equal(second.scenes.requests.length, 0);
    const third = setUp({ parts: { texts, cache } });
    await third.pipeline.ask(ask("What?"));
    assert.equal(third.source.requests.length, 0, "all features are known, too");
  });

  it("is shared by processes that index it at the same time", async () => {
    const texts = memoryTexts();
    // The one that is behind goes on elsewhere, again and again.
    let draws = 0;
    const random = (): number => (draws++ * 0.37) % 1;
    const [a, b] = [setUp({ parts: { texts, random } }), setUp({ parts: { texts, random } })];
    let other: Promise<unknown> | undefined;
    await a.pipeline.index({ video: "/clips/a.mp4" }, { onClip: ({ done }) => void (done === 3 && (other = b.pipeline.index({ video: "/clips/a.mp4" }))) });
    await other;
    const summarised = [a, b].map(({ source }) => source.requests.length);
    assert.ok(Math.min(...summarised) > 10, `${summarised.join(" and ")} of 60 clips`);
    assert.ok(summarised[0]! + summarised[1]! <= 75, `${summarised.join(" and ")} of 60 clips`);
  });

  it("lets other questions by between two clips", async () => {
    const { pipeline } = setUp();
    const order: string[] = [];
    const long = pipeline.ask(ask("What?"), { onClip: ({ done }) => void order.push(`clip ${done}`) }).then(() => order.push("long"));
    const short = pipeline.ask(ask("What?", { scope: [{ startMs: 0, endMs: 5000 }] })).then(() => order.push("short"));
    await Promise.all([long, short]);
    assert.ok(order.indexOf("short") < order.indexOf("clip 5"), order.slice(0, 8).join());
  });

  it("tells how far it is", async () => {
    const { pipeline } = setUp();
    const seen: Progress[] = [];
    await pipeline.ask(ask("What?"), { onProgress: (p) => void seen.push(p) });
    const fractions = seen.flatMap(({ stage, fraction }) => (stage === "index" ? [fraction!] : []));
    assert.deepEqual(fractions, [...fractions].sort((a, b) => a - b));
    assert.equal(fractions.at(-1), 1);
  });

  it("looks through no more than the scope", async () => {
    const { pipeline, clips, onClip } = setUp();
    const scope = [{ startMs: 90_000, endMs: 400_000 }];
    const answer = await pipeline.ask(ask("What?", { scope }), { onClip });
    assert.deepEqual([clips.length, clips[0]!.clip.startMs, clips.at(-1)!.clip.endMs], [6, 60_000, 420_000]);
    assert.ok(answer.provenance.frameTimesMs.every((time) => time >= 90_000 && time < 400_000));
  });

  it("is answered like a short one where the request says so, and where the pack has no embedder, which is said", async () => {
    const off = setUp();
    const plain = await off.pipeline.ask(ask("What?", { long: "off" }));
    assert.deepEqual([off.source.requests.length, plain.provenance.frameTimesMs.length, plain.provenance.long, plain.evidence], [1, 8, undefined, undefined]);
    const without = setUp({ embedder: null });
    const spread = await without.pipeline.ask(ask("What?"));
    assert.match(spread.provenance.notes.join(), /no sentence embedder/);
    await assert.rejects(without.pipeline.ask(ask("What?", { long: "clips" })), vqaError("model-unsupported"));
  });

  it("shows the cue that was found, however many others there are", async () => {
    const many = Array.from({ length: 400 }, (_, i): Cue => ({ startMs: 2_400_000 + i * 100, endMs: 2_400_050 + i * 100, text: `word ${i}.` }));
    const { pipeline } = setUp({ cues: [...many, { startMs: 2_459_000, endMs: 2_459_900, text: "The code is zzqq." }] });
    const answer = await pipeline.ask(ask("zzqq code"));
    assert.ok(answer.provenance.cuesUsed.some(({ text }) => text === "The code is zzqq."));
    assert.match(answer.provenance.notes.join(), /Left out \d+ of the \d+ subtitles of these clips/);
  });

  it("has times of the clips in its prompts and times of the video in its answers, where the pack says so", async () => {
    const language = new MemoryLanguage(4096, 512, async (session, onText) => {
      const summary = session.options.at(-1)!.maxTokens === SETTINGS.summary.maxTokens;
      const text = summary ? "a thing at 00:03" : "at 00:03";
      for (const piece of text.match(/../g)!) onText(piece);
      return { text, tokens: 3, stop: "end", firstTokenMs: 0, totalMs: 0 };
    });
    const { pipeline, clips, onClip } = setUp({ language, settings: { clock: "clips", top: 1 }, cues: CUES });
    let streamed = "";
    const answer = await pipeline.ask(ask("zzqq code"), { onClip, onText: (delta) => (streamed += delta) });
    assert.equal(clips[2]!.clip.summary, "a thing at 02:03");
    assert.equal(answer.text, "at 40:03");
    assert.equal(streamed.trim(), "at 40:03");
    const times = language.opened.at(-1)!.prefix.flatMap((p) => (p.kind === "text" ? (p.text.match(/\d\d:\d\d/g) ?? []) : []));
    assert.deepEqual([times[0], times.at(-1)], ["00:03", "00:56"]);
  });

  it("has the same inputs before an answer and after it, and others when a subtitle changes", async () => {
    const request = ask("zzqq code");
    const { pipeline, source } = setUp({ cues: CUES });
    const before = await pipeline.inputs(request);
    assert.equal(before.plan, undefined);
    assert.equal(source.requests.length, 0, "nothing is looked at for it");
    const answer = await pipeline.ask(request);
    const after = { ...answerInputs(request, answer.provenance) };
    assert.equal(inputIdOf(after), inputIdOf(before.dependsOn));
    const changed = await setUp({ cues: [...CUES, { startMs: HOUR - 5000, endMs: HOUR - 1000, text: "Bye." }] }).pipeline.inputs(request);
    assert.notEqual(inputIdOf(changed.dependsOn), inputIdOf(before.dependsOn));
    const whole = await pipeline.inputs({ ...request, long: "summaries" });
    assert.notEqual(inputIdOf(whole.dependsOn), inputIdOf(before.dependsOn));
  });
});

describe("a question about the whole of a long video", () => {
  const telling = (contextSize: number) =>
    new MemoryLanguage(contextSize, 512, async (session) => {
      const visual = session.prefix.some((piece) => piece.kind === "visual");
      const texts = session.prefix.flatMap((piece) => (piece.kind === "text" ? [piece.text] : []));
      return { text: visual ? ` seen` : ` told of ${texts.filter((text) => /\d\d:\d\d/.test(text)).length}`, tokens: 3, stop: "end", firstTokenMs: 0, totalMs: 0 };
    });

  it("is answered from the summaries of all clips, in the order of time, and says so", async () => {
    const language = telling(4096);
    const { pipeline, source } = setUp({ language });
    const answer = await pipeline.ask(ask("Summarise the video."));
    assert.equal(answer.text, "told of 60");
    assert.equal(source.requests.length, 60);
    assert.deepEqual(answer.provenance.frameTimesMs, []);
    assert.equal(answer.provenance.long?.way, "summaries");
    assert.match(answer.provenance.notes.join(), /summaries of all 60 clips; no frame/);
    const times = language.opened[0]!.prefix.flatMap((p) => (p.kind === "text" ? (p.text.match(/\d\d:\d\d/g) ?? []) : []));
    assert.deepEqual(times, [...times].sort());
  });

  it("summarises summaries that do not fit, so that none is left out", async () => {
    const { pipeline } = setUp({ language: telling(120), settings: { summary: { question: "Sum up.", maxTokens: 20 } } });
    const answer = await pipeline.ask(ask("Summarise the video.", { decode: { maxTokens: 20 } }));
    assert.match(answer.provenance.notes.join(), /which were summarised again/);
    assert.match(answer.text, /^told of \d+$/);
  });

  it("chooses among choices", async () => {
    const { pipeline } = setUp({ language: telling(4096) });
    const answer = await pipeline.ask(ask("How many in total?", { choices: ["seventeen", "two"] }));
    assert.deepEqual([answer.choice, answer.text], [1, "two"]);
  });
});
