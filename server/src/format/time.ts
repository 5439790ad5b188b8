/**
 * Times and scopes of the `.vqa` grammar.
 *
 *   time  = [hh ":"] mm ":" ss ["." mmm]
 *   scope = time [".." time] {"," time [".." time]}
 *
 * All values are whole milliseconds from the first frame. Reading is a little wider than the
 * grammar (one-digit hours or minutes at the front, one to three digits of fraction, blanks around
 * the separators); writing always gives `hh:mm:ss.mmm`.
 */

/** A part of the video. A single time is a span of no length: `endMs === startMs`. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** Where a time was read: its value and the offset after it. */
export interface TimeRead {
  readonly ms: number;
  readonly end: number;
}

export type ScopeRead =
  | { readonly ok: true; readonly spans: readonly Span[]; readonly end: number }
  | { readonly ok: false; readonly code: "bad-time" | "end-before-start"; readonly start: number; readonly end: number };

// Sticky, so that it reads in place; no part can match in two ways, so a failure costs linear time.
const TIME = /(?:(\d{1,6}):)?(\d{1,2}):(\d{2})(?:\.(\d{1,3}))?(?!\d|:\d)/y;
const RANGE = /[ \t]*\.\.[ \t]*(?=\d)/y;
const COMMA = /[ \t]*,[ \t]*/y;

/** Reads a time at `offset`; undefined when there is none. */
export function readTime(source: string, offset: number): TimeRead | undefined {
  TIME.lastIndex = offset;
  const match = TIME.exec(source);
  if (match === null) return undefined;
  const [, hours, minutes = "", seconds = "", fraction] = match;
  if (hours !== undefined && minutes.length !== 2) return undefined;
  const m = Number(minutes);
  const s = Number(seconds);
  if (m > 59 || s > 59) return undefined;
  const ms = fraction === undefined ? 0 : Number(fraction.padEnd(3, "0"));
  return { ms: (Number(hours ?? 0) * 3600 + m * 60 + s) * 1000 + ms, end: TIME.lastIndex };
}

/** Reads the longest scope at `offset`; what may follow it is the caller's business. */
export function readScope(source: string, offset: number): ScopeRead {
  const spans: Span[] = [];
  let at = offset;
  for (;;) {
    const first = readTime(source, at);
    if (first === undefined) return { ok: false, code: "bad-time", start: at, end: at };
    let end = first.end;
    let endMs = first.ms;
    const dots = skip(RANGE, source, end);
    if (dots !== undefined) {
      const last = readTime(source, dots);
      if (last === undefined) return { ok: false, code: "bad-time", start: dots, end: dots };
      if (last.ms < first.ms) return { ok: false, code: "end-before-start", start: at, end: last.end };
      end = last.end;
      endMs = last.ms;
    }
    spans.push({ startMs: first.ms, endMs });
    const comma = skip(COMMA, source, end);
    if (comma === undefined) return { ok: true, spans, end };
    at = comma;
  }
}

/** The whole of `text` as a time in milliseconds; undefined when it is not one. */
export function parseTime(text: string): number | undefined {
  const read = readTime(text, 0);
  return read !== undefined && read.end === text.length ? read.ms : undefined;
}

/** The whole of `text` as a scope; undefined when it is not one. */
export function parseScope(text: string): readonly Span[] | undefined {
  const read = readScope(text, 0);
  return read.ok && read.end === text.length ? read.spans : undefined;
}

/** `hh:mm:ss.mmm`, rounded to the millisecond. Throws RangeError below zero or when not finite. */
export function formatTime(ms: number): string {
  const whole = Math.round(ms);
  if (!Number.isSafeInteger(whole) || whole < 0) throw new RangeError(`Not a time in milliseconds: ${ms}`);
  const two = (n: number): string => String(n).padStart(2, "0");
  const seconds = Math.floor(whole / 1000);
  const fraction = String(whole % 1000).padStart(3, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${fraction}`;
}

/** `a..b, c..d`; a span of no length is written as one time. */
export function formatScope(spans: readonly Span[]): string {
  return spans
    .map(({ startMs, endMs }) => (startMs === endMs ? formatTime(startMs) : `${formatTime(startMs)}..${formatTime(endMs)}`))
    .join(", ");
}

function skip(pattern: RegExp, source: string, offset: number): number | undefined {
  pattern.lastIndex = offset;
  return pattern.test(source) ? pattern.lastIndex : undefined;
}
