/**
 * The presentation times of all frames of a video stream, in ticks of its time base. Knowing them
 * before decoding makes "the frame on screen at t" a look-up: decoders are asked for timestamps
 * that exist, and what they return is checked against the request.
 */
export interface Rational {
  readonly num: number;
  readonly den: number;
}

export interface Timeline {
  readonly timeBase: Rational;
  /** Ascending, without repeats; `pts[0]` is the first frame that decodes: time zero. */
  readonly pts: Float64Array;
  /** 1 where decoding can begin, parallel to `pts`. */
  readonly key: Uint8Array;
  /** Where the last frame stops being shown. */
  readonly endPts: number;
  /** True when `key` was read from the file and the decoder can seek there reliably. */
  readonly seekable: boolean;
}

/** What is known of the time of a video without knowing each of its frames. */
export interface Clock {
  readonly timeBase: Rational;
  /** The first frame that decodes: time zero. */
  readonly firstPts: number;
  /** Where the last frame stops being shown. */
  readonly endPts: number;
  /** Average frames a second; of the part that was read, where the film is long. */
  readonly frameRate: Rational;
  /** Longest distance of keyframes that was seen, in frames, for the cost of a seek. */
  readonly gop: number;
  /**
   * How long before its own time a keyframe is read, in ticks, where pictures that follow it in the
   * file are shown before it (open groups of pictures); otherwise 0.
   */
  readonly lead: number;
}

export interface TimelineEntry {
  readonly pts: number;
  readonly duration: number;
  readonly key: boolean;
}

/**
 * Builds a timeline from frames in any order. `firstPts` is the first frame that was really
 * decoded: what lies before it (leading pictures without their reference) is never shown.
 */
export function buildTimeline(entries: readonly TimelineEntry[], timeBase: Rational, firstPts: number, seekable: boolean): Timeline {
  const shown = entries.filter((e) => e.pts >= firstPts).sort((a, b) => a.pts - b.pts);
  const unique = shown.filter((e, i) => i === 0 || e.pts !== shown[i - 1]!.pts);
  if (unique.length === 0 || unique[0]!.pts !== firstPts) unique.unshift({ pts: firstPts, duration: 0, key: true });
  const pts = Float64Array.from(unique, (e) => e.pts);
  const key = Uint8Array.from(unique, (e, i) => (e.key || i === 0 ? 1 : 0));
  const last = unique[unique.length - 1]!;
  return { timeBase, pts, key, endPts: last.pts + (last.duration > 0 ? last.duration : medianGap(pts)), seekable };
}

/**
 * The timeline of frames that were really decoded, with what the packets told of keyframes: a file
 * with one damaged picture can still be sought in.
 */
export function withKeysOf(decoded: Timeline, packets: Timeline): Timeline {
  const keys = new Set(packets.pts.filter((_, i) => packets.key[i] === 1));
  return { ...decoded, key: Uint8Array.from(decoded.pts, (p, i) => (i === 0 || keys.has(p) ? 1 : 0)), seekable: packets.seekable };
}

function medianGap(pts: Float64Array): number {
  if (pts.length < 2) return 0;
  const gaps = pts.slice(1).map((p, i) => p - pts[i]!).sort();
  return gaps[gaps.length >> 1]!;
}

export const ticksToMs = (ticks: number, tb: Rational): number => (ticks * 1000 * tb.num) / tb.den;

export const ticksPerFrame = ({ timeBase, frameRate }: Clock): number =>
  (timeBase.den * frameRate.den) / Math.max(1, timeBase.num * frameRate.num);

export const timeOf = (c: Clock, pts: number): number => ticksToMs(pts - c.firstPts, c.timeBase);

export const durationMs = (c: Clock): number => ticksToMs(c.endPts - c.firstPts, c.timeBase);

/** The clock of a film of which all frames are known, or the first ones: then `endPts` says where it ends. */
export function clockOf(t: Timeline, endPts: number = t.endPts, lead = 0): Clock {
  return { timeBase: t.timeBase, firstPts: t.pts[0]!, endPts, frameRate: averageRate(t), gop: longestGop(t), lead };
}

/**
 * Whether a file is about as long as its size and the bytes of its beginning have it. Recordings that were
 * joined begin their clocks anew: then the times at both ends do not tell what is between them.
 */
export function isSteady(file: { readonly bytes: number; readonly durationMs: number }, head: { readonly bytes: number; readonly durationMs: number }): boolean {
  const ratio = (file.bytes * head.durationMs) / (head.bytes * file.durationMs);
  return ratio > 0.5 && ratio < 1.6;
}

function longestGop(t: Timeline): number {
  let [longest, since] = [1, 0];
  for (const key of t.key) {
    since = key === 1 ? 1 : since + 1;
    longest = Math.max(longest, since);
  }
  return longest;
}

/** Times travel as floating-point milliseconds: this much is forgiven, so that a frame's own time finds it again. */
export const TIME_SLACK_MS = 0.001;

/** The last whole tick that is not after `timeMs`; never before the first frame. */
export function tickAt(c: Clock, timeMs: number): number {
  const ticks = ((timeMs + TIME_SLACK_MS) * c.timeBase.den) / (1000 * c.timeBase.num);
  return c.firstPts + Math.max(0, Math.floor(ticks));
}

/** Index of the frame on screen at `timeMs` (the first one for times before it). */
export function frameAt(t: Timeline, timeMs: number): number {
  const target = t.pts[0]! + ((timeMs + TIME_SLACK_MS) * t.timeBase.den) / (1000 * t.timeBase.num);
  let low = 0;
  let high = t.pts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (t.pts[middle]! <= target) low = middle;
    else high = middle;
  }
  return low;
}

/** Index of the nearest keyframe not after frame `index`. */
export function keyAt(t: Timeline, index: number): number {
  let i = index;
  while (i > 0 && t.key[i] === 0) i--;
  return i;
}

function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/** Broadcast and film rates; a container that stores milliseconds can only come near them. */
const STANDARD_RATES: readonly Rational[] = [24, 30, 48, 60, 120]
  .map((r): Rational => ({ num: r * 1000, den: 1001 }))
  .concat([1, 2, 5, 8, 10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 100, 120].map((r) => ({ num: r, den: 1 })));

/**
 * Average frames a second: frames over shown time. Snaps to a standard rate when the difference is
 * within the rounding of the two end timestamps.
 */
export function averageRate(t: Timeline): Rational {
  const ticks = t.endPts - t.pts[0]!;
  const { num, den } = t.timeBase;
  const n = t.pts.length;
  if (ticks <= 0) return { num: 0, den: 1 };
  const off = (r: Rational): number => Math.abs((n * r.den * den) / (r.num * num) - ticks);
  const nearest = STANDARD_RATES.reduce((best, r) => (off(r) < off(best) ? r : best));
  if (off(nearest) <= 1.000001) return nearest;
  const a = n * den;
  const b = ticks * num;
  // Damaged files have times from here to eternity: no exact ratio is worth having.
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return { num: Math.round((a / b) * 1e6), den: 1e6 };
  const g = gcd(a, b);
  return { num: a / g, den: b / g };
}
