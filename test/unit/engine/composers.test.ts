import assert from "node:assert/strict";
import { LONGVLM, interpolateTime } from "../../../server/src/engine/compose/longVlm.js";
import type { ComposerShapes, LearnedParts, Segment } from "../../../server/src/engine/compose/port.js";
import { createComposer, PUBLISHED, type ComposerSpec } from "../../../server/src/engine/compose/registry.js";
import { composeSound, soundClips, soundOutline, VIDEO_LLAMA_CLIPS } from "../../../server/src/engine/compose/sound.js";
import type { EncodedFrames, FrameFeatures, QFormer } from "../../../server/src/engine/ports.js";
import { VqaError } from "../../../server/src/engine/errors.js";
import { random } from "../../support/random.js";
import { longVlmReference, redVillmReference, soundReference, toVideo, videoLlamaReference, type FormerNumbers } from "./composerReference.js";

function noise(frames: number, tokens: number, width: number, seed = 1): FrameFeatures {
  const next = random(seed);
  return { frames, tokens, width, data: Float32Array.from({ length: frames * tokens * width }, () => next() * 2 - 1) };
}

const rowsOf = (segments: readonly Segment[]): number[][] =>
  segments.flatMap(({ tokens: { rows, width, data } }) => Array.from({ length: rows }, (_, r) => [...data.subarray(r * width, (r + 1) * width)]));

function near(got: readonly (readonly number[])[], wanted: readonly (readonly number[])[]): void {
  assert.equal(got.length, wanted.length);
  wanted.forEach((row, r) => {
    assert.equal(got[r]!.length, row.length);
    row.forEach((v, d) => assert.ok(Math.abs(got[r]![d]! - v) < 1e-5, `row ${r}, channel ${d}: ${got[r]![d]} is not ${v}`));
  });
}

async function compose(spec: ComposerSpec, features: EncodedFrames, shapes: Partial<ComposerShapes> = {}, parts: LearnedParts = {}): Promise<readonly Segment[]> {
  const side = Math.sqrt(features.tokens);
  const composer = createComposer(spec, { tokens: features.tokens, width: features.width, grid: [side, side], parts, ...shapes });
  const segments = await composer.compose(features, parts);
  const outline = segments.map(({ tokens, ...rest }) => ({ ...rest, rows: tokens.rows }));
  assert.deepEqual(outline, composer.outline(features.frames), "the outline says what will come");
  for (const s of segments) assert.equal(s.tokens.width, composer.widths[s.projector]);
  return segments;
}

const failsWith = (message: string) => (e: unknown) => e instanceof VqaError && e.code === "model-unsupported" && e.message.includes(message);

describe("the RED-VILLM composer", () => {
  for (const [tokens, total] of [[256, 356], [1024, 1124]] as const) {
    it(`gives 100 temporal, then ${tokens} spatial tokens: ${total}, with the reference's values in its order`, async () => {
      const features = noise(100, tokens, 8);
      const segments = await compose(PUBLISHED["red-villm"], features);
      assert.deepEqual(segments.map((s) => s.projector), [...Array<string>(100).fill("temporal"), "visual"]);
      const { temporal, spatial } = redVillmReference(toVideo(features.data, 100, tokens, 8));
      near(rowsOf(segments), [...temporal, ...spatial]);
      assert.equal(rowsOf(segments).length, total);
    });
  }

  it("takes the means over what the image model's projector takes as one token", async () => {
    const features = noise(3, 8, 2);
    const segments = await compose({ ...PUBLISHED["red-villm"], merge: 4 }, features, { grid: [2, 4] });
    const { temporal, spatial } = redVillmReference(toVideo(features.data, 3, 2, 8));
    near(rowsOf(segments), [...temporal, ...spatial]);
  });

  it("leaves a part out for an ablation, and never both", async () => {
    const features = noise(3, 4, 2);
    assert.equal((await compose({ ...PUBLISHED["red-villm"], spatial: false }, features)).length, 3);
    assert.equal((await compose({ ...PUBLISHED["red-villm"], temporal: false }, features)).length, 1);
    await assert.rejects(compose({ ...PUBLISHED["red-villm"], temporal: false, spatial: false }, features), failsWith("neither"));
  });
});

/** Query q of the output is the sum of all rows times q + 1, cut to `width` channels: order and sums show. */
function sumFormer(inputWidth: number, queries: number, width: number): QFormer & { seen: FrameFeatures[] } {
  const seen: FrameFeatures[] = [];
  return {
    ...{ inputWidth, queries, width, seen },
    query: async (x) => {
      seen.push(x);
      const data = new Float32Array(x.frames * queries * width);
      for (let n = 0; n < x.frames; n++) {
        for (let q = 0; q < queries; q++) {
          for (let d = 0; d < width; d++) {
            let sum = 0;
            for (let row = 0; row < x.tokens; row++) sum += x.data[(n * x.tokens + row) * x.width + (d % x.width)]!;
            data[(n * queries + q) * width + d] = sum * (q + 1);
          }
        }
      }
      return { frames: x.frames, tokens: queries, width, data };
    },
  };
}

/** Random numbers for a query transformer. */
function numbers(inputWidth: number, queries: number, width: number, seed: number): FormerNumbers {
  const head = 3;
  const rows = (n: number, w: number, of: number): number[][] => toVideo(noise(1, n, w, seed + of).data, 1, n, w)[0]!.map((row) => [...row]);
  return { queries: rows(queries, head, 1), keys: rows(inputWidth, head, 2), values: rows(inputWidth, width, 3) };
}

/** The same arithmetic as the reference's, on flat arrays of float32 as an ONNX file gives and takes them. */
function attending({ queries, keys, values }: FormerNumbers): QFormer {
  const [inputWidth, width, head] = [keys.length, values[0]!.length, queries[0]!.length];
  return {
    ...{ inputWidth, width, queries: queries.length },
    query: async ({ frames, tokens, data }) => {
      const out = new Float32Array(frames * queries.length * width);
      for (let n = 0; n < frames; n++) {
        const [k, v] = [new Float64Array(tokens * head), new Float64Array(tokens * width)];
        for (let row = 0; row < tokens; row++) {
          for (let i = 0; i < inputWidth; i++) {
            const x = data[(n * tokens + row) * inputWidth + i]!;
            for (let h = 0; h < head; h++) k[row * head + h]! += x * keys[i]![h]!;
            for (let d = 0; d < width; d++) v[row * width + d]! += x * values[i]![d]!;
          }
        }
        queries.forEach((query, q) => {
          const weights = Float64Array.from({ length: tokens }, (_, row) => Math.exp(query.reduce((sum, x, h) => sum + x * k[row * head + h]!, 0) * Math.cos(row / 50)));
          const total = weights.reduce((a, b) => a + b, 0);
          for (let d = 0; d < width; d++) {
            let sum = 0;
            for (let row = 0; row < tokens; row++) sum += (weights[row]! / total) * v[row * width + d]!;
            out[(n * queries.length + q) * width + d] = Math.tanh(sum);
          }
        });
      }
      return { frames, tokens: queries.length, width, data: out };
    },
  };
}

describe("the Video-LLaMA composer", () => {
  it("on the paper's sizes gives the reference's values by element: 8 frames of 257 tokens, 32 queries, 32 tokens", async () => {
    const [frames, tokens, width, inner] = [8, 257, 6, 5];
    const [image, whole] = [numbers(width, 32, inner, 20), numbers(inner, 32, 7, 30)];
    const [features, table] = [noise(frames, tokens, width), noise(1, 32, inner, 40)];
    const parts = { imageQformer: attending(image), videoQformer: attending(whole), framePositions: { rows: 32, width: inner, data: table.data } };
    const wanted = videoLlamaReference(toVideo(features.data, frames, tokens, width), image, toVideo(table.data, 1, 32, inner)[0]!, whole);
    assert.equal(wanted.length, 32);
    near(rowsOf(await compose(PUBLISHED["video-llama"], features, { grid: [16, 16] }, parts)), wanted);
    // The order of frames matters to the reference, so that a composer that lost it would differ.
    const backwards = videoLlamaReference([...toVideo(features.data, frames, tokens, width)].reverse(), image, toVideo(table.data, 1, 32, inner)[0]!, whole);
    assert.ok(wanted.some((row, q) => row.some((v, d) => Math.abs(v - backwards[q]![d]!) > 1e-3)));
  });

  it("gives 32 tokens for 8 frames of 257 tokens, and as many for any number up to 32", async () => {
    const parts = { imageQformer: sumFormer(8, 32, 4), videoQformer: sumFormer(4, 32, 4), framePositions: { rows: 32, width: 4, data: new Float32Array(128) } };
    for (const frames of [1, 8, 32]) {
      const segments = await compose(PUBLISHED["video-llama"], noise(frames, 257, 8), { grid: [16, 16] }, parts);
      assert.deepEqual(segments.map((s) => [s.projector, s.tokens.rows, s.frame]), [["visual", 32, undefined]]);
    }
    const composer = createComposer(PUBLISHED["video-llama"], { tokens: 257, width: 8, grid: [16, 16], parts });
    assert.equal(composer.maxFrames, 32, "the position table's size");
  });

  it("adds position t to every query of frame t, and hands all queries on in time order", async () => {
    const [frames, tokens, width] = [3, 5, 2];
    const features = noise(frames, tokens, width);
    const table = noise(1, 4, 2, 9);
    const parts = { imageQformer: sumFormer(2, 2, 2), videoQformer: sumFormer(2, 3, 2), framePositions: { rows: 4, width: 2, data: table.data } };
    const segments = await compose(PUBLISHED["video-llama"], features, { grid: [1, 5] }, parts);
    const video = toVideo(features.data, frames, tokens, width);
    const queries = video.flatMap((frame, t) =>
      [1, 2].map((q) => [0, 1].map((d) => frame.reduce((sum, row) => sum + row[d]!, 0) * q + table.data[t * 2 + d]!)),
    );
    const given = parts.videoQformer.seen[0]!;
    assert.deepEqual([given.frames, given.tokens, given.width], [1, 6, 2]);
    near(toVideo(given.data, 1, 6, 2)[0]!, queries);
    near(rowsOf(segments), [1, 2, 3].map((q) => [0, 1].map((d) => queries.reduce((sum, row) => sum + row[d]!, 0) * q)));
  });

  it("refuses more frames than it has positions for, and parts that do not fit", async () => {
    const parts = { imageQformer: sumFormer(2, 2, 2), videoQformer: sumFormer(2, 3, 2), framePositions: { rows: 2, width: 2, data: new Float32Array(4) } };
    await assert.rejects(compose(PUBLISHED["video-llama"], noise(3, 4, 2), {}, parts), failsWith("2 positions for 3"));
    await assert.rejects(compose(PUBLISHED["video-llama"], noise(1, 4, 3), {}, parts), failsWith("image Q-former"));
    await assert.rejects(compose(PUBLISHED["video-llama"], noise(1, 4, 2), {}, {}), failsWith("needs an image Q-former"));
  });
});

describe("Video-LLaMA's sound branch", () => {
  it("hears 8 clips of 2 s whose starts are i * (duration - 2) / 7, whatever the length", () => {
    for (const durationMs of [16_000, 30_500, 90_000, 3_600_000]) {
      const clips = soundClips([{ startMs: 0, endMs: durationMs }], VIDEO_LLAMA_CLIPS);
      assert.equal(clips.length, 8);
      clips.forEach((clip, i) => {
        assert.ok(Math.abs(clip.startMs - (i * (durationMs - 2000)) / 7) < 1e-6);
        assert.ok(Math.abs(clip.endMs - clip.startMs - 2000) < 1e-6);
      });
    }
  });

  it("hears all of a sound that is shorter than a clip, and nothing of a moment", () => {
    for (const clip of soundClips([{ startMs: 0, endMs: 1500 }], VIDEO_LLAMA_CLIPS)) assert.deepEqual(clip, { startMs: 0, endMs: 1500 });
    assert.deepEqual(soundClips([{ startMs: 700, endMs: 700 }], VIDEO_LLAMA_CLIPS), []);
  });

  it("stays inside the parts that a question may hear, and takes more clips where the pack allows it", () => {
    const spans = [{ startMs: 1000, endMs: 4000 }, { startMs: 60_000, endMs: 90_000 }];
    const clips = soundClips(spans, { count: 8, most: 12, seconds: 2 });
    assert.equal(clips.length, 12);
    for (const clip of clips) assert.ok(spans.some((s) => clip.startMs >= s.startMs && clip.endMs <= s.endMs), JSON.stringify(clip));
    assert.equal(clips[0]!.startMs, 1000);
    assert.equal(clips.at(-1)!.endMs, 90_000);
  });

  it("on the paper's sizes gives the reference's values by element: 8 clips, 8 queries, 8 tokens", async () => {
    const [features, positions, former] = [noise(8, 1, 6), noise(1, 8, 6, 5), numbers(6, 8, 7, 50)];
    const branch = { clips: VIDEO_LLAMA_CLIPS, positions: { rows: 8, width: 6, data: positions.data }, qformer: attending(former), encoder: { tokens: 1, width: 6, encode: async () => features } };
    const wanted = soundReference(toVideo(features.data, 1, 8, 6)[0]!, toVideo(positions.data, 1, 8, 6)[0]!, former);
    assert.equal(wanted.length, 8);
    near(rowsOf(await composeSound(features, branch)), wanted);
  });

  it("gives 8 tokens through the Audio Q-former, position i added to clip i", async () => {
    const features = noise(8, 1, 4);
    const positions = { rows: 8, width: 4, data: noise(1, 8, 4, 5).data };
    const qformer = sumFormer(4, 8, 6);
    const branch = { clips: VIDEO_LLAMA_CLIPS, positions, qformer, encoder: { tokens: 1, width: 4, encode: async () => features } };
    const segments = await composeSound(features, branch);
    assert.deepEqual(segments.map((s) => ({ projector: s.projector, rows: s.tokens.rows })), soundOutline({ tokens: 1, width: 4, qformer }, 8));
    assert.equal(segments[0]!.tokens.rows, 8);
    near(toVideo(qformer.seen[0]!.data, 1, 8, 4)[0]!, Array.from({ length: 8 }, (_, i) => [0, 1, 2, 3].map((d) => features.data[i * 4 + d]! + positions.data[i * 4 + d]!)));
  });

  it("without a Q-former gives each clip's tokens by themselves", async () => {
    const features = noise(3, 2, 4);
    const segments = await composeSound(features, { clips: VIDEO_LLAMA_CLIPS, encoder: { tokens: 2, width: 4, encode: async () => features } });
    assert.deepEqual(segments.map((s) => s.clip), [0, 1, 2]);
    near(rowsOf(segments), toVideo(features.data, 3, 2, 4).flat());
  });
});

describe("the LongVLM composer", () => {
  it("gives 305 tokens on the paper's sizes: 5 global, then 10 segments of 30 in time order, as the reference does", async function () {
    this.timeout(120_000);
    const [frames, tokens, width] = [100, 256, 16];
    const features = noise(frames, tokens, width);
    const global = noise(frames, 25, width, 2);
    const shapes = { global: { layers: 25, width, kind: "class" as const } };
    // One channel a head would make the metric a sign: 2 heads of 8 channels keep it a vector, as 16 of 64 do.
    const settings = { ...LONGVLM, heads: 2 };
    const segments = await compose(settings, { ...features, global }, shapes);
    assert.deepEqual(segments.map((s) => s.tokens.rows), [5, ...Array<number>(10).fill(30)]);
    assert.deepEqual(segments.slice(1).map((s) => s.frames), Array.from({ length: 10 }, (_, s) => [s * 10, s * 10 + 9]));
    const got = rowsOf(segments);
    assert.equal(got.length, 305);
    // The reference looks at every pair of 2560 tokens in nested lists: two segments are enough.
    const part = longVlmReference(toVideo(features.data, frames, tokens, width).slice(0, 20), toVideo(global.data, frames, 25, width), { ...settings, segments: 2 });
    near(got.slice(0, 65), part);
  });

  it("uses the paper's list of merges, which leaves 30; the released extractor's leaves 20", () => {
    assert.equal(LONGVLM.merges.reduce((rows, r) => rows - r, 2560), 30);
  });

  it("really takes the global path: other class tokens give other tokens, the last layers' alone", async () => {
    const spec: ComposerSpec = { ...LONGVLM, frames: 4, segments: 2, merges: [2], heads: 1, global: 2 };
    const shapes = { global: { layers: 3, width: 4, kind: "class" as const } };
    const features = noise(4, 4, 4);
    const of = async (global: FrameFeatures) => rowsOf(await compose(spec, { ...features, global }, shapes));
    const [base, other] = [await of(noise(4, 3, 4, 1)), await of(noise(4, 3, 4, 2))];
    assert.notDeepEqual(base.slice(0, 2), other.slice(0, 2));
    assert.deepEqual(base.slice(2), other.slice(2));
    const changed = noise(4, 3, 4, 1);
    for (let t = 0; t < 4; t++) changed.data.fill(9, t * 12, t * 12 + 4);
    assert.deepEqual(await of(changed), base, "the first layer is not among the last two");
    assert.equal((await compose({ ...spec, global: 0 }, features)).length, 2);
    await assert.rejects(compose(spec, features), failsWith("2 global tokens"));
  });

  it("brings short videos to its number of frames along time, so the tokens stay as many", async () => {
    const spec: ComposerSpec = { ...LONGVLM, frames: 8, segments: 2, merges: [8], heads: 1, global: 0 };
    for (const frames of [1, 3, 8]) assert.equal(rowsOf(await compose(spec, noise(frames, 4, 2))).length, 16);
    await assert.rejects(compose(spec, noise(9, 4, 2)), failsWith("takes 8 frames, not 9"));
    const two = { frames: 2, tokens: 1, width: 1, data: Float32Array.from([0, 1]) };
    assert.deepEqual([...interpolateTime(two, 4).data], [0, 0.25, 0.75, 1]);
  });

  it("refuses merges that take more than half", async () => {
    await assert.rejects(compose({ ...LONGVLM, frames: 2, segments: 1, merges: [5], heads: 1, global: 0 }, noise(2, 4, 2)), failsWith("cannot merge 5 of 8"));
  });
});

describe("the baselines", () => {
  it("mean pooling at LongVLM's local tokens: 10 segments of 30, by element", async () => {
    const features = noise(20, 256, 3);
    const segments = await compose(PUBLISHED["mean-pool"], features);
    assert.equal(rowsOf(segments).length, 300);
    const video = toVideo(features.data, 20, 256, 3);
    const wanted: number[][] = [];
    for (let s = 0; s < 10; s++) {
      for (let i = 0; i < 5; i++) {
        for (let j = 0; j < 6; j++) {
          const rows: (readonly number[])[] = [];
          for (const frame of video.slice(2 * s, 2 * s + 2)) {
            for (let y = Math.floor((i * 16) / 5); y < Math.ceil(((i + 1) * 16) / 5); y++) {
              for (let x = Math.floor((j * 16) / 6); x < Math.ceil(((j + 1) * 16) / 6); x++) rows.push(frame[y * 16 + x]!);
            }
          }
          wanted.push([0, 1, 2].map((d) => rows.reduce((sum, row) => sum + row[d]!, 0) / rows.length));
        }
      }
    }
    near(rowsOf(segments), wanted);
    assert.deepEqual((await compose({ ...PUBLISHED["mean-pool"], segments: 0 }, features)).map((s) => s.frame), Array.from({ length: 20 }, (_, t) => t));
  });

  it("frame resize to half the size is the mean of 2 x 2, as many tokens a frame as MiniGPT4-Video's", async () => {
    const features = noise(45, 256, 2);
    const segments = await compose(PUBLISHED["frame-resize"], features);
    assert.equal(rowsOf(segments).length, 2880);
    const video = toVideo(features.data, 45, 256, 2);
    const wanted = video.flatMap((frame) =>
      Array.from({ length: 64 }, (_, i) => {
        const [y, x] = [2 * Math.floor(i / 8), 2 * (i % 8)];
        return [0, 1].map((d) => (frame[y * 16 + x]![d]! + frame[y * 16 + x + 1]![d]! + frame[(y + 1) * 16 + x]![d]! + frame[(y + 1) * 16 + x + 1]![d]!) / 4);
      }),
    );
    near(rowsOf(segments), wanted);
  });

  it("frame resize keeps the mean at any size", async () => {
    const features = noise(1, 49, 1);
    const rows = rowsOf(await compose({ name: "frame-resize", grid: [3, 5] }, features));
    const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
    assert.ok(Math.abs(mean(rows.flat()) - mean([...features.data])) < 1e-6);
  });
});

describe("the LLaVA-OneVision composer", () => {
  // torch.nn.functional.interpolate(x, size, mode="bilinear"), PyTorch 1.13, of the same numbers.
  const grid = (count: number): FrameFeatures => ({ frames: 1, tokens: count, width: 1, data: Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 1000) / 1000) });
  const newline = { rows: 1, width: 1, data: Float32Array.of(42) };

  it("pools 27 x 27 tokens to 14 x 14 as PyTorch does, and ends the video with the line mark", async () => {
    const features = grid(729);
    const rows = rowsOf(await compose(PUBLISHED["llava-onevision"], features, {}, { newline })).flat();
    assert.equal(rows.length, 197);
    near([[0, 1, 13, 14, 97, 98, 181, 182, 195].map((i) => rows[i]!)], [[0.588582, 0.719357, 0.844786, 0.514929, 0.680928, 0.351071, 0.517071, 0.187214, 0.156428]]);
    assert.ok(Math.abs(rows.slice(0, 196).reduce((a, b) => a + b, 0) - 97.11941818147898) < 1e-4);
    assert.equal(rows[196], 42);
  });

  it("pools a grid that is no square", async () => {
    const rows = rowsOf(await compose(PUBLISHED["llava-onevision"], grid(35), { grid: [5, 7] }, { newline })).flat();
    near([rows.slice(0, 12)], [[0.363958, 0.638875, 0.497125, 0.563708, 0.835625, 0.693875, 0.552125, 0.410375, 0.557292, 0.415542, 0.565458, 0.465375]]);
  });

  it("keeps the frames in order: 196 T + 1 positions", async () => {
    const features = noise(32, 729, 3);
    const segments = await compose(PUBLISHED["llava-onevision"], features, {}, { newline: { rows: 1, width: 3, data: Float32Array.of(1, 2, 3) } });
    assert.equal(rowsOf(segments).length, 6273);
    assert.deepEqual(segments.map(({ frame }) => frame), [...Array.from({ length: 32 }, (_, t) => t), undefined]);
    const alone = rowsOf(await compose(PUBLISHED["llava-onevision"], { frames: 1, tokens: 729, width: 3, data: features.data.slice(5 * 729 * 3, 6 * 729 * 3) }, {}, { newline: { rows: 1, width: 3, data: new Float32Array(3) } }));
    near(rowsOf(segments).slice(5 * 196, 6 * 196), alone.slice(0, 196));
  });

  it("wants a line mark of the tokens' width and a whole grid", async () => {
    await assert.rejects(compose(PUBLISHED["llava-onevision"], grid(729)), failsWith("line mark"));
    await assert.rejects(compose(PUBLISHED["llava-onevision"], grid(729), {}, { newline: { ...newline, width: 2 } }), failsWith("line mark of 2"));
    await assert.rejects(compose(PUBLISHED["llava-onevision"], grid(729), { grid: [27, 26] }, { newline }), failsWith("27 x 26"));
  });
});
