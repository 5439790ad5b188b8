import type { Cue } from "../../../engine/ports.js";
import { plainCue } from "./plain.js";

/** Cues of a text, by start, and what could not be used, in words. */
export interface ParsedCues {
  readonly cues: readonly Cue[];
  readonly warnings: readonly string[];
}

const TIME = String.raw`(?:(\d+):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3})\d*)?`;
const TIMING = new RegExp(String.raw`^\s*${TIME}\s*-->\s*${TIME}(?=\s|$)`);
const VTT_BLOCK = /^(?:WEBVTT|STYLE|REGION:?|NOTE)(?=[ \t]|$)/;

class Collector {
  private readonly cues: Cue[] = [];
  private readonly problems = new Map<string, number[]>();

  problem(what: string, line: number): void {
    const lines = this.problems.get(what);
    if (lines) lines.push(line + 1);
    else this.problems.set(what, [line + 1]);
  }

  add(timing: readonly [number, number], text: string, line: number): void {
    const plain = plainCue(text);
    if (plain === "") return;
    if (timing[1] <= timing[0]) this.problem("cue dropped, because it ends before it begins", line);
    else this.cues.push({ startMs: timing[0], endMs: timing[1], text: plain });
  }

  done(): ParsedCues {
    const warnings = [...this.problems].map(([what, lines]) => {
      const shown = lines.slice(0, 5).join(", ") + (lines.length > 5 ? ", ..." : "");
      return `${lines.length} x ${what} (line ${shown})`;
    });
    // Array.sort is stable: cues of one time keep the order of the file.
    return { cues: this.cues.sort((a, b) => a.startMs - b.startMs), warnings };
  }
}

const toLines = (text: string): string[] => text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);

function timingOf(line: string): readonly [number, number] | undefined {
  const m = TIMING.exec(line);
  if (!m) return undefined;
  const ms = (i: number): number =>
    Number(m[i] ?? 0) * 3_600_000 + Number(m[i + 1]) * 60_000 + Number(m[i + 2]) * 1000 + Number((m[i + 3] ?? "0").padEnd(3, "0"));
  return [ms(1), ms(5)];
}

const BAD_TIME = "cue dropped, because its time cannot be read";

/**
 * WebVTT (W3C WebVTT 1, section 4): blocks between blank lines; STYLE, REGION and NOTE carry no
 * text of the video. Also takes a comma for the decimal point and hours of any length.
 */
export function parseVtt(text: string): ParsedCues {
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
    if (!VTT_BLOCK.test(lines[i]!)) vttBlock(lines, i, end, out);
    i = end;
  }
  return out.done();
}

function vttBlock(lines: readonly string[], start: number, end: number, out: Collector): void {
  const timings: number[] = [];
  for (let i = start; i < end; i++) if (lines[i]!.includes("-->")) timings.push(i);
  if (timings.length === 0) out.problem("text dropped, because it has no time", start);
  timings.forEach((at, n) => {
    const timing = timingOf(lines[at]!);
    if (timing) out.add(timing, lines.slice(at + 1, timings[n + 1] ?? end).join("\n"), at);
    else out.problem(BAD_TIME, at);
  });
}

/**
 * SubRip. The format has no specification and files are careless: counters and blank lines may be
 * missing, and text may hold blank lines. So the timing lines alone divide the file: all that
 * follows one, up to the counter of the next, is its text.
 */
export function parseSrt(text: string): ParsedCues {
  const lines = toLines(text);
  const out = new Collector();
  const timings: number[] = [];
  for (let i = 0; i < lines.length; i++) if (lines[i]!.includes("-->")) timings.push(i);
  const before = lines.slice(0, timings[0] ?? lines.length).findIndex((line) => line.trim() !== "" && !/^\s*\d+\s*$/.test(line));
  if (before >= 0) out.problem("text dropped, because it has no time", before);
  timings.forEach((at, n) => {
    const timing = timingOf(lines[at]!);
    if (!timing) return out.problem(BAD_TIME, at);
    const next = timings[n + 1];
    const end = next === undefined ? lines.length : withoutCounter(lines, at + 1, next, n + 2);
    out.add(timing, lines.slice(at + 1, end).join("\n"), at);
  });
  return out.done();
}

/** The line before a timing line is its counter if it stands after a blank line or has the expected number. */
function withoutCounter(lines: readonly string[], start: number, next: number, expected: number): number {
  const last = next - 1;
  if (last < start || !/^\s*\d+\s*$/.test(lines[last]!)) return next;
  const alone = last === start || lines[last - 1]!.trim() === "";
  return alone || Number(lines[last]) === expected ? last : next;
}
