import assert from "node:assert/strict";
import { createPipeline } from "../../../server/src/engine/pipeline.js";
import type { AudioBranch, OpenPack, OpenSystem } from "../../../server/src/engine/pack.js";
import type { AudioSource, Projector } from "../../../server/src/engine/ports.js";
import { VqaError } from "../../../server/src/engine/errors.js";
import { videoChatGptIndices, videoLlamaIndices, sampleTimes } from "../../../server/src/engine/sample.js";
import { mediaInfo, MemoryCache, MemoryCues, MemorySource, MICRO_TEMPLATE, memoryPack } from "./memoryPorts.js";

const sounding = mediaInfo({ audio: [{ index: 1, codec: "aac", sampleRate: 44_100, channels: 2 }] });

/** Every row becomes (first value, 0, 0). */
const projector = (inputWidth: number): Projector => ({
  inputWidth,
  width: 3,
  project: async ({ rows, data }) => ({ rows, width: 3, data: Float32Array.from({ length: rows * 3 }, (_, i) => (i % 3 === 0 ? data[(i / 3) * inputWidth]! : 0)) }),
});

/** A pack whose second system hears: 2 clips of one token, the number of samples in it. */
function hearing(pcm16k: AudioSource["pcm16k"] | undefined, media = sounding) {
  const { pack, encoder } = memoryPack();
  const branch: AudioBranch = {
    clips: { count: 2, most: 2, seconds: 2 },
    encoder: {
      ...{ tokens: 1, width: 2 },
      encode: async (clips) => ({ frames: clips.length, tokens: 1, width: 2, data: Float32Array.from(clips.flatMap((clip) => [clip.length, 0])) }),
    },
  };
  const red: OpenSystem = {
    ...pack,
    spec: {
      ...pack.spec,
      system: "red-villm",
      digest: "p2",
      composer: { name: "red-villm", merge: 1, temporal: true, spatial: true },
      prompt: { ...MICRO_TEMPLATE, audio: "<Aud> {time}{visual}", video: "<Vid>{visual}", times: "{count} frames at {seconds} s" },
    },
    projectors: { visual: projector(2), temporal: projector(2), audio: projector(2) },
    audio: branch,
  };
  const opened: string[] = [];
  const whole: OpenPack = {
    ...pack,
    spec: { ...pack.spec, systems: ["minigpt4-video", "red-villm"] },
    system: async (name) => {
      opened.push(name);
      if (name === "red-villm") return red;
      throw new VqaError("invalid-request", `no composer "${name}"`);
    },
  };
  const audio = pcm16k && { pcm16k };
  const pipeline = createPipeline({ source: new MemorySource(media), cues: new MemoryCues(), audio, pack: whole, cache: new MemoryCache(), now: () => 0, engine: [] });
  const { language } = pack as unknown as { language: { opened: { prefix: readonly { kind: string; text?: string; embeddings?: { rows: number; data: Float32Array } }[] }[] } };
  return { pipeline, opened, encoder, prefix: () => language.opened.at(-1)!.prefix };
}

const ask = { video: "/clips/a.mp4", question: "What?", composer: "red-villm", frames: 2 } as const;

describe("several systems in one pack", () => {
  it("the request's composer answers; it is loaded once, and shares the features of the encoder", async () => {
    const { pipeline, opened, encoder } = hearing(async () => new Float32Array(10));
    const first = await pipeline.ask({ ...ask, composer: "minigpt4-video" });
    assert.equal(first.provenance.composer, "minigpt4-video merge=4");
    const encoded = encoder.encoded;
    const second = await pipeline.ask(ask);
    assert.match(second.provenance.composer, /^red-villm merge=1 temporal=true spatial=true sound=2\.\.2x2s$/);
    assert.equal(second.provenance.modelDigest, "p2");
    assert.equal(encoder.encoded, encoded, "the same frames are not encoded again");
    await pipeline.ask(ask);
    assert.deepEqual(opened, ["red-villm"]);
    await assert.rejects(pipeline.ask({ ...ask, composer: "video-poet" }), (e: VqaError) => e.code === "invalid-request" && e.message.includes("video-poet"));
  });

  it("sound first, then the video, then the times in words", async () => {
    const { pipeline, prefix } = hearing(async (_, from) => new Float32Array(from === 0 ? 5 : 7));
    const { provenance } = await pipeline.ask(ask);
    assert.deepEqual(provenance.soundSpans, [{ startMs: 0, endMs: 2000 }, { startMs: 14_000, endMs: 16_000 }]);
    assert.deepEqual(
      prefix().map((p) => (p.kind === "visual" ? `${p.embeddings!.rows}:${p.embeddings!.data[0]}` : p.text)),
      ["<s>[INST]", "<Aud>", " 00:00", "1:5", "<Aud>", " 00:14", "1:7", "<Img>", " 00:04", "1:4", "<Img>", " 00:12", "1:12", "<Vid>", "4:8", "2 frames at 4.0, 12.0 s"],
    );
    assert.deepEqual(provenance.notes, []);
  });

  it("what a question asks to hear is part of what its answer depends on", async () => {
    const { pipeline } = hearing(async () => new Float32Array(10));
    const on = (await pipeline.inputs(ask)).dependsOn;
    const off = (await pipeline.inputs({ ...ask, audio: "off" })).dependsOn;
    assert.notDeepEqual(on, off);
    assert.deepEqual((await pipeline.inputs({ ...ask, audio: "auto" })).dependsOn, on);
  });
});

describe("sound that is not there is said, never passed over in silence", () => {
  const heard = async (pcm16k: AudioSource["pcm16k"] | undefined, media = sounding) => (await hearing(pcm16k, media).pipeline.ask(ask)).provenance;
  const broken: AudioSource["pcm16k"] = async () => {
    throw new VqaError("decoder-failed", "The sound is damaged.");
  };
  for (const [what, pcm16k, media, why] of [
    ["a video without a sound track", async () => new Float32Array(9), mediaInfo(), "the video has no sound track"],
    ["a track that cannot be decoded", broken, sounding, "its sound could not be used: The sound is damaged."],
    ["a track that ends before", async () => new Float32Array(0), sounding, "the sound track holds nothing there"],
    ["no decoder for sound", undefined, sounding, "no decoder for sound is there"],
  ] as const) {
    it(what, async () => {
      const { notes, soundSpans } = await heard(pcm16k, media);
      assert.equal(soundSpans, undefined);
      assert.equal(notes.filter((note) => note.startsWith("Answered without sound:") && note.includes(why)).length, 1, notes.join("\n"));
    });
  }

  it("who turns sound off is not told that it is off", async () => {
    const { provenance } = await hearing(broken).pipeline.ask({ ...ask, audio: "off" });
    assert.deepEqual(provenance.notes, []);
    assert.match(provenance.composer, /audio=off$/);
  });

  it("a stop while it is decoded is a stop", async () => {
    const stop = new AbortController();
    const { pipeline } = hearing(async () => {
      stop.abort();
      throw new VqaError("cancelled", "Stopped.");
    });
    await assert.rejects(pipeline.ask(ask, {}, stop.signal), (e: VqaError) => e.code === "cancelled");
  });
});

describe("the published frame rules", () => {
  it("Video-ChatGPT's rounds halves to the even neighbour", () => {
    // (11 - 1) / 4 = 2.5: borders 0, 2.5, 5, 7.5, 10 become 0, 2, 5, 8, 10.
    assert.deepEqual(videoChatGptIndices(11, 4), [1, 3, 6, 9]);
    assert.equal(videoChatGptIndices(3000, 100).length, 100);
  });

  it("Video-LLaMA's begins with the first frame", () => assert.deepEqual(videoLlamaIndices(10, 4), [0, 2, 5, 7]));

  it("an index becomes the middle of its frame's time, and spans are laid end to end", () => {
    const rate = { num: 10, den: 1 };
    assert.deepEqual(sampleTimes("video-llama", [{ startMs: 0, endMs: 1000 }], 4, { frameRate: rate }), [50, 250, 550, 750]);
    assert.deepEqual(sampleTimes("video-llama", [{ startMs: 0, endMs: 500 }, { startMs: 2000, endMs: 2500 }], 4, { frameRate: rate }), [50, 250, 2050, 2250]);
    assert.deepEqual(sampleTimes("video-chatgpt", [{ startMs: 300, endMs: 300 }], 4, { frameRate: rate }), [300]);
  });
});

describe("what an answer rests on", () => {
  it("every frame and cue is left out once, and scored by the fall in likelihood, the highest first", async () => {
    const { pack } = memoryPack();
    const cues = [
      { startMs: 3000, endMs: 4000, text: "hello" },
      { startMs: 9000, endMs: 10_000, text: "goodbye" },
    ];
    const pipeline = createPipeline({ source: new MemorySource(), cues: new MemoryCues(cues), pack, cache: new MemoryCache(), now: () => 0, engine: [] });
    const { language } = pack as unknown as { language: { session: () => Promise<{ prefix: readonly { kind: string; text?: string; embeddings?: { data: Float32Array } }[]; score: unknown }> } };
    const open = language.session.bind(language);
    // The likelihood is what the prompt shows: the seconds of its frames, and 100 for "hello".
    language.session = async () => {
      const session = await open();
      session.score = async (_: unknown, [text]: readonly string[]) => {
        assert.equal(text, " saw 12");
        const seen = session.prefix.reduce((sum, p) => sum + (p.kind === "visual" ? p.embeddings!.data[0]! : p.text!.includes("hello") ? 100 : 0), 0);
        return [{ logProb: seen, tokens: 1 }];
      };
      return session;
    };
    const ask = { video: "/clips/a.mp4", question: "What?", frames: 2 };
    const { evidence } = await pipeline.ask({ ...ask, evidence: true });
    assert.deepEqual(
      evidence!.map((e) => [e.kind, e.startMs, e.endMs, e.score]),
      [
        ["cue", 3000, 4000, 100],
        ["frame", 12_000, 16_000, 12],
        ["frame", 4000, 12_000, 4],
        ["cue", 9000, 10_000, 0],
      ],
    );
    assert.deepEqual([evidence![0]!.why, evidence![3]!.why], ['the answer was less likely without the subtitle "hello"', 'the answer was as likely without the subtitle "goodbye"']);
    assert.equal((await pipeline.ask(ask)).evidence, undefined);
    assert.equal((await pipeline.ask(ask)).text, "saw 12", "the next question sees the whole video again");
  });
});
