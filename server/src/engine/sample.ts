import type { Span } from "./answer.js";
import type { SamplingStrategy } from "./pack.js";
import type { VideoStreamInfo } from "./ports.js";
import { sampleAtRate, samplePerScene, samplePerSegment } from "./strategies.js";

type FrameRate = VideoStreamInfo["frameRate"];

/** What some rules go by. */
export interface Known {
  readonly frameRate?: FrameRate | undefined;
  /** With `fps`: frames a second. */
  readonly rate?: number | undefined;
  /** With `scenes`: first times of new scenes, ascending. */
  readonly cuts?: readonly number[];
}

/**
 * The times of `frames` frames, or of fewer, by the rule that is asked for or that the system was trained
 * with. The published rules count frames, not time: index i of them becomes the middle of the time for which that frame is on
 * screen, in the spans laid end to end. For moments, and for a video without a frame rate, every rule
 * is the uniform one.
 */
export function sampleTimes(
  strategy: SamplingStrategy,
  spans: readonly Span[],
  frames: number,
  { frameRate, rate = 1, cuts = [] }: Known,
): readonly number[] {
  if (strategy === "fps") return sampleAtRate(spans, rate, frames);
  if (strategy === "segment") return samplePerSegment(spans, frames);
  if (strategy === "scenes") return samplePerScene(spans, cuts, frames);
  const rule = INDEX_RULES[strategy];
  if (!rule || !frameRate || frameRate.num <= 0 || spans.some((s) => s.endMs === s.startMs)) return sampleUniform(spans, frames);
  const total = framesWithin(spans, frameRate);
  const periodMs = (1000 * frameRate.den) / frameRate.num;
  const times = rule(total, frames).map((index) => offsetTime(spans, (index + 0.5) * periodMs));
  return [...new Set(times)].sort((a, b) => a - b);
}

const INDEX_RULES: Partial<Record<SamplingStrategy, (total: number, frames: number) => readonly number[]>> = {
  "video-chatgpt": videoChatGptIndices,
  "video-llama": videoLlamaIndices,
};

/**
 * Video-ChatGPT's rule (arXiv 2306.05424, its code), which RED-VILLM and LongVLM use: the middles of
 * segments whose borders are rounded, halves to the even neighbour: seg = (total - 1) / frames, index
 * i = floor((round(seg * i) + round(seg * (i + 1))) / 2).
 */
export function videoChatGptIndices(total: number, frames: number): readonly number[] {
  const seg = (total - 1) / frames;
  return Array.from({ length: frames }, (_, i) => Math.floor((roundHalfEven(seg * i) + roundHalfEven(seg * (i + 1))) / 2));
}

/** Video-LLaMA's rule (its code): every total / frames of a frame from the first on, cut to whole indices. */
export function videoLlamaIndices(total: number, frames: number): readonly number[] {
  return Array.from({ length: frames }, (_, i) => Math.floor((i * total) / frames));
}

function roundHalfEven(value: number): number {
  const low = Math.floor(value);
  const part = value - low;
  if (part !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}

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
  const times = [...alone, ...centresOf(stretches, frames - alone.length)];
  return [...new Set(times)].sort((a, b) => a - b);
}

/** How many distinct frames the spans hold at a frame rate; at least one. */
export function framesWithin(spans: readonly Span[], frameRate: FrameRate): number {
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

/** The middles of `count` equal parts of the stretches laid end to end. */
export function centresOf(stretches: readonly Span[], count: number): number[] {
  const total = stretches.reduce((sum, s) => sum + s.endMs - s.startMs, 0);
  return Array.from({ length: count }, (_, i) => offsetTime(stretches, ((i + 0.5) * total) / count));
}

/** The time at `offset` milliseconds into the stretches laid end to end. */
export function offsetTime(stretches: readonly Span[], offset: number): number {
  let rest = offset;
  for (const { startMs, endMs } of stretches) {
    const length = endMs - startMs;
    if (rest < length) return Math.min(endMs, Math.max(startMs, Math.round(startMs + rest)));
    rest -= length;
  }
  return stretches.at(-1)!.endMs;
}
