/** New cues in a text that has some: where nothing is said yet, and without a touch on what is. */
import type { Span, TextEdit } from "../../format/index.js";
import type { Caption, Captions, CueSyntax } from "./cues.js";
import type { CaptionStyle } from "./style.js";
import { writeTime } from "./writtenTime.js";

export interface NewCue extends Span {
  /** Plain text of any kind. */
  readonly text: string;
}

/**
 * Parts of these spans that no cue and none of `taken` covers, a gap away from those that do, divided evenly into windows of
 * at most `windowMs`, and at `cuts` where a scene begins or ends. What is too short to read is left out.
 */
export function freeWindows({ cues }: Pick<Captions, "cues">, spans: readonly Span[], windowMs: number, cuts: readonly number[], { minGapMs, minDurationMs }: CaptionStyle, taken: readonly Span[] = []): Span[] {
  const covered = [...cues.filter(({ from, to }) => to.ms >= from.ms).map(({ from, to }) => ({ startMs: from.ms, endMs: to.ms })), ...taken];
  const sorted = covered.map(({ startMs, endMs }) => ({ startMs: startMs - minGapMs, endMs: endMs + minGapMs })).sort((a, b) => a.startMs - b.startMs);
  const ordered = [...new Set(cuts)].sort((a, b) => a - b);
  const windows: Span[] = [];
  let done = 0;
  for (const { startMs, endMs } of [...spans].sort((a, b) => a.startMs - b.startMs)) {
    for (const free of without({ startMs: Math.max(startMs, done), endMs }, sorted)) {
      const inside = ordered.filter((ms) => ms > free.startMs && ms < free.endMs);
      const edges = [free.startMs, ...inside, free.endMs];
      edges.slice(1).forEach((end, i) => windows.push(...divide({ startMs: edges[i] ?? 0, endMs: end }, windowMs, i + 2 < edges.length ? minGapMs : 0, minGapMs)));
    }
    done = Math.max(done, endMs + minGapMs);
  }
  return windows.filter((window) => window.endMs - window.startMs >= Math.max(1, minDurationMs));
}

/** Those of `made` that are at no time on screen together with a cue that is there. */
export function apartFrom<T extends Span>({ cues }: Pick<Captions, "cues">, made: readonly T[]): T[] {
  return made.filter(({ startMs, endMs }) => !cues.some(({ from, to }) => startMs < to.ms && endMs > from.ms));
}

function without({ startMs, endMs }: Span, taken: readonly Span[]): Span[] {
  const free: Span[] = [];
  let at = startMs;
  for (const other of taken) {
    if (other.startMs >= endMs) break;
    if (other.startMs > at) free.push({ startMs: at, endMs: other.startMs });
    at = Math.max(at, other.endMs);
  }
  return at < endMs ? [...free, { startMs: at, endMs }] : free;
}

function divide({ startMs, endMs }: Span, windowMs: number, gapAfter: number, gapMs: number): Span[] {
  const count = Math.max(1, Math.ceil((endMs - startMs) / windowMs));
  const edge = (i: number): number => Math.round(startMs + ((endMs - startMs) * i) / count);
  return Array.from({ length: count }, (_, i) => ({ startMs: edge(i), endMs: edge(i + 1) - (i + 1 < count ? gapMs : gapAfter) }));
}

/** One cue for neighbours that say the same, as long as it may be shown. */
export function joinSame(cues: readonly NewCue[], { maxDurationMs, minGapMs }: CaptionStyle): NewCue[] {
  const joined: NewCue[] = [];
  for (const cue of cues) {
    const last = joined.at(-1);
    const fits = last !== undefined && last.text === cue.text && cue.startMs - last.endMs <= minGapMs && (maxDurationMs === 0 || cue.endMs - last.startMs <= maxDurationMs);
    if (fits) joined[joined.length - 1] = { ...last, endMs: cue.endMs };
    else joined.push(cue);
  }
  return joined;
}

/**
 * Edits that only add lines, and in SubRip count anew what follows. Each cue stands after those that
 * begin before it. `note` stands above every group of new cues, except in SubRip, which knows no notes.
 */
export function insertCues(captions: Captions, made: readonly NewCue[], note: (count: number) => string, style: CaptionStyle): TextEdit[] {
  const { cues, source, syntax, eol } = captions;
  const groups = new Map<Caption | undefined, NewCue[]>();
  for (const cue of [...made].sort((a, b) => a.startMs - b.startMs)) {
    const after = cues.findLast(({ from }) => from.ms <= cue.startMs);
    groups.set(after, [...(groups.get(after) ?? []), cue]);
  }
  const edits: TextEdit[] = [];
  let counter = 0;
  const textOf = (group: readonly NewCue[]): string => {
    const blocks = group.map((cue) => printCue(cue, syntax === "srt" ? ++counter : undefined, syntax, eol, style));
    return [...(syntax === "srt" ? [] : [`NOTE ${oneLine(note(group.length))}`]), ...blocks].join(eol + eol);
  };
  const first = groups.get(undefined);
  if (first !== undefined) {
    const [top] = cues;
    if (top !== undefined) edits.push({ start: top.start, end: top.start, newText: textOf(first) + eol + eol });
    else edits.push({ start: source.length, end: source.length, newText: lead(captions) + textOf(first) + eol });
  }
  for (const cue of cues) {
    counter++;
    if (syntax === "srt" && cue.id !== undefined && counter !== cue.index + 1 && cue.id.text === String(cue.index + 1)) {
      edits.push({ start: cue.id.start, end: cue.id.end, newText: String(counter) });
    }
    const group = groups.get(cue);
    if (group !== undefined) edits.push({ start: cue.end, end: cue.end, newText: eol + eol + textOf(group) });
  }
  return edits;
}

/** What must stand between the end of a text without cues and the first. */
function lead({ source, syntax, eol }: Captions): string {
  if (source.replace(/^\ufeff/, "").trim() === "") return syntax === "srt" ? "" : syntax === "vtt" ? `WEBVTT${eol}${eol}` : "";
  if (/(?:\r\n|\n|\r)[ \t]*(?:\r\n|\n|\r)[ \t]*$/.test(source)) return "";
  return /[\r\n]$/.test(source) ? eol : eol + eol;
}

function printCue({ startMs, endMs, text }: NewCue, counter: number | undefined, syntax: CueSyntax, eol: string, style: CaptionStyle): string {
  const model = { text: syntax === "srt" ? "00:00:00,000" : "00:00:00.000" };
  const timing = `${writeTime(model, startMs, syntax)} --> ${writeTime(model, endMs, syntax)}`;
  return [...(counter === undefined ? [] : [String(counter)]), timing, ...cueLines(text, syntax, style)].join(eol);
}

/** A text as the lines of a cue: nothing in it is read as markup, as a time or as another block. */
export function cueLines(text: string, syntax: CueSyntax, { maxLineLength }: Pick<CaptionStyle, "maxLineLength">): string[] {
  const lines: string[] = [];
  for (const word of oneLine(text).split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && (maxLineLength === 0 || last.length + 1 + word.length <= maxLineLength)) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => (syntax === "srt" ? withoutMarkup(line) : line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")));
}

/** SubRip knows no escape: what a player would take for a tag gets other brackets. */
function withoutMarkup(line: string): string {
  return line.replaceAll("<", "\u2039").replaceAll(">", "\u203a").replaceAll("{\\", "{");
}

function oneLine(text: string): string {
  return text.replace(/\p{Surrogate}|[\u0000-\u001f\u007f]/gu, " ").replaceAll("-->", "->").split(/\s+/).filter((word) => word !== "").join(" ");
}
