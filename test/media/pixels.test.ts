/** Colours and scaling, against formulas and a second computation. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Frame } from "../../server/src/engine/ports.js";
import { pillowBicubic } from "../support/bicubic.js";
import { tempFolder } from "../support/tempFolder.js";
import { rgbOf, writeFilm, type Signalling } from "../support/yuv.js";
import { forEachDecoder } from "./support.js";

/** Y, Cb, Cr that are within the gamut by every matrix, in limited range and in full. */
const PATCHES: readonly (readonly [number, number, number])[] = [
  [40, 128, 128], [128, 128, 128], [220, 128, 128], [100, 150, 110], [100, 110, 150], [140, 100, 128], [120, 128, 160], [150, 140, 100],
];
const PATCH = 32;
const WIDTH = PATCH * PATCHES.length;

function patches(): Uint8Array {
  const plane = (channel: 0 | 1 | 2, size: number): number[] => Array.from({ length: size * size * PATCHES.length }, (_, i) => PATCHES[Math.floor((i % (size * PATCHES.length)) / size)]![channel]);
  return Uint8Array.from([...plane(0, PATCH), ...plane(1, PATCH / 2), ...plane(2, PATCH / 2)]);
}

const SIGNALLINGS: readonly Signalling[] = (["smpte170m", "bt709", "bt2020nc"] as const).flatMap((matrix) => (["tv", "pc"] as const).map((range): Signalling => ({ matrix, range, bits: matrix === "bt2020nc" ? 10 : 8 })));

const folder = tempFolder(after);
const pixelOf = ({ rgb, width }: Frame, x: number, y: number): number[] => [...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];

forEachDecoder("colours", (media) => {
  for (const signalling of SIGNALLINGS) {
    const { matrix, range, bits } = signalling;
    for (const [container, scale] of [["mp4", 1], ["mkv", 2]] as const) {
      it(`are those of ${matrix}, ${range === "tv" ? "limited" : "full"} range, ${bits} bits, in ${container}${scale === 1 ? "" : ", scaled"}`, async function () {
        const path = join(folder, `${matrix}-${range}.${container}`);
        if (!(await writeFilm(path, WIDTH, PATCH, patches(), signalling))) this.skip();
        const [frame] = await media().frames.frames({ path, timesMs: [0], width: WIDTH / scale, height: PATCH / scale, resize: "squash", mode: "exact" });
        for (const [i, yuv] of PATCHES.entries()) {
          const [got, wanted] = [pixelOf(frame!, ((i + 0.5) * PATCH) / scale, PATCH / scale / 2), rgbOf(yuv, signalling)];
          assert.ok(got.every((c, n) => Math.abs(c - wanted[n]!) <= 2), `${yuv.join()}: ${got.join()} instead of ${wanted.join()}`);
        }
      });
    }
  }
});

/** Something like a photograph: soft shapes, an edge, a little texture; the same in every run. */
function scene(width: number, height: number): Uint8Array {
  const luma = Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [(i % width) / width, Math.floor(i / width) / height];
    const soft = 110 + 50 * Math.sin(9 * x + 3 * y) + 30 * Math.cos(17 * y - 5 * x * y);
    return Math.round(soft + (x + 0.4 * y > 0.8 ? 25 : 0) + 6 * Math.sin(120 * x) * Math.sin(90 * y));
  });
  const [w, h] = [width / 2, height / 2];
  const chroma = (shift: number): number[] => Array.from({ length: w * h }, (_, i) => Math.round(128 + 40 * Math.sin((6 * (i % w)) / w + (4 * Math.floor(i / w)) / h + shift)));
  return Uint8Array.from([...luma, ...chroma(0), ...chroma(2)]);
}

/** Peak signal-to-noise ratio of 8-bit samples, dB. */
function psnr(a: Uint8Array, b: Uint8Array): number {
  const squares = a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
  return 10 * Math.log10((255 * 255 * a.length) / squares);
}

forEachDecoder("scaling", (media) => {
  for (const [width, height, to] of [[640, 360, 224], [480, 480, 96], [1280, 720, 336]] as const) {
    it(`from ${width} x ${height} to ${to} x ${to} is within 45 dB of Pillow's bicubic filter`, async function () {
      const path = join(folder, `scene-${width}.mp4`);
      if (!(await writeFilm(path, width, height, scene(width, height), { matrix: "bt709", range: "tv", bits: 8 }))) this.skip();
      const request = { path, timesMs: [0], resize: "squash", mode: "exact" } as const;
      const [full] = await media().frames.frames({ ...request, width, height });
      const [small] = await media().frames.frames({ ...request, width: to, height: to });
      const reference = pillowBicubic(full!.rgb, [width, height], [to, to]);
      const decibels = psnr(small!.rgb, reference);
      assert.ok(decibels >= 45, `${decibels.toFixed(1)} dB`);
    });
  }
});
