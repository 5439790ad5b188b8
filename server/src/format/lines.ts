/**
 * The lines of a text. A line ends at "\n", "\r\n" or a lone "\r", as in WebVTT and in the Language
 * Server Protocol. Text after the last terminator is a line, its absence is not.
 */
import type { Eol } from "./tree.js";

export interface Lines {
  /** Offset of the first character of each line. */
  readonly starts: readonly number[];
  /** Offset after the last character of each line, its terminator excluded. */
  readonly ends: readonly number[];
  /** The most frequent terminator. */
  readonly eol: Eol;
}

const LF = 10;
const CR = 13;

/** Splits `source` from `offset`. Linear: each terminator is searched for once. */
export function splitLines(source: string, offset: number): Lines {
  const starts: number[] = [];
  const ends: number[] = [];
  const counts = { "\n": 0, "\r\n": 0, "\r": 0 };
  let cr = source.indexOf("\r", offset);
  let lf = source.indexOf("\n", offset);
  let at = offset;
  while (cr !== -1 || lf !== -1) {
    let end: number;
    let eol: Eol;
    if (cr !== -1 && (lf === -1 || cr < lf)) {
      end = cr;
      eol = source.charCodeAt(cr + 1) === LF ? "\r\n" : "\r";
    } else {
      end = lf;
      eol = "\n";
    }
    starts.push(at);
    ends.push(end);
    counts[eol]++;
    at = end + eol.length;
    if (cr !== -1 && cr < at) cr = source.indexOf("\r", at);
    if (lf !== -1 && lf < at) lf = source.indexOf("\n", at);
  }
  if (at < source.length) {
    starts.push(at);
    ends.push(source.length);
  }
  const eol = counts["\r\n"] > counts["\n"] ? "\r\n" : "\n";
  return { starts, ends, eol: counts["\r"] > counts[eol] ? "\r" : eol };
}

/** Index of the line that holds `offset`: the last one that does not start after it. */
export function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The offset before the line terminator at the end of `text`, if there is one. */
export function withoutEol(text: string): number {
  let end = text.length;
  if (text.charCodeAt(end - 1) === LF) end--;
  if (text.charCodeAt(end - 1) === CR) end--;
  return end;
}
