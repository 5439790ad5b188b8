import type { Span } from "./answer.js";

/**
 * Uniform sampling: the times of `frames` frames, at the centres of that many equal parts of the
 * time that the spans hold together. Moments (spans of no length) take one frame each, as long as
 * the stretches keep at least one.
 *
 * MiniGPT4-Video (arXiv 2404.03413, its code) samples otherwise: with a budget of N frames it keeps
 * every frame whose index is a multiple of max(1, floor(total / N)) and stops after N of them. So
 * the tail is lost (total mod N frames, spread over N steps), and of a video with fewer than 2N
 * frames only the first N are seen. The budget is kept here, the rule is not.
 *
 * @param spans Ascending and disjoint.
 * @returns Ascending, distinct, whole milliseconds where the span allows it, inside the spans;
 *   `frames` of them, fewer only when the spans are all moments or shorter than that many milliseconds.
 */
export function sampleUniform(spans: readonly Span[], frames: number): readonly number[] {
  const moments = spans.filter((s) => s.endMs === s.startMs).map((s) => s.startMs);
  const stretches = spans.filter((s) => s.endMs > s.startMs);
  if (stretches.length === 0) return spread(moments, frames);
  const alone = spread(moments, Math.min(moments.length, frames - 1));
  const times = [...alone, ...centres(stretches, frames - alone.length)];
  return [...new Set(times)].sort((a, b) => a - b);
}

/** How many distinct frames the spans hold at a frame rate; at least one. */
export function framesWithin(spans: readonly Span[], frameRate: { readonly num: number; readonly den: number }): number {
  const stretch = spans.reduce((sum, s) => sum + s.endMs - s.startMs, 0);
  const moments = spans.filter((s) => s.endMs === s.startMs).length;
  // One division, at the end: 29.97 frames a second times 1.001 s are 30 frames, not 29.999.
  return Math.max(1, moments + Math.floor((stretch * frameRate.num) / (frameRate.den * 1000)));
}

/** `count` of the items, evenly chosen, in their order; all of them when there are no more. */
export function spread<T>(items: readonly T[], count: number): readonly T[] {
  if (count >= items.length) return items;
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)]!);
}

function centres(stretches: readonly Span[], count: number): number[] {
  const total = stretches.reduce((sum, s) => sum + s.endMs - s.startMs, 0);
  return Array.from({ length: count }, (_, i) => at(stretches, ((i + 0.5) * total) / count));
}

/** The time at `offset` milliseconds into the stretches laid end to end. */
function at(stretches: readonly Span[], offset: number): number {
  let rest = offset;
  for (const { startMs, endMs } of stretches) {
    const length = endMs - startMs;
    if (rest < length) return Math.min(endMs, Math.max(startMs, Math.round(startMs + rest)));
    rest -= length;
  }
  return stretches.at(-1)!.endMs;
}
