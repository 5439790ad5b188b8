import assert from "node:assert/strict";
import fc from "fast-check";
import { placesOpen } from "../../../server/src/runtime/ffmpeg/cli/memory.js";

const film = (seconds: number, width = 1920, height = 1080) => ({
  coded: { width, height },
  clock: { timeBase: { num: 1, den: 1000 }, firstPts: 0, endPts: seconds * 1000, frameRate: { num: 30, den: 1 }, gop: 60, lead: 0 },
});
const sum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);

describe("places of a film that are open at a time", () => {
  it("are more where pictures are small", () => {
    assert.deepEqual(placesOpen(film(300, 640, 360), 2), [4, 4]);
    assert.deepEqual(placesOpen(film(300), 2), [2, 1]);
    assert.deepEqual(placesOpen(film(300, 3840, 2160), 2), [1]);
  });

  it("are fewer in a film whose index is long", () => {
    assert.deepEqual(placesOpen(film(3600), 2), [2, 1]);
    assert.deepEqual(placesOpen(film(3 * 3600), 2), [1, 1]);
    assert.deepEqual(placesOpen(film(10 * 3600), 2), [1]);
  });

  it("are one at least, in no more processes, and no more in as many, where the film is longer or its pictures are larger", () => {
    const side = fc.integer({ min: 16, max: 8192 });
    const length = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(side, side, length, length, fc.integer({ min: 1, max: 8 }), (width, height, seconds, more, most) => {
        const sizes = placesOpen(film(seconds, width, height), most);
        assert.ok(sizes.length >= 1 && sizes.length <= most && sizes.every((n) => n >= 1 && n <= 4), `${sizes}`);
        for (const larger of [placesOpen(film(seconds + more, width, height), most), placesOpen(film(seconds, width * 2, height), most)]) {
          assert.ok(larger.length < sizes.length || (larger.length === sizes.length && sum(larger) <= sum(sizes)), `${larger} after ${sizes}`);
        }
      }),
    );
  });
});
