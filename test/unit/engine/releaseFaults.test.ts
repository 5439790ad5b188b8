/**
 * Faults of the systems' public releases, each with a test that ours does not have it. What a release
 * does is written out where that is short, so that the test shows the difference.
 */
import assert from "node:assert/strict";
import { cuesWithinBudget } from "../../../server/src/engine/align.js";
import type { NotebookCue } from "../../../server/src/engine/answer.js";
import { fitPrompt } from "../../../server/src/engine/budget.js";
import { LONGVLM } from "../../../server/src/engine/compose/longVlm.js";
import { LLAMA2_TEMPLATE } from "../../../server/src/engine/compose/minigpt4Video.js";
import { createComposer, PUBLISHED } from "../../../server/src/engine/compose/registry.js";
import { mergeTokens } from "../../../server/src/engine/compose/tokenMerging.js";
import { VIDEO_LLAMA_TEMPLATE } from "../../../server/src/engine/compose/videoLlama.js";
import { promptRenderer, type LayoutPiece } from "../../../server/src/engine/interleave.js";
import { framesWithin, sampleTimes, sampleUniform } from "../../../server/src/engine/sample.js";
import { random } from "../../support/random.js";
import { MemoryLanguage } from "./memoryPorts.js";

const texts = (pieces: readonly LayoutPiece[]): string => pieces.map((p) => (p.kind === "slot" ? "#" : p.kind === "template" || p.kind === "text" ? p.text : "")).join("");

describe("faults of MiniGPT4-Video's release that ours does not have", () => {
  /** Its rule: every index that is a multiple of floor(total / n), the first n of them. */
  const released = (total: number, n: number): number[] => {
    const interval = Math.max(1, Math.floor(total / n));
    return Array.from({ length: total }, (_, i) => i).filter((i) => i % interval === 0).slice(0, n);
  };

  it("the tail of a video is lost", () => {
    const [total, n] = [1349, 45];
    assert.ok(released(total, n).at(-1)! < total - 57, "the last two seconds are never looked at");
    const ours = sampleUniform([{ startMs: 0, endMs: total * 40 }], n);
    assert.equal(ours.length, n);
    const gap = ours[1]! - ours[0]!;
    assert.ok(total * 40 - ours.at(-1)! <= gap / 2 + 1 && ours[0]! <= gap / 2 + 1, "as near to the end as to the beginning");
  });

  it("of a video with fewer than twice as many frames as are looked at, only the beginning is seen", () => {
    const [total, n] = [80, 45];
    assert.equal(released(total, n).at(-1), 44, "the release sees 45 of 80 frames in a row");
    assert.ok(sampleUniform([{ startMs: 0, endMs: 3200 }], n).at(-1)! > 3100);
  });

  it("subtitles are counted in words, and a long one still goes in when the budget is almost used up", () => {
    const cue = (i: number, text: string): NotebookCue => ({ startMs: i, endMs: i + 1, text });
    const cues = [cue(0, "a b c"), cue(1, "Donaudampfschifffahrtsgesellschaft"), cue(2, "d")];
    // A tokenizer that needs four tokens a long word: words are no measure of room.
    const tokens = (text: string): number => text.split(" ").reduce((sum, word) => sum + Math.ceil(word.length / 9), 0);
    const kept = cuesWithinBudget(cues, 5, tokens);
    assert.deepEqual(kept, cues.slice(0, 1));
    assert.ok(kept.reduce((sum, { text }) => sum + tokens(text), 0) <= 5);
  });

  it("two begin-of-sequence marks", () => {
    for (const template of [LLAMA2_TEMPLATE, VIDEO_LLAMA_TEMPLATE]) {
      const renderer = promptRenderer(template);
      const outline = template === LLAMA2_TEMPLATE ? [{ frame: 0, projector: "visual" as const, rows: 64 }] : [{ projector: "visual" as const, rows: 32 }];
      const prompt = texts([...renderer.prefix([{ timeMs: 0, cues: [{ text: "Hi." }] }], outline), ...renderer.question("Who?")]);
      assert.equal(prompt.split("<s>").length - 1, 1, prompt);
      assert.ok(prompt.startsWith("<s>"));
    }
  });

  it("a prompt that is too long loses its instruction and its first frames", () => {
    const spans = [{ startMs: 0, endMs: 90_000 }];
    const request = {
      ...{ frames: 90, spans, cues: [], question: "What is the colour of the circle?", answerTokens: 16 },
      sample: (n: number) => sampleUniform(spans, n),
      outline: (n: number) => Array.from({ length: n }, (_, frame) => ({ frame, projector: "visual" as const, rows: 4 })),
    };
    const fitted = fitPrompt(request, promptRenderer(LLAMA2_TEMPLATE), new MemoryLanguage(200, 512));
    assert.ok(fitted.positions + 16 <= 200);
    assert.ok(texts(fitted.prefix).startsWith("<s>[INST]"));
    assert.ok(texts(fitted.question as readonly LayoutPiece[]).includes(request.question));
    assert.deepEqual(fitted.timesMs, sampleUniform(spans, fitted.timesMs.length), "fewer frames, over the whole clip");
    assert.match(fitted.notes.join(), /^Looked at \d+ of 90 frames/, "and it is said");
  });

  it("a frame rate that is cut to a whole number lets times drift", () => {
    const [rate, hour] = [{ num: 30_000, den: 1001 }, [{ startMs: 0, endMs: 3_600_000 }]];
    assert.equal(framesWithin(hour, rate), 107_892);
    const last = sampleTimes("video-chatgpt", hour, 100, { frameRate: rate }).at(-1)!;
    const index = Math.floor((last * 30_000) / 1_001_000);
    assert.ok(Math.abs(((index + 0.5) * 1_001_000) / 30_000 - last) < 1, "the middle of the frame that is meant");
    assert.ok(Math.abs(index / 29 - last / 1000) > 100, "at 29 frames a second the same index would be minutes away");
  });
});

describe("faults of Video-LLaMA's release that ours does not have", () => {
  it("more frames than its table has positions: they are asked for, and known beforehand", () => {
    const qformer = { inputWidth: 8, queries: 32, width: 4 };
    const parts = { imageQformer: qformer, videoQformer: { ...qformer, inputWidth: 4 }, framePositions: { rows: 32, width: 4 } };
    assert.equal(createComposer(PUBLISHED["video-llama"], { tokens: 257, width: 8, grid: [16, 16], parts }).maxFrames, 32);
  });

  // Sound that fails in silence: test/unit/engine/systems.test.ts, "sound that is not there is said".
});

describe("faults of LongVLM's release that ours does not have", () => {
  it("its feature extractor's list of merges leaves 20 tokens a segment where the paper says 30", () => {
    assert.deepEqual(LONGVLM.merges, [1280, 640, 320, 160, 80, 40, 10]);
    assert.equal(LONGVLM.merges.reduce((rows, r) => rows - r, 10 * 256), 30);
  });

  it("the global tokens are never made", async () => {
    const shapes = { tokens: 4, width: 2, grid: [2, 2] as const, global: { layers: 25, width: 2, kind: "class" as const } };
    const composer = createComposer({ ...LONGVLM, frames: 2, segments: 1, merges: [4], heads: 1 }, shapes);
    const next = random(1);
    const draw = (n: number): Float32Array => Float32Array.from({ length: n }, () => next());
    const global = draw(2 * 25 * 2);
    const segments = await composer.compose({ frames: 2, tokens: 4, width: 2, data: draw(16), global: { frames: 2, tokens: 25, width: 2, data: global } }, {});
    const first = segments[0]!.tokens;
    assert.equal(first.rows, 5);
    for (let row = 0; row < 5; row++) {
      for (let d = 0; d < 2; d++) {
        const at = (20 + row) * 2 + d;
        assert.ok(Math.abs(first.data[row * 2 + d]! - (global[at]! + global[50 + at]!) / 2) < 1e-6);
      }
    }
  });

  it("a sort that is not stable gives another order where tokens are equally alike", () => {
    // 40 equal tokens: more than the ten up to which many sorts are stable by accident.
    const tokens = { rows: 40, width: 2, data: new Float64Array(80).fill(1), sizes: Float64Array.from({ length: 40 }, (_, i) => i + 1) };
    const merged = mergeTokens(tokens, 5, 1);
    // The first five of A go into the first of B; the others of A stay in their order, then B.
    assert.deepEqual([...merged.sizes.subarray(0, 15)], Array.from({ length: 15 }, (_, i) => 2 * (i + 5) + 1));
    assert.deepEqual([...merged.sizes.subarray(15)], [2 + 1 + 3 + 5 + 7 + 9, ...Array.from({ length: 19 }, (_, i) => 2 * (i + 2))]);
  });
});
