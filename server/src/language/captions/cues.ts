/** Subtitles with the places of their times and words, whatever file they stand in. */
import { parse, plainCueText, readSrt, readVtt, type CueBlock, type Document, type Eol, type Range, type Word } from "../../format/index.js";

/** `vqa` stands for notebooks and their cells. */
export type CueSyntax = "vqa" | "srt" | "vtt";

export interface WrittenTime extends Range {
  readonly ms: number;
  readonly text: string;
}

export interface Caption extends Range {
  /** Place in the file, from 0. */
  readonly index: number;
  /** The whole timing, both times included. */
  readonly timing: Range;
  readonly from: WrittenTime;
  readonly to: WrittenTime;
  /** Times inside of the text, which say when a word appears (WebVTT 1, section 4.2.2). */
  readonly inner: readonly WrittenTime[];
  /** The name of a WebVTT cue, the counter of a SubRip one. */
  readonly id: Word | undefined;
  /** Without blank lines at either end. */
  readonly lines: readonly Word[];
  /** Characters that are seen, for each line. */
  readonly widths: readonly number[];
}

export interface Captions {
  readonly syntax: CueSyntax;
  readonly source: string;
  readonly eol: Eol;
  /** In the order of the file. */
  readonly cues: readonly Caption[];
  /** Lines that a player drops, and why. A notebook's own diagnostics tell of its. */
  readonly dropped: readonly (Range & { readonly why: string })[];
  /** How much could not be read. */
  readonly faults: number;
}

const TIME = String.raw`(?:\d+:)?\d{1,2}:\d{1,2}(?:[.,]\d+)?`;
const TIMING = new RegExp(String.raw`^\s*(${TIME})\s*-->\s*(${TIME})(?=\s|$)`, "d");
const INNER = /<((?:\d+:)?\d\d:\d\d\.\d{3})>/g;
const COUNTER = /^\s*(\d+)\s*$/d;
/** Override blocks of another format, which careless SubRip files hold. */
const OVERRIDE = /\{\\[^{}]*\}/g;

export function readCaptions(source: string, syntax: CueSyntax): Captions {
  return syntax === "vqa" ? captionsOfNotebook(parse(source)) : captionsOfFile(source, syntax);
}

export function captionsOfNotebook({ source, eol, blocks, lineStarts, problems }: Document): Captions {
  const cues = blocks
    .filter((block): block is CueBlock => block.kind === "cue")
    .flatMap((block, index) => {
      const { timing, startMs, endMs, id, lines } = block;
      const caption = captionOf("vqa", source.slice(timing.start, timing.end), timing.start, startMs, endMs, id, lines, index);
      return caption === undefined ? [] : [{ ...caption, start: lineStarts[block.line - 1] ?? block.start }];
    });
  return { syntax: "vqa", source, eol, cues, dropped: [], faults: problems.length };
}

export function captionsOfFile(source: string, syntax: "srt" | "vtt"): Captions {
  const lines = linesOf(source);
  const { blocks, problems } = syntax === "srt" ? readSrt(source) : readVtt(source);
  const cues: Caption[] = [];
  let free = 0;
  for (const block of blocks) {
    if (block.kind !== "cue") continue;
    const timing = lines[block.at];
    if (timing === undefined) continue;
    const above = block.at > free ? lines[block.at - 1] : undefined;
    const id = above === undefined ? undefined : syntax === "srt" ? counterOf(above) : block.id === undefined ? undefined : above;
    const words = lines.slice(block.at + 1, block.at + 1 + block.lines.length);
    const caption = captionOf(syntax, timing.text, timing.start, block.startMs, block.endMs, id, words, cues.length);
    if (caption !== undefined) cues.push(caption);
    free = block.at + 1 + block.lines.length;
  }
  const dropped = problems.flatMap(({ what, at }) => {
    const line = lines[at];
    return line === undefined ? [] : [{ start: line.start, end: line.end, why: what }];
  });
  const eol = source.includes("\r\n") ? "\r\n" : source.includes("\n") || !source.includes("\r") ? "\n" : "\r";
  return { syntax, source, eol, cues, dropped, faults: problems.length };
}

/** Those that a part of the text touches; all without one. */
export function cuesIn({ cues }: Captions, part: Range | undefined): readonly Caption[] {
  return part === undefined ? cues : cues.filter(({ start, end }) => start <= part.end && part.start <= end);
}

function captionOf(syntax: CueSyntax, timing: string, at: number, startMs: number, endMs: number, id: Word | undefined, given: readonly Word[], index: number): Caption | undefined {
  const indices = TIMING.exec(timing)?.indices;
  const [from, to] = [indices?.[1], indices?.[2]];
  if (from === undefined || to === undefined) return undefined;
  const written = ([start, end]: readonly [number, number], ms: number): WrittenTime => ({ start: at + start, end: at + end, ms, text: timing.slice(start, end) });
  const lines = [...given];
  while (lines.at(-1)?.text.trim() === "") lines.pop();
  while (lines[0]?.text.trim() === "") lines.shift();
  return {
    index,
    start: id?.start ?? at,
    end: lines.at(-1)?.end ?? at + timing.length,
    timing: { start: at + from[0], end: at + to[1] },
    from: written(from, startMs),
    to: written(to, endMs),
    inner: syntax === "srt" ? [] : lines.flatMap(innerTimes),
    id,
    lines,
    widths: lines.map((line) => width(plainCueText([{ text: syntax === "srt" ? line.text.replace(OVERRIDE, "") : line.text }]).trim())),
  };
}

function innerTimes(line: Word): WrittenTime[] {
  return [...line.text.matchAll(INNER)].map(({ index, 1: text = "" }) => ({ start: line.start + index + 1, end: line.start + index + 1 + text.length, ms: msOf(text), text }));
}

function msOf(text: string): number {
  const [seconds = 0, minutes = 0, hours = 0] = text.split(":").reverse().map(Number);
  return Math.round((hours * 3600 + minutes * 60 + seconds) * 1000);
}

function counterOf(line: Word): Word | undefined {
  const place = COUNTER.exec(line.text)?.indices?.[1];
  return place && { text: line.text.slice(...place), start: line.start + place[0], end: line.start + place[1] };
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** What a reader takes for one character is one, however many code points it has. */
function width(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let count = 0;
  for (const _ of graphemes.segment(text)) count++;
  return count;
}

function linesOf(source: string): Word[] {
  const lines: Word[] = [];
  let start = source.startsWith("\ufeff") ? 1 : 0;
  for (const { index, 0: eol } of source.matchAll(/\r\n|\r|\n/g)) {
    lines.push({ text: source.slice(start, index), start, end: index });
    start = index + eol.length;
  }
  lines.push({ text: source.slice(start), start, end: source.length });
  return lines;
}
