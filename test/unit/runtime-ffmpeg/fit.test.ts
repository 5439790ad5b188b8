import assert from "node:assert/strict";
import { displayedSize } from "../../../server/src/runtime/ffmpeg/displayed.js";
import { placeCentred, scaledSize } from "../../../server/src/runtime/ffmpeg/fit.js";
import { orientationOf } from "../../../server/src/runtime/ffmpeg/nodeav/matrix.js";

const size = (width: number, height: number) => ({ width, height });

describe("fitting", () => {
  it("chooses the size to scale to", () => {
    const to = (resize: "squash" | "crop" | "pad") => ({ ...size(224, 224), resize });
    assert.deepEqual(scaledSize(size(1920, 1080), to("squash")), size(224, 224));
    assert.deepEqual(scaledSize(size(1920, 1080), to("crop")), size(398, 224));
    assert.deepEqual(scaledSize(size(1920, 1080), to("pad")), size(224, 126));
    assert.deepEqual(scaledSize(size(1080, 1920), to("crop")), size(224, 398));
    assert.deepEqual(scaledSize(size(10, 10000), to("pad")), size(1, 224));
  });

  it("cuts and pads around the middle", () => {
    const row = (values: readonly number[]) => Uint8Array.from(values.flatMap((v) => [v, v, v]));
    const reds = (rgb: Uint8Array) => [...rgb].filter((_, i) => i % 3 === 0);
    assert.deepEqual(reds(placeCentred(row([1, 2, 3, 4]), size(4, 1), size(2, 1))), [2, 3]);
    assert.deepEqual(reds(placeCentred(row([1, 2]), size(2, 1), size(4, 1))), [0, 1, 2, 0]);
    assert.deepEqual(reds(placeCentred(row([1, 2]), size(1, 2), size(3, 4))), [0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0]);
    const same = row([1, 2]);
    assert.equal(placeCentred(same, size(2, 1), size(2, 1)), same);
  });

  it("knows the displayed size", () => {
    assert.deepEqual(displayedSize(size(720, 576), { num: 64, den: 45 }, 0), size(1024, 576));
    // Turned by ffmpeg, which also turns the sample aspect ratio.
    assert.deepEqual(displayedSize(size(576, 720), { num: 45, den: 64 }, 90), size(576, 1024));
  });

  it("reads display matrices", () => {
    const matrix = (a: number, b: number, c: number, d: number): Buffer => {
      const bytes = Buffer.alloc(36);
      [a, b, 0, c, d, 0, 0, 0, 1 << 14].forEach((v, i) => bytes.writeInt32LE(v * 65536 | 0, i * 4));
      return bytes;
    };
    assert.deepEqual(orientationOf(null), { rotation: 0, filters: [] });
    assert.deepEqual(orientationOf(matrix(1, 0, 0, 1)), { rotation: 0, filters: [] });
    assert.deepEqual(orientationOf(matrix(0, 1, -1, 0)), { rotation: 90, filters: ["transpose=clock"] });
    assert.deepEqual(orientationOf(matrix(-1, 0, 0, -1)), { rotation: 180, filters: ["hflip", "vflip"] });
    assert.deepEqual(orientationOf(matrix(0, -1, 1, 0)), { rotation: 270, filters: ["transpose=cclock"] });
    assert.deepEqual(orientationOf(matrix(1, 0, 0, -1)), { rotation: 0, filters: ["vflip"] });
  });
});
