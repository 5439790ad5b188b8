import assert from "node:assert/strict";
import { takePeaks } from "../../server/src/runtime/ffmpeg/peaks.js";

const RATE = 16;

/** Sound of 16 samples a second, each the number that `at` gives for its second. */
function sound(at: (second: number) => number, asked: (readonly [number, number])[] = []) {
  return {
    pcm16k: async (_path: string, startMs: number, endMs: number) => {
      asked.push([startMs, endMs]);
      return Float32Array.from({ length: ((endMs - startMs) * RATE) / 1000 }, (_, i) => at(startMs / 1000 + i / RATE));
    },
  };
}

describe("how loud a film is", () => {
  it("is the largest sample of each part, whatever its sign", async () => {
    const peaks = await takePeaks(sound((second) => (second < 1 ? 0 : second < 2 ? -0.5 : second < 3 ? 0.25 : 2)), { path: "a", durationMs: 4000, buckets: 4 });
    assert.deepEqual(peaks, [0, 0.5, 0.25, 1]);
  });

  it("is read in pieces that meet without a gap", async () => {
    const asked: (readonly [number, number])[] = [];
    const durationMs = 11 * 60_000;
    const peaks = await takePeaks(sound((second) => (Math.abs(second - 400) < 5 ? 0.8 : 0.1), asked), { path: "a", durationMs, buckets: 66 });
    assert.deepEqual(asked, [[0, 300_000], [300_000, 600_000], [600_000, 660_000]]);
    assert.deepEqual(peaks.flatMap((peak, i) => (peak > 0.5 ? [i] : [])), [39, 40]);
    assert.ok(peaks.every((peak) => peak === 0.1 || peak === 0.8));
  });

  it("is nothing without sound, and stops when it is told to", async () => {
    assert.deepEqual(await takePeaks({ pcm16k: async () => undefined }, { path: "a", durationMs: 1000, buckets: 4 }), []);
    const controller = new AbortController();
    const stopping = { pcm16k: async () => (controller.abort(), new Float32Array(4)) };
    await assert.rejects(takePeaks(stopping, { path: "a", durationMs: 1000, buckets: 4 }, controller.signal), { code: "cancelled" });
  });
});
