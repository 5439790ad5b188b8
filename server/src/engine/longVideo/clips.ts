import type { Span } from "../answer.js";
import type { SceneCut } from "../ports.js";

/**
 * Parts a video into clips: in order, without a gap or an overlap, none longer than `clipMs` and none
 * shorter than half of it (but of a video that is shorter itself). Each ends at the strongest cut that
 * these bounds allow, the later of equals, and without one at its longest. (Goldfish's code takes
 * contiguous clips of one length, 80 s, wherever they cut a scene in two.)
 *
 * @param cuts Ascending.
 * @returns At least one; borders are whole milliseconds, but for the video's own end.
 */
export function partition(durationMs: number, cuts: readonly SceneCut[], clipMs: number): readonly Span[] {
  const shortest = clipMs / 2;
  const clips: Span[] = [];
  let startMs = 0;
  let next = 0;
  while (durationMs - startMs > clipMs) {
    // What is left must still be a clip.
    const [low, high] = [startMs + shortest, Math.min(startMs + clipMs, durationMs - shortest)];
    while (next < cuts.length && cuts[next]!.timeMs < low) next++;
    let best: SceneCut | undefined;
    for (let i = next; i < cuts.length && cuts[i]!.timeMs <= high; i++) {
      if (!best || cuts[i]!.score >= best.score) best = cuts[i];
    }
    const border = best && Math.round(best.timeMs);
    // Rounding must not leave the bounds.
    const endMs = border !== undefined && border >= low && border <= high ? border : Math.floor(high);
    clips.push({ startMs, endMs });
    startMs = endMs;
  }
  return [...clips, { startMs, endMs: durationMs }];
}
