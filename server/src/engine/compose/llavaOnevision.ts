import { throwIfAborted } from "../errors.js";
import { expectShape, unfit } from "./check.js";
import type { Composer, ComposerShapes, Segment } from "./port.js";

export interface LlavaOnevisionSettings {
  readonly name: "llava-onevision";
  /** Rows and columns divided by this, rounded up. */
  readonly stride: number;
}

export const LLAVA_ONEVISION: LlavaOnevisionSettings = { name: "llava-onevision", stride: 2 };

/**
 * LLaVA-OneVision (arXiv 2408.03326, section 3.1, and its code): the grid of a frame's tokens is resized
 * bilinearly to half its sides, (T, 27 * 27, D) -> (T, 14 * 14, D), and one learned token, the line mark
 * that pictures have after each row, ends the video. The sample points are those of PyTorch's
 * `interpolate` (no aligned corners, no antialiasing): output i reads input (i + 0.5) * from / to - 0.5.
 * Here 196 T + 1 positions; pictures of any resolution are not a part of it: frames are scaled whole.
 */
export function llavaOnevision({ stride }: LlavaOnevisionSettings, { tokens, width, grid: [height, breadth], parts }: ComposerShapes): Composer {
  if (height * breadth !== tokens) throw unfit("llava-onevision", `needs a grid of tokens without a class token, not ${tokens} for ${height} x ${breadth}`);
  const newline = parts?.newline;
  if (newline === undefined) throw unfit("llava-onevision", "needs the learned line mark that ends a video");
  if (newline.width !== width) throw unfit("llava-onevision", `has a line mark of ${newline.width} for tokens of ${width}`);
  const [rows, columns] = [Math.ceil(height / stride), Math.ceil(breadth / stride)];
  const [ys, xs] = [samples(height, rows), samples(breadth, columns)];
  const cells = rows * columns;
  const projector = "visual";
  const grid = { times: 1, rows, columns };
  return {
    name: "llava-onevision",
    widths: { visual: width },
    outline: (frames) => (frames === 0 ? [] : [...Array.from({ length: frames }, (_, frame) => ({ frame, projector, rows: cells, grid }) as const), { projector, rows: 1 }]),
    compose: async (features, learned, signal) => {
      throwIfAborted(signal);
      expectShape(features, tokens, width);
      if (features.frames === 0) return [];
      const segments = Array.from({ length: features.frames }, (_, frame): Segment => {
        const from = features.data.subarray(frame * tokens * width, (frame + 1) * tokens * width);
        const data = new Float32Array(cells * width);
        ys.forEach(([y0, y1, v], i) =>
          xs.forEach(([x0, x1, u], j) => {
            const [a, b, c, d] = [y0 * breadth + x0, y0 * breadth + x1, y1 * breadth + x0, y1 * breadth + x1].map((cell) => cell * width) as [number, number, number, number];
            const to = (i * columns + j) * width;
            for (let k = 0; k < width; k++) {
              const upper = from[a + k]! * (1 - u) + from[b + k]! * u;
              data[to + k] = upper * (1 - v) + (from[c + k]! * (1 - u) + from[d + k]! * u) * v;
            }
          }),
        );
        return { frame, projector, tokens: { rows: cells, width, data }, grid };
      });
      return [...segments, { projector, tokens: learned.newline! }];
    },
  };
}

/** For each output cell the two input cells that it lies between, and the second one's share. */
function samples(from: number, to: number): (readonly [before: number, after: number, share: number])[] {
  return Array.from({ length: to }, (_, i) => {
    const at = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const before = Math.min(from - 1, Math.floor(at));
    return [before, Math.min(from - 1, before + 1), at - before];
  });
}
