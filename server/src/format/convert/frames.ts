/** Frames of a video as times: by the rate as a fraction, since 29.97 a second are really 30000 in 1001. */

export interface FrameRate {
  readonly num: number;
  readonly den: number;
}

/** A rate as it is found: a fraction as text, or a number, in which the rates of NTSC are recognised. Undefined for what is none. */
export function frameRate(value: unknown): FrameRate | undefined {
  if (typeof value === "string") {
    const [, num, den] = /^\s*(\d{1,9})\s*\/\s*(\d{1,9})\s*$/.exec(value) ?? [];
    if (num !== undefined && den !== undefined) return Number(num) > 0 && Number(den) > 0 ? { num: Number(num), den: Number(den) } : undefined;
    return /^\s*\d+(\.\d+)?\s*$/.test(value) ? frameRate(Number(value)) : undefined;
  }
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0 || value > 1000) return undefined;
  if (Number.isInteger(value)) return { num: value, den: 1 };
  const whole = Math.round(value * 1.001);
  // 23.976, 29.97 and 59.94, with as many decimals as were written.
  if (Math.abs((whole * 1000) / 1001 - value) < 0.006) return { num: whole * 1000, den: 1001 };
  return { num: Math.round(value * 1_000_000), den: 1_000_000 };
}

/**
 * What frames `first` to `last` show, counted from 1, the last one included: from the moment the first
 * appears to the moment the last one goes, in whole milliseconds.
 */
export function framesToSpan(first: number, last: number, { num, den }: FrameRate): { readonly startMs: number; readonly endMs: number } {
  return { startMs: Math.round(((first - 1) * 1000 * den) / num), endMs: Math.round((last * 1000 * den) / num) };
}

/** The frames that a span shows wholly or in part, counted from 1; the way back of {@link framesToSpan} for rates below 1000. */
export function spanToFrames({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }, { num, den }: FrameRate): readonly [first: number, last: number] {
  const at = (ms: number): number => (ms * num) / (1000 * den);
  // Half a millisecond may have been lost by rounding, on either side.
  const play = (0.5 * num) / (1000 * den);
  const first = Math.floor(at(startMs) + play) + 1;
  return [first, Math.max(first, Math.ceil(at(endMs) - play))];
}
