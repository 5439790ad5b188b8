import type { FrameFeatures } from "./ports.js";

/**
 * Times as an entry of the feature cache, which holds nothing else: (T, 1, 2) of whole seconds and
 * the rest, for one float32 would be off by a millisecond after four hours.
 */
export function packTimes(timesMs: readonly number[]): FrameFeatures {
  const data = Float32Array.from(timesMs.flatMap((ms) => [Math.floor(ms / 1000), ms - Math.floor(ms / 1000) * 1000]));
  return { frames: timesMs.length, tokens: 1, width: 2, data };
}

export function unpackTimes({ frames, data }: FrameFeatures): number[] {
  return Array.from({ length: frames }, (_, i) => roundMicro((data[2 * i] ?? 0) * 1000 + (data[2 * i + 1] ?? 0)));
}

export const roundMicro = (ms: number): number => Math.round(ms * 1000) / 1000;
