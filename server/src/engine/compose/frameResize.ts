import { throwIfAborted } from "../errors.js";
import { expectShape, unfit } from "./check.js";
import type { Composer, ComposerShapes, Segment } from "./port.js";

export interface FrameResizeSettings {
  readonly name: "frame-resize";
  readonly grid: readonly [rows: number, columns: number];
}

/** A 16 x 16 grid to 8 x 8: 64 tokens a frame, as many as MiniGPT4-Video's concatenation. */
export const FRAME_RESIZE: FrameResizeSettings = { name: "frame-resize", grid: [8, 8] };

/**
 * The baseline that published token pruners lost to at equal tokens: every frame smaller. Its grid of
 * tokens is resized by area: each output cell is the mean of what it covers, weighted by how much of
 * it. At half the size that is the mean of 2 x 2 neighbours, VideoLLaMA3's merge for video (arXiv
 * 2501.13106, section 2.1). (Bilinear interpolation would skip tokens below half the size.) A pack
 * whose encoder takes smaller pictures resizes those instead, by giving the system an encoder of its own.
 */
export function frameResize({ grid: [rows, columns] }: FrameResizeSettings, { tokens, width, grid }: ComposerShapes): Composer {
  if (grid[0] * grid[1] !== tokens) throw unfit("frame-resize", `needs a grid of tokens without a class token, not ${tokens} for ${grid.join(" x ")}`);
  if (rows > grid[0] || columns > grid[1]) throw unfit("frame-resize", `cannot make ${grid.join(" x ")} tokens larger, to ${rows} x ${columns}`);
  const cells = rows * columns;
  const projector = "visual";
  const own = { times: 1, rows, columns };
  const [ys, xs] = [shares(grid[0], rows), shares(grid[1], columns)];
  return {
    name: "frame-resize",
    widths: { visual: width },
    outline: (frames) => Array.from({ length: frames }, (_, frame) => ({ frame, projector, rows: cells, grid: own })),
    compose: async (features, _, signal) => {
      throwIfAborted(signal);
      expectShape(features, tokens, width);
      return Array.from({ length: features.frames }, (_, frame): Segment => {
        const from = features.data.subarray(frame * tokens * width, (frame + 1) * tokens * width);
        const data = new Float32Array(cells * width);
        ys.forEach((down, i) =>
          xs.forEach((across, j) => {
            for (let d = 0; d < width; d++) {
              let sum = 0;
              for (const [y, v] of down) for (const [x, u] of across) sum += from[(y * grid[1] + x) * width + d]! * v * u;
              data[(i * columns + j) * width + d] = sum;
            }
          }),
        );
        return { frame, projector, tokens: { rows: cells, width, data }, grid: own };
      });
    },
  };
}

/** For each output cell the input cells that it covers, each with its share of it. */
function shares(from: number, to: number): (readonly (readonly [cell: number, share: number])[])[] {
  const length = from / to;
  return Array.from({ length: to }, (_, i) => {
    const [begin, end] = [i * length, (i + 1) * length];
    const first = Math.floor(begin + 1e-9);
    const last = Math.ceil(end - 1e-9) - 1;
    return Array.from({ length: last - first + 1 }, (_, k): readonly [number, number] => {
      const cell = first + k;
      return [cell, (Math.min(end, cell + 1) - Math.max(begin, cell)) / length];
    });
  });
}
