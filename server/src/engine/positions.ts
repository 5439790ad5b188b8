/**
 * Positions of a prompt with several coordinates each (multi-dimensional RoPE). The rule is Qwen2-VL's (arXiv
 * 2409.12191, section 2.1): text counts on in all three coordinates at once; a picture's tokens begin where the
 * text before them ended and lie by time, row and column; what follows begins behind the largest coordinate.
 */
import { VqaError } from "./errors.js";
import type { VisualGrid } from "./ports.js";

/** One run of a prompt: text of so many tokens, or a visual piece. */
export type Run = { readonly tokens: number } | { readonly grid: VisualGrid };

export interface Positions {
  /** (3, n), row-major: the time of every position, then its rows, then its columns. */
  readonly coordinates: Int32Array;
  /** Where text that follows goes on. */
  readonly next: number;
}

/** `start` is where the first run begins. */
export function multiPositions(runs: readonly Run[], start = 0): Positions {
  const count = runs.reduce((sum, run) => sum + ("grid" in run ? run.grid.times * run.grid.rows * run.grid.columns : run.tokens), 0);
  const coordinates = new Int32Array(3 * count);
  let at = 0;
  let next = start;
  const put = (time: number, row: number, column: number): void => {
    coordinates[at] = time;
    coordinates[count + at] = row;
    coordinates[2 * count + at] = column;
    at++;
  };
  for (const run of runs) {
    if (!("grid" in run)) {
      for (let i = 0; i < run.tokens; i++, next++) put(next, next, next);
      continue;
    }
    const { times, rows, columns } = run.grid;
    for (let t = 0; t < times; t++) for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) put(next + t, next + y, next + x);
    next += Math.max(times, rows, columns);
  }
  return { coordinates, next };
}

/** Error: internal for a grid that is not that of so many embeddings. */
export function expectGrid({ times, rows, columns }: VisualGrid, embeddings: number): void {
  if (times * rows * columns !== embeddings) throw new VqaError("internal", `A visual piece of ${embeddings} tokens says ${times} x ${rows} x ${columns}.`);
}
