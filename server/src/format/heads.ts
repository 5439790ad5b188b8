/**
 * Readers for the first line of each block. Each takes the source and the bounds of one line and
 * gives the parts with their places, or undefined when the line has another form. All patterns are
 * sticky and unambiguous from left to right, so that a line costs time linear in its length.
 */
import { readScope, readTime, type ScopeRead } from "./time.js";
import type { Field, Range, Word } from "./tree.js";

export type Keyword = "heading" | "segment" | "question" | "reference" | "model" | "run" | "note";

const TAB = 9;
const SPACE = 32;
const COLON = 58;
const AT = 64;

/** Digits, dots and an arrow: a line that wants to be a cue's, whether its times are right or not. */
const TIMING = /[ \t]*\d[\d:.,]*[ \t]*-->/y;
const ARROW = /[ \t]*-->[ \t]*/y;
const BLANKS = /[ \t]*/y;
const HEADING = /(#{1,6})[ \t]+/y;
const ID = /[^\s:@#][^\s:]*/y;
const TOKEN = /[^\s:]+/y;
const HEX8 = /^[0-9a-f]{8}$/;
const HEX12 = /^[0-9a-f]{12}$/;
const FIELD_KEY = /[ \t]+([A-Za-z][\w.-]*)=/y;
const KEY = /([A-Za-z][\w.-]*)[ \t]*:/y;
const CHOICE = /[ \t]*- \[([ xX])\](?:[ \t]+|$)/my;

export function isBlank(source: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (!isSpace(source.charCodeAt(i))) return false;
  }
  return true;
}

/** Length of the indent that makes a line part of a body: a tab or two spaces; 0 without. */
export function indentOf(source: string, start: number, end: number): 0 | 1 | 2 {
  if (start >= end) return 0;
  const first = source.charCodeAt(start);
  if (first === TAB) return 1;
  return first === SPACE && start + 1 < end && source.charCodeAt(start + 1) === SPACE ? 2 : 0;
}

export function isTiming(source: string, start: number): boolean {
  TIMING.lastIndex = start;
  return TIMING.test(source);
}

/** What the line starts like. A line that starts like a block may still not be one. */
export function keywordOf(source: string, start: number, end: number): Keyword | undefined {
  if (start >= end) return undefined;
  switch (source[start]) {
    case "#":
      HEADING.lastIndex = start;
      return HEADING.test(source) ? "heading" : undefined;
    case "@": {
      const at = skipBlanks(source, start + 1);
      const c = source.charCodeAt(at);
      return at < end && c >= 48 && c <= 57 ? "segment" : undefined;
    }
    case "Q":
      return isSpaceOrColon(source, start + 1, end) ? "question" : undefined;
    case "A":
      return isSpaceOrColon(source, start + 1, end) ? "reference" : undefined;
    case "M":
      return isSpaceOrColon(source, start + 1, end) ? "model" : undefined;
    case "R":
      return isWord(source, start, end, "RUN") ? "run" : undefined;
    case "N":
      return isWord(source, start, end, "NOTE") ? "note" : undefined;
    default:
      return undefined;
  }
}

/** The line starts with `word`, and a blank or nothing follows it. */
export function isWord(source: string, start: number, end: number, word: string): boolean {
  if (!source.startsWith(word, start)) return false;
  const after = start + word.length;
  return after === end || (after < end && isSpace(source.charCodeAt(after)));
}

export function readHeading(source: string, start: number, end: number): { level: number; text: string } | undefined {
  HEADING.lastIndex = start;
  const match = HEADING.exec(source);
  if (match === null) return undefined;
  return { level: (match[1] ?? "").length, text: source.slice(HEADING.lastIndex, end).trimEnd() };
}

export interface SegmentHead {
  readonly scope: ScopeRead & Range;
  readonly text: Word;
}

export function readSegment(source: string, start: number, end: number): SegmentHead {
  const at = skipBlanks(source, start + 1);
  const read = readScope(source, at);
  if (read.ok && (read.end === end || isSpace(source.charCodeAt(read.end)))) {
    const text = skipBlanks(source, read.end);
    return { scope: { ...read, start: at }, text: word(source, text, end) };
  }
  // Without a readable scope the text begins after the first blank: it is a guess, for display only.
  let stop = at;
  while (stop < end && !isSpace(source.charCodeAt(stop))) stop++;
  const scope = read.ok ? { ok: false as const, code: "bad-time" as const } : { ok: false as const, code: read.code };
  return { scope: { ...scope, start: at, end: stop }, text: word(source, Math.min(end, skipBlanks(source, stop)), end) };
}

export interface QuestionHead {
  readonly id: Word | undefined;
  readonly scope: (ScopeRead & Range) | undefined;
  readonly text: Word;
}

export function readQuestion(source: string, start: number, end: number): QuestionHead | undefined {
  let at = skipBlanks(source, start + 1);
  let id: Word | undefined;
  ID.lastIndex = at;
  if (at > start + 1 && ID.test(source)) {
    id = word(source, at, ID.lastIndex);
    at = skipBlanks(source, id.end);
  }
  if (at < end && source.charCodeAt(at) === COLON) return { id, scope: undefined, text: afterColon(source, at, end) };
  if (at >= end || source.charCodeAt(at) !== AT) return undefined;
  const scopeStart = skipBlanks(source, at + 1);
  const read = readScope(source, scopeStart);
  if (read.ok) {
    const colon = skipBlanks(source, read.end);
    if (colon < end && source.charCodeAt(colon) === COLON && endsHead(source, colon, end)) {
      return { id, scope: { ...read, start: scopeStart }, text: afterColon(source, colon, end) };
    }
  }
  // The scope cannot be read, yet it is a question: answers below must not fall to the one above.
  const colon = findHeadEnd(source, scopeStart, end);
  if (colon === undefined) return undefined;
  const code = read.ok ? "bad-time" : read.code;
  return { id, scope: { ok: false, code, start: scopeStart, end: colon }, text: afterColon(source, colon, end) };
}

export function readReference(source: string, start: number, end: number): { author: Word | undefined; text: Word } | undefined {
  let at = skipBlanks(source, start + 1);
  let author: Word | undefined;
  TOKEN.lastIndex = at;
  if (at > start + 1 && TOKEN.test(source)) {
    author = word(source, at, TOKEN.lastIndex);
    at = skipBlanks(source, author.end);
  }
  if (at >= end || source.charCodeAt(at) !== COLON) return undefined;
  return { author, text: afterColon(source, at, end) };
}

export interface ModelHead {
  readonly run8: Word;
  readonly in12: Word;
  /** Both ids have the form of a hash. */
  readonly wellFormed: boolean;
  readonly fields: readonly Field[];
  readonly text: Word;
}

export function readModel(source: string, start: number, end: number): ModelHead | undefined {
  const run8 = token(source, skipBlanks(source, start + 1), end);
  if (run8 === undefined || run8.start === start + 1) return undefined;
  const in12 = token(source, skipBlanks(source, run8.end), end);
  if (in12 === undefined) return undefined;
  const fields: Field[] = [];
  let at = in12.end;
  for (;;) {
    FIELD_KEY.lastIndex = at;
    const match = FIELD_KEY.exec(source);
    if (match === null || FIELD_KEY.lastIndex > end) break;
    const valueStart = FIELD_KEY.lastIndex;
    // A value ends at a blank, or at the colon that ends the head: it may hold colons itself.
    let stop = valueStart;
    while (stop < end && !isSpace(source.charCodeAt(stop)) && !(source.charCodeAt(stop) === COLON && endsHead(source, stop, end))) stop++;
    const key = match[1] ?? "";
    fields.push({ key, value: source.slice(valueStart, stop), start: valueStart - key.length - 1, end: stop });
    at = stop;
  }
  at = skipBlanks(source, at);
  if (at >= end || source.charCodeAt(at) !== COLON) return undefined;
  const wellFormed = HEX8.test(run8.text) && HEX12.test(in12.text);
  return { run8, in12, wellFormed, fields, text: afterColon(source, at, end) };
}

/** `RUN id`, and nothing after it. */
export function readRun(source: string, start: number, end: number): { run8: Word; wellFormed: boolean } | undefined {
  const run8 = token(source, skipBlanks(source, start + 3), end);
  if (run8 === undefined || !isBlank(source, run8.end, end)) return undefined;
  return { run8, wellFormed: HEX8.test(run8.text) };
}

/** Text after `NOTE`. */
export function readNote(source: string, start: number, end: number): Word {
  return word(source, Math.min(end, skipBlanks(source, start + 4)), end);
}

export interface TimingHead {
  readonly startMs: number;
  readonly endMs: number;
  readonly timing: Range;
  readonly settings: string;
}

export function readTiming(source: string, start: number, end: number): TimingHead | undefined {
  const at = skipBlanks(source, start);
  const from = readTime(source, at);
  if (from === undefined) return undefined;
  ARROW.lastIndex = from.end;
  if (!ARROW.test(source)) return undefined;
  const to = readTime(source, ARROW.lastIndex);
  if (to === undefined || (to.end < end && !isSpace(source.charCodeAt(to.end)))) return undefined;
  return { startMs: from.ms, endMs: to.ms, timing: { start: at, end: to.end }, settings: source.slice(to.end, end).trim() };
}

/** `key: value`, both without blanks around them. */
export function readEntry(source: string, start: number, end: number): { key: Word; value: Word } | undefined {
  KEY.lastIndex = start;
  const match = KEY.exec(source);
  if (match === null || KEY.lastIndex > end) return undefined;
  const valueStart = Math.min(end, skipBlanks(source, KEY.lastIndex));
  let valueEnd = end;
  while (valueEnd > valueStart && isSpace(source.charCodeAt(valueEnd - 1))) valueEnd--;
  const keyEnd = start + (match[1] ?? "").length;
  return { key: word(source, start, keyEnd), value: word(source, valueStart, valueEnd) };
}

/** `- [ ] text` or `- [x] text`; `start` is after the indent. */
export function readChoice(source: string, start: number, end: number): { text: string; gold: boolean } | undefined {
  CHOICE.lastIndex = start;
  const match = CHOICE.exec(source);
  if (match === null) return undefined;
  return { text: source.slice(Math.min(end, CHOICE.lastIndex), end).trim(), gold: match[1] !== " " };
}

export function word(source: string, start: number, end: number): Word {
  return { text: source.slice(start, end), start, end };
}

function skipBlanks(source: string, offset: number): number {
  BLANKS.lastIndex = offset;
  BLANKS.test(source);
  return BLANKS.lastIndex;
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB;
}

function isSpaceOrColon(source: string, offset: number, end: number): boolean {
  if (offset >= end) return false;
  const code = source.charCodeAt(offset);
  return code === COLON || isSpace(code);
}

function token(source: string, start: number, end: number): Word | undefined {
  TOKEN.lastIndex = start;
  return start < end && TOKEN.test(source) ? word(source, start, TOKEN.lastIndex) : undefined;
}

/** The colon at `offset` is followed by a blank or by the end of the line. */
function endsHead(source: string, offset: number, end: number): boolean {
  return offset + 1 >= end || isSpace(source.charCodeAt(offset + 1));
}

function findHeadEnd(source: string, start: number, end: number): number | undefined {
  for (let at = start; at < end; at++) {
    if (source.charCodeAt(at) === COLON && endsHead(source, at, end)) return at;
  }
  return undefined;
}

/** The text after the colon, one blank removed: the rest belongs to the text. */
function afterColon(source: string, colon: number, end: number): Word {
  const start = colon + 1 < end && isSpace(source.charCodeAt(colon + 1)) ? colon + 2 : colon + 1;
  return word(source, start, end);
}
