/**
 * Subtitle files as they are found: divided into blocks, times read, markup left as it is. Wider than
 * the formats allow, because files are careless; what cannot be used is told.
 */
import type { LossCode } from "./losses.js";

export interface FileCue {
  readonly kind: "cue";
  readonly startMs: number;
  readonly endMs: number;
  readonly id: string | undefined;
  readonly settings: string;
  /** May hold blank lines in SubRip. */
  readonly lines: readonly string[];
  /** Index of the timing line, from 0. */
  readonly at: number;
}

export interface FileBlock {
  readonly kind: "header" | "note" | "style";
  /** Its first line too. */
  readonly lines: readonly string[];
}

/** Something left out, and the line (from 0) that it stood in. */
export interface FileProblem {
  readonly what: string;
  readonly at: number;
  /** Of what kind for the report of an import; `bad-record` when it is not given. */
  readonly code?: LossCode;
}

export interface CueFile {
  readonly blocks: readonly (FileCue | FileBlock)[];
  /** Words or pictures that were dropped. */
  readonly problems: readonly FileProblem[];
  /** The form of what was kept: of no matter to who only reads the words. */
  readonly losses?: readonly FileProblem[];
}

const TIME = String.raw`(?:(\d+):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3})\d*)?`;
const TIMING = new RegExp(String.raw`^\s*${TIME}\s*-->\s*${TIME}(?=\s|$)`);
const VTT_BLOCK = /^(?:WEBVTT|STYLE|REGION:?|NOTE)(?=[ \t]|$)/;
const BAD_TIME = "cue dropped, because its time cannot be read";
const NO_TIME = "text dropped, because it has no time";

class Collector implements CueFile {
  readonly blocks: (FileCue | FileBlock)[] = [];
  readonly problems: { what: string; at: number }[] = [];

  problem(what: string, at: number): void {
    this.problems.push({ what, at });
  }

  cue(timing: string, id: string | undefined, lines: readonly string[], at: number): void {
    const m = TIMING.exec(timing);
    if (m === null) return this.problem(BAD_TIME, at);
    const ms = (i: number): number =>
      Number(m[i] ?? 0) * 3_600_000 + Number(m[i + 1]) * 60_000 + Number(m[i + 2]) * 1000 + Number((m[i + 3] ?? "0").padEnd(3, "0"));
    this.blocks.push({ kind: "cue", startMs: ms(1), endMs: ms(5), id, settings: timing.slice(m[0].length).trim(), lines, at });
  }
}

const toLines = (text: string): string[] => text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);

/**
 * WebVTT (W3C WebVTT 1, section 4): blocks between blank lines. Also takes a comma for the decimal
 * point and hours of any length.
 */
export function readVtt(text: string): CueFile {
  const lines = toLines(text);
  const out = new Collector();
  let i = 0;
  while (i < lines.length) {
    if (lines[i]!.trim() === "") {
      i++;
      continue;
    }
    let end = i;
    while (end < lines.length && lines[end]!.trim() !== "") end++;
    const keyword = VTT_BLOCK.exec(lines[i]!)?.[0];
    if (keyword === "WEBVTT") {
      // A timing line ends the header (section 6.1, "collect a WebVTT block").
      const timing = lines.slice(i, end).findIndex((line) => line.includes("-->"));
      const stop = timing === -1 ? end : i + timing;
      out.blocks.push({ kind: "header", lines: lines.slice(i, stop) });
      if (stop < end) vttBlock(lines, stop, end, out);
    } else if (keyword !== undefined && !TIMING.test(lines[i + 1] ?? "")) out.blocks.push({ kind: keyword === "NOTE" ? "note" : "style", lines: lines.slice(i, end) });
    else vttBlock(lines, i, end, out);
    i = end;
  }
  return out;
}

function vttBlock(lines: readonly string[], start: number, end: number, out: Collector): void {
  const timings: number[] = [];
  for (let i = start; i < end; i++) if (lines[i]!.includes("-->")) timings.push(i);
  const first = timings[0];
  if (first === undefined || first > start + 1) out.problem(NO_TIME, start);
  timings.forEach((at, n) => {
    const id = n === 0 && at > start ? lines[at - 1] : undefined;
    out.cue(lines[at]!, id, lines.slice(at + 1, timings[n + 1] ?? end), at);
  });
}

/**
 * SubRip. The format has no specification and files are careless: counters and blank lines may be
 * missing, and text may hold blank lines. So the timing lines alone divide the file: all that
 * follows one, up to the counter of the next, is its text.
 */
export function readSrt(text: string): CueFile {
  const lines = toLines(text);
  const out = new Collector();
  const timings: number[] = [];
  for (let i = 0; i < lines.length; i++) if (lines[i]!.includes("-->")) timings.push(i);
  const before = lines.slice(0, timings[0] ?? lines.length).findIndex((line) => line.trim() !== "" && !COUNTER.test(line));
  if (before >= 0) out.problem(NO_TIME, before);
  timings.forEach((at, n) => {
    const next = timings[n + 1];
    const end = next === undefined ? lines.length : withoutCounter(lines, at + 1, next, n + 2);
    out.cue(lines[at]!, undefined, lines.slice(at + 1, end), at);
  });
  return out;
}

const COUNTER = /^\s*\d+\s*$/;

/** The line before a timing line is its counter if it stands after a blank line or has the expected number. */
function withoutCounter(lines: readonly string[], start: number, next: number, expected: number): number {
  const last = next - 1;
  if (last < start || !COUNTER.test(lines[last]!)) return next;
  const alone = last === start || lines[last - 1]!.trim() === "";
  return alone || Number(lines[last]) === expected ? last : next;
}
