/** Where things stand on a timeline. Pure. */
import type { Span } from "../../server/src/format/index.js";

export interface Placed {
  /** From 0; items of a lane do not overlap. */
  readonly lane: number;
  /** Parts of the whole width, 0 to 1. */
  readonly left: number;
  readonly width: number;
}

/** Narrower than this part of the timeline nobody could click it. */
const LEAST = 0.006;

/** The first lane with room for each, in order of their starts. Results are in the order of `spans`. */
export function layOut(spans: readonly Span[], durationMs: number): readonly Placed[] {
  const ends: number[] = [];
  const placed: Placed[] = [];
  const order = spans.map((_, i) => i).sort((a, b) => (spans[a] as Span).startMs - (spans[b] as Span).startMs || a - b);
  for (const i of order) {
    const { startMs, endMs } = spans[i] as Span;
    const left = fraction(startMs, durationMs);
    const width = Math.max(LEAST, fraction(endMs, durationMs) - left);
    let lane = ends.findIndex((end) => end <= left + 1e-9);
    if (lane < 0) lane = ends.length;
    ends[lane] = left + width;
    placed[i] = { lane, left, width };
  }
  return placed;
}

export function fraction(ms: number, durationMs: number): number {
  return durationMs > 0 ? Math.min(1, Math.max(0, ms / durationMs)) : 0;
}

/** The middles of `count` equal parts of a video. */
export function thumbnailTimes(durationMs: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => Math.round(((i + 0.5) * durationMs) / count));
}
