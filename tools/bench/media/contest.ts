/** What contestants are asked, and what they say: one process a contestant and task, so that none warms another up. */

export const SIZE = 224;

export type Task =
  | { readonly kind: "frames"; readonly mode: "exact" | "keyframe"; readonly path: string; readonly timesMs: readonly number[] }
  /** Samples, or with `mel` Whisper's spectrogram of them: 80 bands, window by window of 30 s. */
  | { readonly kind: "sound" | "mel"; readonly path: string; readonly seconds: number };

export interface Said {
  /** User and system seconds of the process and of those that it started and waited for. */
  readonly cpu: number;
  readonly version: string;
  /** The number burnt into each frame; null where there is none. Empty for sound. */
  readonly numbers: readonly (number | null)[];
  /** For sound: samples. */
  readonly samples?: number;
  /** For `mel`: frames of 10 ms. */
  readonly melFrames?: number;
}

/** The golden ratio's fraction: its multiples spread evenly between 0 and 1. */
const GOLDEN = 0.618033988749895;

/**
 * Times of `count` frames, one somewhere in each of equal parts of a film, each exactly that of a frame.
 * Not the middles: those of a film with a keyframe every two seconds may all be keyframes.
 * @param draw 0, 1, ...: other times each
 */
export function spreadTimes(seconds: number, frameRate: number, count: number, draw = 0): number[] {
  const frames = Math.round(seconds * frameRate);
  return Array.from({ length: count }, (_, i) => (Math.floor(((i + ((draw * count + i + 1) * GOLDEN) % 1) * frames) / count) * 1000) / frameRate);
}

/** Frames of all draws together, at least. */
const ENOUGH = 40;

/**
 * How often times are drawn: what a frame costs depends on how far behind a keyframe it lies, and eight
 * frames are too few to lie in the middle on average.
 */
export const drawsOf = (count: number): number => Math.ceil(ENOUGH / count);
