/** For each problem of a cue the smallest edits that put it right, each tried before it is offered. */
import { applyEdits, formatTime, type TextEdit } from "../../format/index.js";
import { charactersOf, problemsOf, type CaptionProblem } from "./checks.js";
import { readCaptions, type Caption, type Captions } from "./cues.js";
import { balanced, hasTurns, widthOf, wordsOf } from "./lines.js";
import { splitCue } from "./split.js";
import type { CaptionStyle } from "./style.js";
import { writeTime } from "./writtenTime.js";

export interface CaptionFix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  readonly preferred: boolean;
}

/** A cue with other times. */
interface Move {
  readonly title: string;
  readonly cue: Caption;
  readonly fromMs?: number;
  readonly toMs?: number;
}

export function captionFixes(captions: Captions, problem: CaptionProblem, style: CaptionStyle): readonly CaptionFix[] {
  return proposals(captions, problem, style).filter(({ edits }) => helps(captions, problem, edits, style)).map(({ title, edits }, i) => ({ title, edits, preferred: i === 0 }));
}

export interface Proposal extends Omit<CaptionFix, "preferred"> {
  /** By how much a cue would come earlier or later than it is said, in milliseconds. */
  readonly startShiftMs: number;
}

/** What could put it right, the best first; whether it does is not looked at yet. */
export function proposals(captions: Captions, problem: CaptionProblem, style: CaptionStyle): readonly Proposal[] {
  const { code, cue } = problem;
  const retimed = movesOf(captions, problem, style).map(({ title, cue: moved, fromMs, toMs }) => {
    const edit = (time: Caption["from"], ms: number | undefined): TextEdit[] =>
      ms === undefined ? [] : [{ start: time.start, end: time.end, newText: writeTime(time, ms, captions.syntax) }];
    const startShiftMs = code === "cue-ends-first" ? 0 : Math.abs((fromMs ?? moved.from.ms) - moved.from.ms);
    return { title, edits: [...edit(moved.from, fromMs), ...edit(moved.to, toMs)], startShiftMs };
  });
  const ofText = code === "cue-line-too-long" || code === "cue-too-many-lines";
  const rebroken = ofText ? rebreak(captions, cue, style) : [];
  const split = cue !== undefined && (ofText || code === "cue-too-long") ? splitCue(captions, cue, style) : undefined;
  return [...retimed, ...rebroken.map((fix) => ({ ...fix, startShiftMs: 0 })), ...(split === undefined ? [] : [{ title: SPLIT, edits: split, startShiftMs: 0 }])];
}

/** The problem goes, no other comes for it, and all that is written is still read as what it was. */
function helps(captions: Captions, { code }: CaptionProblem, edits: readonly TextEdit[], style: CaptionStyle): boolean {
  const of = (text: Captions): readonly [same: number, all: number] => {
    const found = problemsOf(text.cues, text.syntax === "vqa", style);
    return [found.filter((one) => one.code === code).length, found.length];
  };
  const fixed = readCaptions(applyEdits(captions.source, edits), captions.syntax);
  const [before, after] = [of(captions), of(fixed)];
  return after[0] < before[0] && after[1] < before[1] && sameWords(captions, fixed);
}

/** Nothing that was said got lost, and nothing that was read before is not read now. */
export function sameWords(before: Captions, after: Captions): boolean {
  const words = ({ cues }: Captions): string => cues.flatMap(({ lines }) => lines.flatMap((line) => line.text.split(/\s+/))).filter((word) => word !== "").join(" ");
  return words(before) === words(after) && after.faults <= before.faults && after.cues.length >= before.cues.length;
}

export const SPLIT = "Split the cue";

function movesOf({ cues }: Captions, { code, cue, before }: CaptionProblem, style: CaptionStyle): readonly Move[] {
  if (cue === undefined) return [];
  const { from, to } = cue;
  switch (code) {
    case "cue-ends-first":
      return [{ title: "Swap start and end", cue, fromMs: to.ms, toMs: from.ms }];
    case "cue-overlap":
    case "cue-gap": {
      if (before === undefined) return [];
      const [end, start] = [from.ms - style.minGapMs, before.to.ms + style.minGapMs];
      return [
        ...(end > before.from.ms ? [{ title: `End the cue before at ${formatTime(end)}`, cue: before, toMs: end }] : []),
        ...(start < to.ms ? [{ title: `Begin at ${formatTime(start)}`, cue, fromMs: start }] : []),
      ];
    }
    case "cue-too-short":
    case "cue-too-fast": {
      const reading = style.maxCharactersPerSecond > 0 ? Math.ceil((charactersOf(cue) * 1000) / style.maxCharactersPerSecond) : 0;
      const needed = Math.max(style.minDurationMs, code === "cue-too-fast" ? reading : 0);
      const next = cues.reduce((least, other) => (other !== cue && other.from.ms >= from.ms && other.from.ms < least ? other.from.ms : least), Infinity);
      const end = from.ms + needed;
      if (end <= next - style.minGapMs) return [{ title: `Show it until ${formatTime(end)}`, cue, toMs: end }];
      const start = Math.min(next - style.minGapMs, to.ms) - needed;
      return start >= 0 && start < from.ms ? [{ title: `Show it from ${formatTime(start)}`, cue, fromMs: start }] : [];
    }
    case "cue-too-long":
      return [{ title: `Show it until ${formatTime(from.ms + style.maxDurationMs)}`, cue, toMs: from.ms + style.maxDurationMs }];
    default:
      return [];
  }
}

/** Line ends where lines are about equally long. Speakers keep lines of their own. */
function rebreak({ eol, source }: Captions, cue: Caption | undefined, { maxLineLength, maxLines }: CaptionStyle): readonly Pick<Proposal, "title" | "edits">[] {
  if (cue === undefined || hasTurns(cue)) return [];
  const pieces = cue.lines.flatMap(wordsOf);
  const total = charactersOf(cue);
  const most = maxLines > 0 ? maxLines : cue.lines.length + 1;
  const widest = maxLineLength > 0 ? maxLineLength : total;
  for (let count = Math.max(1, Math.ceil(total / widest)); count <= most; count++) {
    const breaks = balanced(pieces.map(widthOf), count, widest);
    if (breaks === undefined) continue;
    const edits = pieces.slice(1).flatMap((piece, i): TextEdit[] => {
      const between = { start: pieces[i]?.end ?? piece.start, end: piece.start };
      const newText = breaks.has(i + 1) ? eol : " ";
      const written = source.slice(between.start, between.end);
      const isBreak = /[\r\n]/.test(written);
      return isBreak === breaks.has(i + 1) ? [] : [{ ...between, newText }];
    });
    return edits.length === 0 ? [] : [{ title: count === 1 ? "Write it in one line" : `Break it into ${count} lines`, edits }];
  }
  return [];
}
