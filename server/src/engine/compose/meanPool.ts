import { throwIfAborted } from "../errors.js";
import { expectShape, unfit } from "./check.js";
import type { Composer, ComposerShapes, Segment, SegmentShape } from "./port.js";

export interface MeanPoolSettings {
  readonly name: "mean-pool";
  /** Runs of frames that are averaged over time; 0 leaves every frame by itself. */
  readonly segments: number;
  /** Rows and columns that a picture's tokens are averaged to. */
  readonly grid: readonly [rows: number, columns: number];
}

/** As many tokens as LongVLM's local ones: 10 segments of 30. */
export const MEAN_POOL: MeanPoolSettings = { name: "mean-pool", segments: 10, grid: [5, 6] };

/**
 * The baseline without an idea: the frames of each of `segments` equal runs are averaged, and their
 * tokens averaged to a coarser grid (adaptive average pooling: output row i covers the input rows
 * floor(i * in / out) to ceil((i + 1) * in / out)). It costs the same tokens as a system that claims
 * to choose them well, so what that system gains over it is what its idea is worth.
 */
export function meanPool({ segments, grid: [rows, columns] }: MeanPoolSettings, shapes: ComposerShapes): Composer {
  const { tokens, width, grid } = shapes;
  if (grid[0] * grid[1] !== tokens) throw unfit("mean-pool", `needs a grid of tokens without a class token, not ${tokens} for ${grid.join(" x ")}`);
  if (rows > grid[0] || columns > grid[1]) throw unfit("mean-pool", `cannot average ${grid.join(" x ")} tokens to ${rows} x ${columns}`);
  const cells = rows * columns;
  const outline = (frames: number): readonly SegmentShape[] => {
    if (segments === 0) return Array.from({ length: frames }, (_, frame) => ({ frame, projector: "visual", rows: cells }));
    return runsOf(frames, segments).map((run) => ({ frames: run, projector: "visual", rows: cells }));
  };
  return {
    name: "mean-pool",
    widths: { visual: width },
    outline,
    compose: async (features, _, signal) => {
      throwIfAborted(signal);
      expectShape(features, tokens, width);
      const size = tokens * width;
      return outline(features.frames).map(({ rows: _, ...segment }): Segment => {
        const [first, last] = segment.frames ?? [segment.frame!, segment.frame!];
        const data = new Float32Array(cells * width);
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++) {
            const [y0, y1] = window(i, grid[0], rows);
            const [x0, x1] = window(j, grid[1], columns);
            const share = 1 / ((last - first + 1) * (y1 - y0) * (x1 - x0));
            for (let d = 0; d < width; d++) {
              let sum = 0;
              for (let t = first; t <= last; t++) {
                for (let y = y0; y < y1; y++) {
                  for (let x = x0; x < x1; x++) sum += features.data[t * size + (y * grid[1] + x) * width + d]!;
                }
              }
              data[(i * columns + j) * width + d] = sum * share;
            }
          }
        }
        return { ...segment, tokens: { rows: cells, width, data } };
      });
    },
  };
}

/** `frames` in `segments` runs as equal as can be, in order; no more runs than frames. */
function runsOf(frames: number, segments: number): (readonly [number, number])[] {
  const runs = Math.min(frames, segments);
  return Array.from({ length: runs }, (_, s) => [Math.floor((s * frames) / runs), Math.floor(((s + 1) * frames) / runs) - 1] as const);
}

function window(i: number, from: number, to: number): readonly [number, number] {
  return [Math.floor((i * from) / to), Math.ceil(((i + 1) * from) / to)];
}
