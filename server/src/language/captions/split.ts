/** One cue made several: for texts that fill more lines, or stay longer, than a viewer should meet. */
import type { TextEdit, Word } from "../../format/index.js";
import type { Caption, Captions } from "./cues.js";
import { balanced, isTurn, widthOf, wordsOf } from "./lines.js";
import type { CaptionStyle } from "./style.js";
import { writeTime } from "./writtenTime.js";

interface Piece extends Word {
  readonly width: number;
  /** A line begins with it. */
  readonly first: boolean;
}

/**
 * Divides a cue before the word that stands at or after `at`, or else into as few parts as the style's
 * lines need, at least two, where a sentence or a line ends if that leaves them about equally long. Time is shared by
 * the characters to be read. Words, markup and settings stay; counters below are counted on as long as
 * they follow one another. Undefined where there is nothing to divide, where words have times of their
 * own, and where every place would cut a tag's reach in two.
 */
export function splitCue(captions: Captions, cue: Caption, style: CaptionStyle, at?: number): readonly TextEdit[] | undefined {
  if (cue.inner.length > 0 || cue.to.ms <= cue.from.ms) return undefined;
  const pieces = cue.lines.flatMap((line) => wordsOf(line).map((word, i): Piece => ({ ...word, width: widthOf(word), first: i === 0 })));
  const starts = at === undefined ? evenStarts(pieces, style) : [pieces.findIndex(({ start }) => start >= at)];
  if (starts === undefined || starts.some((i) => i <= 0 || !closed(pieces, i))) return undefined;
  const spans = sharedTime(cue, pieces, starts, style.minGapMs);
  return spans && [...written(captions, cue, pieces, starts, spans, style), ...countedOn(captions, cue, starts.length)];
}

/** The words that begin the second part, the third and so on. */
function evenStarts(pieces: readonly Piece[], { maxLines, maxLineLength }: CaptionStyle): number[] | undefined {
  const total = charactersIn(pieces);
  const room = maxLines > 0 && maxLineLength > 0 ? maxLines * maxLineLength : Infinity;
  const least = Math.max(2, Math.ceil(total / room));
  // Lines seldom break where they are full: one part more may be needed.
  for (const count of [least, least + 1]) {
    const starts: number[] = [];
    for (let part = 1; part < count; part++) {
      const best = bestStart(pieces, starts.at(-1) ?? 0, (total * part) / count, total / count);
      if (best === undefined) break;
      starts.push(best);
    }
    if (starts.length !== count - 1) continue;
    const parts = partsOf(pieces, starts);
    if (parts.every((part) => linesFor(part, maxLines, maxLineLength) !== undefined)) return starts;
  }
  return undefined;
}

/** After `from`, near `wanted` characters from the beginning, rather where something ends. */
function bestStart(pieces: readonly Piece[], from: number, wanted: number, size: number): number | undefined {
  let best: number | undefined;
  let least = Infinity;
  for (let i = from + 1; i < pieces.length; i++) {
    if (!closed(pieces, i)) continue;
    const before = pieces[i - 1]!.text;
    const turn = pieces[i]!.first && isTurn(pieces[i]!.text);
    const bonus = turn ? 0.75 : /[.!?\u2026\u3002][\p{Pf}\p{Pe}"']*$/u.test(before) ? 0.25 : pieces[i]!.first ? 0.15 : /[,;:]$/.test(before) ? 0.1 : 0;
    const score = Math.abs(charactersIn(pieces.slice(0, i)) - wanted) / size - bonus;
    if (score < least) [best, least] = [i, score];
  }
  return best;
}

/** Every tag that was opened before a word was closed before it, too. */
function closed(pieces: readonly Piece[], i: number): boolean {
  let open = 0;
  for (const { text } of pieces.slice(0, i)) {
    for (const [tag] of text.matchAll(/<[^<>]*>/g)) open += /^<\//.test(tag) ? -1 : /^<[a-z]/i.test(tag) ? 1 : 0;
  }
  return open === 0;
}

function partsOf(pieces: readonly Piece[], starts: readonly number[]): Piece[][] {
  return [0, ...starts].map((start, i) => pieces.slice(start, starts[i]));
}

function charactersIn(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { width }) => sum + width, 0) + Math.max(0, pieces.length - 1);
}

/** The words that begin lines: those of the writer where they do, else new ones; undefined where they cannot fit. */
function linesFor(part: readonly Piece[], maxLines: number, maxLineLength: number): ReadonlySet<number> | undefined {
  const own = new Set(part.flatMap(({ first }, i) => (first && i > 0 ? [i] : [])));
  const edges = [0, ...own, part.length];
  const kept = edges.slice(1).every((end, i) => maxLineLength === 0 || charactersIn(part.slice(edges[i], end)) <= maxLineLength) && (maxLines === 0 || own.size < maxLines);
  if (kept) return own;
  // What two people say does not come into one line.
  if (part.some(({ first, text }, i) => i > 0 && first && isTurn(text))) return undefined;
  const widest = maxLineLength > 0 ? maxLineLength : charactersIn(part);
  for (let count = 1; count <= (maxLines || part.length); count++) {
    const breaks = balanced(part.map(({ width }) => width), count, widest);
    if (breaks) return breaks;
  }
  return undefined;
}

interface Shown {
  readonly fromMs: number;
  readonly toMs: number;
}

function sharedTime({ from, to }: Caption, pieces: readonly Piece[], starts: readonly number[], gapMs: number): Shown[] | undefined {
  const parts = partsOf(pieces, starts).map(charactersIn);
  const all = parts.reduce((sum, part) => sum + part, 0);
  const time = to.ms - from.ms - gapMs * starts.length;
  let read = 0;
  const spans = parts.map((part, i) => {
    const fromMs = from.ms + Math.round((time * read) / all) + i * gapMs;
    read += part;
    return { fromMs, toMs: i === starts.length ? to.ms : from.ms + Math.round((time * read) / all) + i * gapMs };
  });
  return spans.every(({ fromMs, toMs }) => toMs > fromMs) ? spans : undefined;
}

function written({ source, syntax, eol }: Captions, cue: Caption, pieces: readonly Piece[], starts: readonly number[], spans: readonly Shown[], { maxLines, maxLineLength }: CaptionStyle): TextEdit[] {
  const arrow = source.slice(cue.from.end, cue.to.start);
  const settings = /^[^\r\n]*/.exec(source.slice(cue.timing.end))?.[0] ?? "";
  const counter = counterOf(cue);
  const edits: TextEdit[] = [{ start: cue.to.start, end: cue.to.end, newText: writeTime(cue.to, spans[0]!.toMs, syntax) }];
  partsOf(pieces, starts).forEach((part, p) => {
    if (p > 0) {
      const { fromMs, toMs } = spans[p]!;
      const timing = `${writeTime(cue.from, fromMs, syntax)}${arrow}${writeTime(cue.to, toMs, syntax)}${settings}`;
      const before = pieces[starts[p - 1]! - 1]!;
      edits.push({ start: before.end, end: part[0]!.start, newText: [eol, ...(counter === undefined ? [] : [String(counter + p)]), timing, ""].join(eol) });
    }
    const breaks = linesFor(part, maxLines, maxLineLength);
    part.forEach((piece, i) => {
      if (i === 0 || breaks === undefined || breaks.has(i) === piece.first) return;
      edits.push({ start: part[i - 1]!.end, end: piece.start, newText: breaks.has(i) ? eol : " " });
    });
  });
  return edits;
}

function counterOf({ id }: Caption): number | undefined {
  return id !== undefined && /^\d{1,15}$/.test(id.text.trim()) ? Number(id.text) : undefined;
}

/** SubRip counts its cues: those that followed the one that was divided still do. */
function countedOn({ cues, syntax }: Captions, cue: Caption, more: number): TextEdit[] {
  if (syntax !== "srt") return [];
  let last = counterOf(cue);
  const edits: TextEdit[] = [];
  for (const next of cues.slice(cue.index + 1)) {
    const own = counterOf(next);
    if (last === undefined || own !== last + 1 || next.id === undefined) break;
    edits.push({ start: next.id.start, end: next.id.end, newText: String(own + more) });
    last = own;
  }
  return edits;
}
