import { VqaError } from "../../engine/errors.js";
import type { Frame } from "../../engine/ports.js";

export interface Normalisation {
  readonly width: number;
  readonly height: number;
  /** Multiplies the 8-bit value first: 1/255 brings it to [0, 1]. */
  readonly scale: number;
  /** By channel, red first. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Frames as one (T, 3, height, width) tensor of (value * scale - mean) / std. */
export function toTensor(frames: readonly Frame[], to: Normalisation): Float32Array {
  const { width, height, scale } = to;
  const plane = width * height;
  const out = new Float32Array(frames.length * 3 * plane);
  // 256 values a channel: a table keeps the division out of the loop.
  const tables = [0, 1, 2].map((c) => Float32Array.from({ length: 256 }, (_, v) => (v * scale - to.mean[c]!) / to.std[c]!));
  frames.forEach((frame, t) => {
    if (frame.width !== width || frame.height !== height || frame.rgb.length !== plane * 3) {
      throw new VqaError("internal", `A frame is ${frame.width} x ${frame.height}; the vision encoder takes ${width} x ${height}.`);
    }
    for (let c = 0; c < 3; c++) {
      const table = tables[c]!;
      const at = (t * 3 + c) * plane;
      for (let p = 0; p < plane; p++) out[at + p] = table[frame.rgb[p * 3 + c]!]!;
    }
  });
  return out;
}
