/**
 * Cuts between shots. A picture begins a scene when it differs from the one before much more than
 * that one did from its own predecessor: the measure of FFmpeg's `scdet` (the smaller of the mean
 * difference and of its change), here on colours and on the pictures that others depend on.
 */
import { throwIfAborted } from "../../engine/errors.js";
import type { Frame, FrameMode, SceneCut } from "../../engine/ports.js";
import type { Differences } from "./decoder.js";
import { meanDifference } from "./difference.js";

export const DEFAULT_THRESHOLD: Readonly<Record<FrameMode, number>> = { exact: 10, keyframe: 15 };

/** Two cuts nearer than this are one, or a flash. */
const SHORTEST_SCENE_MS = 300;

export interface FoundCut {
  /** Index into the differences: the first picture of the new scene. */
  readonly at: number;
  readonly score: number;
}

/**
 * The cuts among compared pictures.
 * @param apart keyframes lie so far apart that every one may differ much from the one before: only the
 *   difference itself counts then
 * @param msOf the time of a picture
 */
export function findCuts({ difference }: Differences, threshold: number, apart: boolean, msOf: (at: number) => number): FoundCut[] {
  const cuts: FoundCut[] = [];
  for (let at = 1; at < difference.length; at++) {
    const now = difference[at]!;
    const score = apart ? now : Math.min(now, Math.abs(now - difference[at - 1]!));
    if (score < threshold) continue;
    const before = cuts.at(-1);
    // Coming back from a flash differs as much as going into it.
    if (before && msOf(at) - msOf(before.at) < SHORTEST_SCENE_MS) {
      if (score > before.score) cuts[cuts.length - 1] = { at, score };
    } else cuts.push({ at, score });
  }
  return cuts;
}

/** The largest step between consecutive frames: the second of that pair begins the scene. */
export function steepest(frames: readonly Frame[]): Frame | undefined {
  let best: { readonly frame: Frame; readonly step: number } | undefined;
  for (let i = 1; i < frames.length; i++) {
    const [a, b] = [frames[i - 1]!, frames[i]!];
    const step = b.timeMs === a.timeMs ? 0 : meanDifference(a.rgb, b.rgb);
    if (!best || step > best.step) best = { frame: b, step };
  }
  return best?.frame;
}

/** Times at which all frames of (fromMs, toMs] are on screen, and `fromMs` first. */
export function timesWithin(fromMs: number, toMs: number, frameMs: number): number[] {
  const count = Math.max(1, Math.round((toMs - fromMs) / frameMs));
  return Array.from({ length: count + 1 }, (_, i) => fromMs + ((toMs - fromMs) * i) / count);
}

/** How many frames are decoded at a time to find the first of a scene. */
const PER_REQUEST = 256;

/**
 * Moves each cut, which was found between two compared pictures, to the frame where it really is.
 * @param between the times of the compared pictures before and at each cut, ms
 * @param grab small frames at times
 */
export async function refineCuts(
  cuts: readonly SceneCut[],
  between: readonly (readonly [number, number])[],
  frameMs: number,
  grab: (timesMs: readonly number[]) => Promise<readonly Frame[]>,
  onFraction: (fraction: number) => void,
  signal?: AbortSignal,
): Promise<SceneCut[]> {
  const refined = [...cuts];
  let [times, owners]: [number[], { cut: number; from: number; to: number }[]] = [[], []];
  const flush = async (): Promise<void> => {
    if (times.length === 0) return;
    const frames = await grab(times);
    throwIfAborted(signal);
    for (const { cut, from, to } of owners) {
      const first = steepest(frames.slice(from, to));
      if (first) refined[cut] = { ...cuts[cut]!, timeMs: first.timeMs };
    }
    onFraction((owners.at(-1)!.cut + 1) / cuts.length);
    [times, owners] = [[], []];
  };
  for (const [cut, [from, to]] of between.entries()) {
    const these = timesWithin(from, to, frameMs);
    if (these.length <= 2) continue;
    if (times.length + these.length > PER_REQUEST) await flush();
    owners.push({ cut, from: times.length, to: times.length + these.length });
    times.push(...these);
  }
  await flush();
  return refined;
}
