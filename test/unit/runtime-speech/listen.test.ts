import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AudioSource, Cue, SpeechRecogniser } from "../../../server/src/engine/ports.js";
import { activity } from "../../../server/src/runtime/speech/activity.js";
import { createSpeechSource } from "../../../server/src/runtime/speech/source.js";
import { DiskTranscripts } from "../../../server/src/runtime/speech/store.js";
import { printSrt, printVtt } from "../../../server/src/runtime/speech/vtt.js";
import { tempFolder } from "../../support/tempFolder.js";
import { mediaInfo } from "../engine/memoryPorts.js";

const AUDIO = [{ index: 1, codec: "aac", sampleRate: 16_000, channels: 1 }];

/** Sound of `lengthMs` that is loud in these ranges. */
function sound(lengthMs: number, loud: readonly (readonly [number, number])[]): AudioSource {
  return {
    pcm16k: async (_path, startMs, endMs) => {
      const samples = new Float32Array(Math.round((Math.min(endMs, lengthMs) - startMs) * 16));
      for (const [from, to] of loud) {
        for (let i = Math.max(0, Math.round((from - startMs) * 16)); i < Math.min(samples.length, (to - startMs) * 16); i++) samples[i] = 0.3 * Math.sin(i / 3);
      }
      return samples;
    },
  };
}

/** Hears a word wherever it is loud; what its window cuts is left for the next. */
class LoudnessRecogniser implements SpeechRecogniser {
  readonly name = "loud";
  readonly digest = "loud 1";
  readonly windowMs = 30_000;
  heard: number[] = [];
  async hear(samples: Float32Array) {
    const lengthMs = samples.length / 16;
    this.heard.push(lengthMs);
    const spans = activity(samples);
    const whole = spans.filter(({ endMs }) => endMs < lengthMs || lengthMs < this.windowMs);
    const cues: Cue[] = whole.map(({ startMs, endMs }) => ({ ...{ startMs, endMs }, text: "word" }));
    return { cues, settledMs: whole.length < spans.length && whole.length > 0 ? whole.at(-1)!.endMs : lengthMs, language: "en" };
  }
  async dispose(): Promise<void> {}
}

const within = (cues: readonly Cue[], wanted: readonly (readonly [number, number])[]): void => {
  assert.equal(cues.length, wanted.length, JSON.stringify(cues));
  cues.forEach((cue, i) => {
    assert.ok(Math.abs(cue.startMs - wanted[i]![0]) <= 200 && Math.abs(cue.endMs - wanted[i]![1]) <= 200, JSON.stringify([cue, wanted[i]]));
  });
};

describe("speech of a file", () => {
  it("is heard across windows and across the pieces in which sound is read, each word once", async () => {
    const loud = [[2000, 3000], [29_500, 32_500], [299_000, 301_000], [329_000, 331_500], [610_000, 611_000]] as const;
    const recogniser = new LoudnessRecogniser();
    const fractions: number[] = [];
    const streamed: Cue[] = [];
    const source = createSpeechSource({ audio: sound(620_000, loud), recogniser });
    const media = mediaInfo({ audio: AUDIO, durationMs: 620_000 });
    const { cues, outcome, language, source: name } = await source.transcribe(media, [], [], { onFraction: (f) => fractions.push(f), onCues: (found) => streamed.push(...found) });
    within(cues, loud);
    assert.deepEqual(streamed, cues);
    assert.deepEqual([outcome, language, name], ["speech", "en", "speech: loud"]);
    assert.ok(fractions.every((f, i) => f >= 0 && f <= 1 && (i === 0 || f >= fractions[i - 1]!)));
    assert.equal(fractions.at(-1), 1);
    // Silence costs nothing: there are 20 windows of half a minute.
    assert.ok(recogniser.heard.length <= 8, String(recogniser.heard.length));
  });

  it("is looked for only in the spans that were asked for", async () => {
    const recogniser = new LoudnessRecogniser();
    const source = createSpeechSource({ audio: sound(60_000, [[1000, 2000], [40_000, 41_000], [50_000, 51_000]]), recogniser });
    const { cues } = await source.transcribe(mediaInfo({ audio: AUDIO, durationMs: 60_000 }), [{ startMs: 39_000, endMs: 45_000 }], []);
    within(cues, [[40_000, 41_000]]);
  });

  it("says why there is none", async () => {
    const hears = async (audio: AudioSource, info: Parameters<typeof mediaInfo>[0], recogniser: SpeechRecogniser = new LoudnessRecogniser()) =>
      createSpeechSource({ audio, recogniser }).transcribe(mediaInfo(info), [], []);
    assert.equal((await hears(sound(16_000, []), {})).outcome, "no-sound");
    const silent = await hears(sound(16_000, []), { audio: AUDIO });
    assert.deepEqual([silent.outcome, silent.warnings], ["silence", ["There is only silence on the sound track."]]);
    const deaf: SpeechRecogniser = { name: "deaf", digest: "d", windowMs: 30_000, hear: async () => ({ cues: [], settledMs: 30_000 }), dispose: async () => undefined };
    assert.equal((await hears(sound(16_000, [[0, 9000]]), { audio: AUDIO }, deaf)).outcome, "no-speech");
    const dreaming: SpeechRecogniser = { ...deaf, hear: async () => ({ cues: [{ startMs: 9000, endMs: 9500, text: "Thank you for watching." }], settledMs: 30_000 }) };
    assert.equal((await hears(sound(16_000, [[0, 3000]]), { audio: AUDIO }, dreaming)).outcome, "no-speech", "words in silence were made up");
  });

  it("stops when it is told to", async () => {
    const controller = new AbortController();
    const recogniser = new LoudnessRecogniser();
    const source = createSpeechSource({ audio: sound(620_000, [[0, 619_000]]), recogniser });
    const listening = source.transcribe(mediaInfo({ audio: AUDIO, durationMs: 620_000 }), [], [], { onFraction: (f) => f > 0.1 && controller.abort() }, controller.signal);
    await assert.rejects(listening, { code: "cancelled" });
    assert.ok(recogniser.heard.length < 10);
  });
});

describe("kept transcripts", () => {
  const media = mediaInfo({ audio: AUDIO, durationMs: 60_000 });

  it("are read instead of listening again, in part too, and are lost without harm", async () => {
    const folder = tempFolder(after);
    const recogniser = new LoudnessRecogniser();
    const parts = { audio: sound(60_000, [[1000, 2000], [40_000, 41_000]]), recogniser, store: new DiskTranscripts(folder) };
    const first = await createSpeechSource(parts).transcribe(media, [], []);
    const windows = recogniser.heard.length;
    const again = await createSpeechSource(parts).transcribe(media, [], []);
    const part = await createSpeechSource(parts).transcribe(media, [{ startMs: 39_000, endMs: 42_000 }], []);
    assert.equal(recogniser.heard.length, windows);
    assert.deepEqual(again.cues.map((cue) => cue.text), first.cues.map((cue) => cue.text));
    within(again.cues, [[1000, 2000], [40_000, 41_000]]);
    within(part.cues, [[40_000, 41_000]]);

    const [name] = await readdir(folder);
    const file = join(folder, name!);
    const text = await readFile(file, "utf8");
    assert.match(text, /^WEBVTT\n\nNOTE outcome speech in en, sha256 /);
    await writeFile(file, text.replace("word", "ward"));
    const repaired = await createSpeechSource(parts).transcribe(media, [], []);
    assert.equal(repaired.cues[0]?.text, "word", "an edited transcript is not what was heard");
  });

  it("differ by video, recogniser, language and span", async () => {
    const folder = tempFolder(after);
    const store = new DiskTranscripts(folder);
    const audio = sound(60_000, [[1000, 2000]]);
    await createSpeechSource({ audio, recogniser: new LoudnessRecogniser(), store }).transcribe(media, [], ["en"]);
    for (const [info, languages] of [[{ ...media, digest: "d2" }, ["en"]], [media, ["de"]]] as const) {
      const recogniser = new LoudnessRecogniser();
      await createSpeechSource({ audio, recogniser, store }).transcribe(info, [], languages);
      assert.ok(recogniser.heard.length > 0);
    }
  });

  it("keep what a cue says", () => {
    const cues = [{ startMs: 1234.4, endMs: 3_725_678, text: "a < b & c --> d\n\nnext" }];
    assert.equal(printVtt(cues, "x"), "WEBVTT\n\nNOTE x\n\n00:00:01.234 --> 01:02:05.678\na &lt; b &amp; c --&gt; d\nnext\n");
    assert.equal(printSrt(cues), "1\n00:00:01,234 --> 01:02:05,678\na < b & c --> d\nnext\n");
  });
});
