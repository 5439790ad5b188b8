/** Times of many cues at once: moved by an offset, or stretched between two known points. */
import type { Range, TextEdit } from "../../format/index.js";
import { LanguageError } from "../errors.js";
import { cuesIn, type Captions } from "./cues.js";
import { writeTime } from "./writtenTime.js";

/** What is at `fromMs` belongs to `toMs`. */
export interface SyncPoint {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Adds `byMs` to all times of the cues that `part` touches, of all without it. Shifting back gives the
 * same times. Throws LanguageError where a time would lie before the video.
 */
export function shiftCues(captions: Captions, part: Range | undefined, byMs: number): TextEdit[] {
  if (!Number.isSafeInteger(byMs)) throw new LanguageError(`${byMs} is no whole number of milliseconds.`, "Give one.");
  return retime(captions, part, (ms) => ms + byMs);
}

/**
 * The straight line through two points, rounded to the millisecond: both points are met exactly and
 * the order of times stays. With the points swapped it is undone, exactly where it stretched.
 * Throws LanguageError for points that give no line, or one that runs backwards.
 */
export function scaleCues(captions: Captions, part: Range | undefined, [first, second]: readonly [SyncPoint, SyncPoint]): TextEdit[] {
  if (![first.fromMs, first.toMs, second.fromMs, second.toMs].every((ms) => Number.isSafeInteger(ms) && ms >= 0)) {
    throw new LanguageError("A point is no time of the video.", "Give whole milliseconds, 0 or more.");
  }
  // In a difference of products of large times a float would lose the milliseconds.
  const [from, to] = [BigInt(second.fromMs - first.fromMs), BigInt(second.toMs - first.toMs)];
  if (from === 0n) throw new LanguageError("Both points are the same time of the subtitles.", "Choose two cues that lie apart.");
  if (from > 0n !== to > 0n || to === 0n) throw new LanguageError("The two points would turn time around.", "Give the points in the order in which they are heard.");
  return retime(captions, part, (ms) => first.toMs + Number(divided(BigInt(ms - first.fromMs) * to, from)));
}

/** Rounded to the nearest, halves up. */
function divided(dividend: bigint, divisor: bigint): bigint {
  const [n, d] = divisor < 0n ? [-dividend, -divisor] : [dividend, divisor];
  const twice = 2n * n + d;
  const quotient = twice / (2n * d);
  return twice < 0n && quotient * 2n * d !== twice ? quotient - 1n : quotient;
}

function retime(captions: Captions, part: Range | undefined, move: (ms: number) => number): TextEdit[] {
  return cuesIn(captions, part).flatMap(({ from, to, inner }) =>
    [from, to, ...inner].flatMap((time): TextEdit[] => {
      const ms = move(time.ms);
      return ms === time.ms ? [] : [{ start: time.start, end: time.end, newText: writeTime(time, ms, captions.syntax) }];
    }),
  );
}
