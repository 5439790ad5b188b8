/** For each problem of a cue the smallest edits that put it right, each tried before it is offered. */
import { applyEdits, formatTime, plainCueText, type TextEdit, type Word } from "../../format/index.js";
import { charactersOf, problemsOf, type CaptionProblem } from "./checks.js";
import { readCaptions, type Caption, type Captions } from "./cues.js";
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
  const retimed = movesOf(captions, problem, style).map(({ title, cue, fromMs, toMs }) => {
    const edit = (time: Caption["from"], ms: number | undefined): TextEdit[] =>
      ms === undefined ? [] : [{ start: time.start, end: time.end, newText: writeTime(time, ms, captions.syntax) }];
    return { title, edits: [...edit(cue.from, fromMs), ...edit(cue.to, toMs)] };
  });
  const rebroken = problem.code === "cue-line-too-long" || problem.code === "cue-too-many-lines" ? rebreak(captions, problem.cue, style) : [];
  return [...retimed, ...rebroken].filter(({ edits }) => helps(captions, problem, edits, style)).map((fix, i) => ({ ...fix, preferred: i === 0 }));
}

/** The problem goes, no other comes for it, and all that is written is still read as what it was. */
function helps(captions: Captions, { code }: CaptionProblem, edits: readonly TextEdit[], style: CaptionStyle): boolean {
  const of = (text: Captions): readonly [same: number, all: number, texts: string, faults: number] => {
    const found = problemsOf(text.cues, text.syntax === "vqa", style);
    const texts = JSON.stringify(text.cues.map(({ lines }) => lines.map((line) => line.text).join(" ").split(/\s+/)));
    return [found.filter((one) => one.code === code).length, found.length, texts, text.faults];
  };
  const before = of(captions);
  const after = of(readCaptions(applyEdits(captions.source, edits), captions.syntax));
  return after[0] < before[0] && after[1] < before[1] && after[2] === before[2] && after[3] <= before[3];
}

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
function rebreak({ eol, source }: Captions, cue: Caption | undefined, { maxLineLength, maxLines }: CaptionStyle): readonly Omit<CaptionFix, "preferred">[] {
  if (cue === undefined || cue.lines.slice(1).some(({ text }) => /^\s*(?:[-\u2010-\u2015]|<v[.\s])/.test(text))) return [];
  const pieces = cue.lines.flatMap(wordsOf);
  const total = charactersOf(cue);
  const most = maxLines > 0 ? maxLines : cue.lines.length + 1;
  const widest = maxLineLength > 0 ? maxLineLength : total;
  for (let count = Math.max(1, Math.ceil(total / widest)); count <= most; count++) {
    const breaks = balanced(pieces.map(({ text }) => [...plainCueText([{ text }])].length), count, widest);
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

/** Parts of a line between blanks; a blank inside of a tag divides nothing. */
function wordsOf({ text, start }: Word): Word[] {
  return [...text.matchAll(/(?:<[^<>]*>|\S)+/g)].map(({ 0: word, index }) => ({ text: word, start: start + index, end: start + index + word.length }));
}

/**
 * Before which words to break for `count` lines of at most `widest` characters, so that the longest is
 * as short as can be; undefined when they do not fit.
 */
function balanced(widths: readonly number[], count: number, widest: number): ReadonlySet<number> | undefined {
  const fill = (limit: number): number[] | undefined => {
    const breaks: number[] = [];
    let line = -1;
    for (const [i, width] of widths.entries()) {
      if (width > limit) return undefined;
      if (line + 1 + width > limit) {
        breaks.push(i);
        line = -1;
      }
      line += 1 + width;
    }
    return breaks.length < count ? breaks : undefined;
  };
  if (fill(widest) === undefined) return undefined;
  let [low, high] = [1, widest];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fill(middle) === undefined) low = middle + 1;
    else high = middle;
  }
  return new Set(fill(low));
}
