import type { Timeline } from "./timeline.js";
import { keyAt } from "./timeline.js";

/** Frames that are decoded in one go. */
export interface Group {
  /** Timestamps to return, ascending, in ticks. */
  readonly pts: readonly number[];
  /** Where to seek to; undefined: decode from the start of the file. */
  readonly seekPts: number | undefined;
  /** The keyframe that decoding of this group needs. */
  readonly keyPts: number;
}

/** Keeps the select expression within the shortest command-line limit (32 KiB on Windows). */
const MAX_GROUP = 800;

/**
 * Splits wanted frames (ascending indices into the timeline) into groups. A new group costs a seek
 * plus decoding from its keyframe; staying costs decoding everything in between: the cheaper wins.
 * `seekCost` is the price of a seek in decoded frames.
 */
export function planGroups(t: Timeline, wanted: readonly number[], seekCost: number): Group[] {
  const groups: Group[] = [];
  let current: number[] = [];
  const flush = (): void => {
    const first = current[0];
    if (first === undefined) return;
    const key = keyAt(t, first);
    groups.push({
      pts: current.map((i) => t.pts[i]!),
      seekPts: t.seekable && key > 0 ? t.pts[first]! : undefined,
      keyPts: t.pts[key]!,
    });
    current = [];
  };
  for (const index of wanted) {
    const previous = current[current.length - 1];
    if (previous !== undefined) {
      const stay = index - previous;
      const seek = index - keyAt(t, index) + 1 + seekCost;
      if ((t.seekable && seek < stay) || current.length >= MAX_GROUP) flush();
    }
    current.push(index);
  }
  flush();
  return groups;
}
