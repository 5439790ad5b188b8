import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";
import type { Frame } from "../../../server/src/engine/ports.js";
import { comparedSize, DifferenceMeter, meanDifference } from "../../../server/src/runtime/ffmpeg/difference.js";
import { encodePng } from "../../../server/src/runtime/ffmpeg/png.js";
import { findCuts, steepest, timesWithin } from "../../../server/src/runtime/ffmpeg/scenes.js";

const differences = (...difference: number[]) => ({ pts: Float64Array.from(difference.keys()), difference: Float32Array.from(difference) });
/** 25 pictures a second. */
const msOf = (at: number): number => at * 40;
const flat = (timeMs: number, value: number): Frame => ({ timeMs, width: 1, height: 1, rgb: Uint8Array.of(value, value, value) });

describe("cuts among compared pictures", () => {
  it("are steps out of calm, not movement that goes on", () => {
    const moving = [0, 30, 31, 29, 30, 32, 30, 31, 30, 31, 30];
    assert.deepEqual(findCuts(differences(...moving), 10, false, msOf).map(({ at }) => at), [1]);
    assert.deepEqual(findCuts(differences(0, 1, 1, 40, 1, 1), 10, false, msOf), [{ at: 3, score: 39 }]);
    assert.deepEqual(findCuts(differences(0, 1, 9, 1), 10, false, msOf), []);
  });

  it("count once when they follow each other at once, as into and out of a flash", () => {
    const found = findCuts(differences(0, 1, 1, 1, 50, 60, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 70, 1), 10, false, msOf);
    assert.deepEqual(found.map(({ at }) => at), [4, 17]);
  });

  it("are judged by the difference alone where pictures lie far apart", () => {
    assert.deepEqual(findCuts(differences(0, 30, 30, 5), 15, true, (at) => at * 2000).map(({ at }) => at), [1, 2]);
  });
});

describe("the frame of a cut", () => {
  it("is the second of the pair with the largest step", () => {
    assert.equal(steepest([flat(0, 10), flat(40, 12), flat(80, 200), flat(120, 205)])?.timeMs, 80);
    assert.equal(steepest([flat(0, 10), flat(0, 10)])?.timeMs, 0);
    assert.equal(steepest([flat(0, 10)]), undefined);
  });

  it("is looked for among all frames between two pictures", () => {
    assert.deepEqual(timesWithin(1000, 1120, 40), [1000, 1040, 1080, 1120]);
    assert.deepEqual(timesWithin(1000, 1040, 40), [1000, 1040]);
  });
});

describe("differences of pictures", () => {
  it("are parts of the full range", () => {
    assert.equal(meanDifference(Uint8Array.of(0, 0), Uint8Array.of(255, 255)), 100);
    assert.equal(meanDifference(Uint8Array.of(10, 20), Uint8Array.of(20, 10)), 1000 / 255);
    const meter = new DifferenceMeter();
    meter.push(5, Uint8Array.of(0));
    meter.push(7, Uint8Array.of(51));
    assert.deepEqual([[...meter.result.pts], [...meter.result.difference]], [[5, 7], [0, 20]]);
  });

  it("are taken at a small size of the same shape", () => {
    assert.deepEqual(comparedSize({ width: 1920, height: 1080 }), { width: 96, height: 54 });
    assert.deepEqual(comparedSize({ width: 10, height: 4000 }), { width: 2, height: 96 });
  });
});

describe("a PNG file", () => {
  it("holds the pixels that were given", async () => {
    const rgb = Uint8Array.from({ length: 5 * 3 * 3 }, (_, i) => (i * 37) & 255);
    const file = await encodePng(rgb, 5, 3);
    assert.deepEqual([...file.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
    assert.deepEqual([file.readUInt32BE(16), file.readUInt32BE(20)], [5, 3]);
    const length = file.readUInt32BE(33);
    const rows = inflateSync(file.subarray(41, 41 + length));
    const read = new Uint8Array(rgb.length);
    for (let y = 0; y < 3; y++) {
      assert.equal(rows[y * 16], 2);
      for (let x = 0; x < 15; x++) read[y * 15 + x] = (rows[y * 16 + 1 + x]! + (y === 0 ? 0 : read[(y - 1) * 15 + x]!)) & 255;
    }
    assert.deepEqual(read, rgb);
  });
});
