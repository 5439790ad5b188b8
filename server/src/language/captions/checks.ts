/** Where subtitles are hard to read, by the limits of a style. */
import { formatTime, type Range } from "../../format/index.js";
import type { Caption, Captions } from "./cues.js";
import type { CaptionStyle } from "./style.js";

export const CAPTION_CODES = [
  "cue-unreadable",
  "cue-ends-first",
  "cue-overlap",
  "cue-gap",
  "cue-too-short",
  "cue-too-long",
  "cue-too-fast",
  "cue-line-too-long",
  "cue-too-many-lines",
  "too-many-cue-problems",
] as const;

export type CaptionCode = (typeof CAPTION_CODES)[number];

export interface CaptionProblem extends Range {
  readonly code: CaptionCode;
  /** `error`: a player drops it. `warning`: hardly meant. `hint`: of style. */
  readonly severity: "error" | "warning" | "hint";
  readonly message: string;
  /** The cue that it is about. */
  readonly cue?: Caption;
  /** The earlier cue that it collides with. */
  readonly before?: Caption;
}

/** More than these nobody reads one by one, and each goes over the wire at every pause. */
const MAX_CAPTION_PROBLEMS = 1000;

/** In order of place. */
export function checkCaptions(captions: Captions, style: CaptionStyle): CaptionProblem[] {
  if (!style.check) return [];
  const found = [...unreadable(captions), ...problemsOf(captions.cues, captions.syntax === "vqa", style)].sort((a, b) => a.start - b.start);
  const shown = found.slice(0, MAX_CAPTION_PROBLEMS);
  const last = shown.at(-1);
  if (found.length === shown.length || last === undefined) return found;
  return [...shown, { start: last.start, end: last.end, code: "too-many-cue-problems", severity: "hint", message: `${found.length - shown.length} more below are not shown.` }];
}

function unreadable({ dropped }: Captions): CaptionProblem[] {
  return dropped.map(({ start, end, why }) => ({ start, end, code: "cue-unreadable", severity: "error", message: `${why.charAt(0).toUpperCase()}${why.slice(1)}.` }));
}

/** @param reversedKnown something else tells of cues that end before they begin */
export function problemsOf(cues: readonly Caption[], reversedKnown: boolean, style: CaptionStyle): CaptionProblem[] {
  const found: CaptionProblem[] = [];
  const inTime = [...cues].sort((a, b) => a.from.ms - b.from.ms || a.index - b.index);
  let before: Caption | undefined;
  for (const cue of inTime) {
    const duration = cue.to.ms - cue.from.ms;
    if (duration < 0) {
      if (!reversedKnown) found.push({ ...cue.timing, code: "cue-ends-first", severity: "error", message: "The cue ends before it begins.", cue });
      continue;
    }
    if (before !== undefined) found.push(...between(before, cue, style));
    found.push(...alone(cue, duration, style));
    if (before === undefined || cue.to.ms >= before.to.ms) before = cue;
  }
  return found;
}

function between(before: Caption, cue: Caption, { minGapMs }: CaptionStyle): CaptionProblem[] {
  const gap = cue.from.ms - before.to.ms;
  if (gap < 0) {
    const message = `The cue begins ${-gap} ms before the one that begins at ${formatTime(before.from.ms)} ends.`;
    return [{ ...range(cue.from), code: "cue-overlap", severity: "warning", message, cue, before }];
  }
  if (gap >= minGapMs) return [];
  const message = `${gap} ms after the cue before; ${minGapMs} ms tell a viewer that the text has changed.`;
  return [{ ...range(cue.from), code: "cue-gap", severity: "hint", message, cue, before }];
}

function alone(cue: Caption, duration: number, style: CaptionStyle): CaptionProblem[] {
  const { minDurationMs, maxDurationMs, maxCharactersPerSecond, maxLineLength, maxLines } = style;
  const found: CaptionProblem[] = [];
  const add = (place: Range, code: CaptionCode, message: string): void => void found.push({ ...range(place), code, severity: "hint", message, cue });
  if (duration < minDurationMs) add(cue.timing, "cue-too-short", `${duration} ms are too short to read; ${minDurationMs} ms at least.`);
  else if (maxDurationMs > 0 && duration > maxDurationMs) add(cue.timing, "cue-too-long", `${seconds(duration)} s are long; ${seconds(maxDurationMs)} s at most.`);
  const characters = charactersOf(cue);
  if (maxCharactersPerSecond > 0 && characters * 1000 > maxCharactersPerSecond * duration) {
    const speed = duration === 0 ? "in no time" : `${(Math.ceil((characters * 10_000) / duration) / 10).toFixed(1)} a second`;
    add(cue.timing, "cue-too-fast", `${characters} characters, ${speed}; ${maxCharactersPerSecond} a second at most.`);
  }
  if (maxLineLength > 0) {
    cue.lines.forEach((line, i) => {
      const width = cue.widths[i] ?? 0;
      if (width > maxLineLength) add(line, "cue-line-too-long", `${width} characters; ${maxLineLength} a line at most.`);
    });
  }
  const surplus = maxLines > 0 ? cue.lines[maxLines] : undefined;
  if (surplus !== undefined) add({ start: surplus.start, end: cue.end }, "cue-too-many-lines", `${cue.lines.length} lines; ${maxLines} at most.`);
  return found;
}

/** Those that are seen. The end of a line is read as a blank. */
export function charactersOf({ widths }: Pick<Caption, "widths">): number {
  return widths.reduce((sum, width) => sum + width, 0) + Math.max(0, widths.length - 1);
}

const range = ({ start, end }: Range): Range => ({ start, end });
const seconds = (ms: number): string => String(Number((ms / 1000).toFixed(3)));
