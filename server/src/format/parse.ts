/**
 * The parser: text in, a lossless tree and a list of problems out. It never throws and takes time
 * linear in the text; every line is looked at a fixed number of times.
 *
 * Rules that the grammar leaves to prose:
 * - A timing line wins over a keyword, as in WebVTT: a line directly above one is the cue's id,
 *   whatever it looks like, except inside a body, a header or the text of another cue.
 * - Indentation is the only quoting. A body takes every indented line, and blank lines before one.
 * - A question or segment whose scope cannot be read stays one, with a problem: were it dropped, the
 *   answers below would fall to the question above, or its questions to the wrong scope.
 * - In a file that starts with `WEBVTT`, notes and cues end where WebVTT ends them: at an empty line.
 */
import {
  indentOf,
  isBlank,
  isTiming,
  isWord,
  keywordOf,
  readChoice,
  readEntry,
  readHeading,
  readModel,
  readNote,
  readQuestion,
  readReference,
  readRun,
  readSegment,
  readTiming,
  word,
  type Keyword,
} from "./heads.js";
import { lineAt, splitLines, type Lines } from "./lines.js";
import type { ScopeRead } from "./time.js";
import type { Block, Choice, Document, Entry, HeaderBlock, OpaqueBlock, Problem, ProblemCode, Range, Word, WrittenScope } from "./tree.js";

/** The version of the format that this library reads and writes. */
export const VERSION = 1;

/** More problems than this are counted, not listed: a wrong file should not fill the memory. */
export const MAX_PROBLEMS = 1000;

/** Parses any text. Never throws; see `Document.problems`. */
export function parse(source: string): Document {
  return new Parser(source).parse();
}

/** Blocks of a part of a text that starts with a line of its own, not with the file's first. Places count from the part's start. */
export function parsePart(source: string, webvtt: boolean): Pick<Document, "blocks" | "problems"> {
  return new Parser(source, webvtt).parse();
}

class Parser {
  readonly #source: string;
  readonly #bom: boolean;
  readonly #lines: Lines;
  readonly #count: number;
  readonly #blocks: Block[] = [];
  readonly #problems: Problem[] = [];
  #dropped = 0;
  #header: HeaderBlock | undefined;
  /** Undefined until the header tells. */
  #webvtt: boolean | undefined;

  /** @param webvtt of a part without the header: whether the file has that of WebVTT */
  constructor(source: string, webvtt?: boolean) {
    this.#source = source;
    this.#webvtt = webvtt;
    this.#bom = webvtt === undefined && source.charCodeAt(0) === 0xfeff;
    this.#lines = splitLines(source, this.#bom ? 1 : 0);
    this.#count = this.#lines.starts.length;
  }

  parse(): Document {
    let i = this.#webvtt === undefined ? this.#readHeader() : 0;
    this.#webvtt ??= this.#header?.syntax === "webvtt";
    while (i < this.#count) i = this.#readBlock(i);
    if (this.#dropped > 0) {
      const end = this.#source.length;
      const message = `${this.#dropped} more problems are not listed.`;
      this.#problems.push({ code: "too-many-problems", severity: "warning", message, start: end, end, line: Math.max(1, this.#count) });
    }
    return {
      source: this.#source,
      bom: this.#bom,
      eol: this.#lines.eol,
      lineStarts: this.#lines.starts,
      header: this.#header,
      blocks: this.#blocks,
      problems: this.#problems,
    };
  }

  // Lines. `i` is always a line number from 0; `#start(count)` is the end of the text.

  #start(i: number): number {
    return this.#lines.starts[i] ?? this.#source.length;
  }

  #end(i: number): number {
    return this.#lines.ends[i] ?? this.#source.length;
  }

  #isBlank(i: number): boolean {
    return isBlank(this.#source, this.#start(i), this.#end(i));
  }

  #isTiming(i: number): boolean {
    return i < this.#count && isTiming(this.#source, this.#start(i));
  }

  #indent(i: number): 0 | 1 | 2 {
    return indentOf(this.#source, this.#start(i), this.#end(i));
  }

  #keyword(i: number): Keyword | undefined {
    return keywordOf(this.#source, this.#start(i), this.#end(i));
  }

  /** The line would start a block elsewhere. Much that people say begins with "A" or "Q" and would not. */
  #isHead({ start, end }: Word): boolean {
    switch (keywordOf(this.#source, start, end)) {
      case undefined:
        return false;
      case "question":
        return readQuestion(this.#source, start, end) !== undefined;
      case "reference":
        return readReference(this.#source, start, end) !== undefined;
      case "model":
        return readModel(this.#source, start, end) !== undefined;
      default:
        return true;
    }
  }

  #isWord(i: number, text: string): boolean {
    return isWord(this.#source, this.#start(i), this.#end(i), text);
  }

  #lineWord(i: number): Word {
    return word(this.#source, this.#start(i), this.#end(i));
  }

  /** Place and source of a block of the lines `from` to `to`, exclusive. */
  #base(from: number, to: number): { start: number; end: number; line: number; raw: string } {
    const start = this.#start(from);
    const end = this.#start(to);
    return { start, end, line: from + 1, raw: this.#source.slice(start, end) };
  }

  #problem(code: ProblemCode, range: Range, message: string, severity: Problem["severity"] = "error"): void {
    if (this.#problems.length >= MAX_PROBLEMS) {
      this.#dropped++;
      return;
    }
    const line = lineAt(this.#lines.starts, range.start) + 1;
    this.#problems.push({ code, severity, message, start: range.start, end: range.end, line });
  }

  // Header.

  #readHeader(): number {
    if (this.#count === 0) return 0;
    const vqa = this.#isWord(0, "VQA");
    if (!vqa && !this.#isWord(0, "WEBVTT")) return 0;
    const version = vqa ? this.#readVersion() : undefined;
    const entries: Entry[] = [];
    let i = 1;
    for (; i < this.#count && !this.#isBlank(i) && !this.#isTiming(i); i++) {
      if (vqa && this.#keyword(i) !== undefined) {
        this.#problem("header-not-closed", this.#lineWord(i), "Put a blank line between the header and this line.", "warning");
        break;
      }
      const range = { start: this.#start(i), end: this.#end(i) };
      const entry = readEntry(this.#source, range.start, range.end);
      if (entry !== undefined) entries.push({ ...entry, start: range.start, end: range.end });
      else if (vqa) this.#problem("bad-header", range, "A header line is written `key: value`; a blank line ends the header.");
    }
    this.#header = { kind: "header", ...this.#base(0, i), syntax: vqa ? "vqa" : "webvtt", version, entries };
    this.#blocks.push(this.#header);
    return i;
  }

  #readVersion(): number | undefined {
    const line = this.#lineWord(0);
    const digits = /^VQA[ \t]+(\d{1,9})[ \t]*$/.exec(line.text)?.[1];
    if (digits === undefined) {
      this.#problem("bad-version", line, `The first line is written \`VQA ${VERSION}\`.`);
      return undefined;
    }
    const version = Number(digits);
    if (version !== VERSION) {
      this.#problem("bad-version", line, `This file is of version ${version}; this program reads version ${VERSION}. Update the program.`);
    }
    return version;
  }

  // Blocks. Each reader takes its first line and returns the line after its last.

  #readBlock(i: number): number {
    if (this.#isBlank(i)) return this.#readBlanks(i);
    if (this.#isTiming(i)) return this.#readCue(i, undefined);
    if (this.#isId(i)) return this.#readCue(i + 1, i);
    if (this.#isWord(i, "STYLE") && this.#isBlankAfter(i, 5)) return this.#readOpaqueParagraph(i, "style");
    if (this.#isWord(i, "REGION") && this.#isBlankAfter(i, 6)) return this.#readOpaqueParagraph(i, "region");
    switch (this.#keyword(i)) {
      case "heading":
        return this.#readHeading(i);
      case "segment":
        return this.#readSegment(i);
      case "question":
        return this.#readQuestion(i);
      case "reference":
        return this.#readReference(i);
      case "model":
        return this.#readModel(i);
      case "run":
        return this.#readRun(i);
      case "note":
        return this.#readNote(i);
      case undefined:
        return this.#readUnknown(i);
    }
  }

  /** The line stands directly above a timing line that is not the body of it. */
  #isId(i: number): boolean {
    return this.#isTiming(i + 1) && (this.#indent(i + 1) === 0 || this.#keyword(i) === undefined);
  }

  /** Nothing but blanks after the first `length` characters of the line. */
  #isBlankAfter(i: number, length: number): boolean {
    return isBlank(this.#source, this.#start(i) + length, this.#end(i));
  }

  #readBlanks(i: number): number {
    let j = i + 1;
    while (j < this.#count && this.#isBlank(j)) j++;
    this.#blocks.push({ kind: "blank", ...this.#base(i, j) });
    return j;
  }

  #readHeading(i: number): number {
    const head = readHeading(this.#source, this.#start(i), this.#end(i));
    this.#blocks.push({ kind: "heading", ...this.#base(i, i + 1), level: head?.level ?? 1, text: head?.text ?? "" });
    return i + 1;
  }

  #readSegment(i: number): number {
    const head = readSegment(this.#source, this.#start(i), this.#end(i));
    const scope = this.#scope(head.scope);
    const { lines, next } = this.#readBody(i + 1);
    this.#reportChoice(lines);
    this.#blocks.push({ kind: "segment", ...this.#base(i, next), scope, lines: [head.text, ...lines] });
    return next;
  }

  #readQuestion(i: number): number {
    const head = readQuestion(this.#source, this.#start(i), this.#end(i));
    if (head === undefined) {
      return this.#readMalformed(i, "question", "bad-question", "A question is written `Q id @from..to: text`; id and scope may be left out.");
    }
    const scope = head.scope === undefined ? undefined : this.#scope(head.scope);
    const { lines, next } = this.#readBody(i + 1);
    const text: Word[] = [head.text];
    const choices: Choice[] = [];
    for (const line of lines) {
      const choice = readChoice(this.#source, line.start, line.end);
      if (choice === undefined) text.push(line);
      else choices.push({ ...choice, start: line.start, end: line.end });
    }
    this.#blocks.push({ kind: "question", ...this.#base(i, next), id: head.id, scope, lines: text, choices });
    return next;
  }

  #readReference(i: number): number {
    const head = readReference(this.#source, this.#start(i), this.#end(i));
    if (head === undefined) {
      return this.#readMalformed(i, "reference", "bad-reference", "An answer is written `A author: text`; the author, one word, may be left out.");
    }
    const { lines, next } = this.#readBody(i + 1);
    this.#reportChoice(lines);
    this.#blocks.push({ kind: "reference", ...this.#base(i, next), author: head.author, lines: [head.text, ...lines] });
    return next;
  }

  #readModel(i: number): number {
    const head = readModel(this.#source, this.#start(i), this.#end(i));
    if (head === undefined) {
      return this.#readMalformed(i, "model", "bad-model", "A machine's answer is written `M run input key=value: text`; remove the line and ask again.");
    }
    if (!head.wellFormed) {
      const range = { start: head.run8.start, end: head.in12.end };
      this.#problem("bad-provenance-id", range, "The ids of a machine's answer are 8 and 12 digits of 0-9 and a-f; remove the line and ask again.");
    }
    const { lines, next } = this.#readBody(i + 1);
    const { run8, in12, fields, text } = head;
    this.#blocks.push({ kind: "model", ...this.#base(i, next), run8, in12, fields, lines: [text, ...lines] });
    return next;
  }

  #readRun(i: number): number {
    const head = readRun(this.#source, this.#start(i), this.#end(i));
    if (head === undefined) {
      return this.#readMalformed(i, "run", "bad-run", "A run is written `RUN id`, with indented lines `key: value` below.");
    }
    if (!head.wellFormed) this.#problem("bad-provenance-id", head.run8, "The id of a run is 8 digits of 0-9 and a-f.");
    const { lines, next } = this.#readBody(i + 1);
    const entries: Entry[] = [];
    for (const line of lines) {
      const entry = readEntry(this.#source, line.start, line.end);
      if (entry !== undefined) entries.push({ ...entry, start: line.start, end: line.end });
      else if (line.text.trim() !== "") this.#problem("bad-run", line, "A line of a run is written `key: value`.");
    }
    this.#blocks.push({ kind: "run", ...this.#base(i, next), run8: head.run8, entries });
    return next;
  }

  #readNote(i: number): number {
    const first = readNote(this.#source, this.#start(i), this.#end(i));
    const { lines, next } = this.#isWebvtt() ? this.#readParagraph(i + 1) : this.#readBody(i + 1);
    this.#blocks.push({ kind: "note", ...this.#base(i, next), lines: [first, ...lines] });
    return next;
  }

  #readCue(i: number, idLine: number | undefined): number {
    const from = idLine ?? i;
    const head = readTiming(this.#source, this.#start(i), this.#end(i));
    const { lines, next } = this.#readParagraph(i + 1);
    if (head === undefined) {
      const text = this.#lineWord(i);
      const hint = text.text.includes(",") ? " The fraction is written with a dot, not with a comma." : "";
      this.#problem("bad-time", text, `A cue's times are written \`00:00:01.000 --> 00:00:04.200\`.${hint}`);
      this.#blocks.push({ kind: "opaque", ...this.#base(from, next), resembles: "cue" });
      return next;
    }
    if (head.endMs < head.startMs) this.#problem("end-before-start", head.timing, "This cue ends before it starts.");
    if (!this.#isWebvtt()) {
      if (idLine !== undefined && this.#keyword(idLine) !== undefined) {
        const message = "Directly above a timing line this is the cue's id. Put a blank line between them if it is not meant so.";
        this.#problem("keyword-in-cue", this.#lineWord(idLine), message, "warning");
      }
      for (const line of lines) {
        if (!this.#isHead(line)) continue;
        this.#problem("keyword-in-cue", line, "This line is text of the cue above. Put a blank line before it if it is not meant so.", "warning");
        break;
      }
    }
    const id = idLine === undefined ? undefined : this.#lineWord(idLine);
    this.#blocks.push({ kind: "cue", ...this.#base(from, next), id, startMs: head.startMs, endMs: head.endMs, timing: head.timing, settings: head.settings, lines });
    return next;
  }

  #readUnknown(i: number): number {
    let j = i + 1;
    while (j < this.#count && !this.#isBlank(j) && !this.#isTiming(j) && this.#keyword(j) === undefined) j++;
    const range = { start: this.#start(i), end: this.#end(j - 1) };
    if (this.#isWord(i, "VQA") || this.#isWord(i, "WEBVTT")) {
      this.#problem("misplaced-header", this.#lineWord(i), "The header must be the first line of the file.");
      return this.#pushOpaque(i, j, "header");
    }
    const lines: Word[] = [];
    for (let k = i; k < j; k++) lines.push(this.#lineWord(k));
    if (!this.#reportChoice(lines)) {
      this.#problem("unknown-line", range, "This is neither a question nor anything else that is known here. Prose is written as `NOTE`, or indented below a block.");
    }
    return this.#pushOpaque(i, j, undefined);
  }

  /** A line that starts with a keyword and goes on in another way, with the body that it would have. */
  #readMalformed(i: number, resembles: OpaqueBlock["resembles"], code: ProblemCode, message: string): number {
    this.#problem(code, this.#lineWord(i), message);
    return this.#pushOpaque(i, this.#readBody(i + 1).next, resembles);
  }

  #readOpaqueParagraph(i: number, resembles: OpaqueBlock["resembles"]): number {
    return this.#pushOpaque(i, this.#readParagraph(i + 1).next, resembles);
  }

  #pushOpaque(from: number, to: number, resembles: OpaqueBlock["resembles"]): number {
    this.#blocks.push({ kind: "opaque", ...this.#base(from, to), resembles });
    return to;
  }

  // Parts.

  /** Indented lines without their indent, and the blank lines between them. */
  #readBody(i: number): { lines: Word[]; next: number } {
    const lines: Word[] = [];
    let j = i;
    while (j < this.#count) {
      const indent = this.#indent(j);
      if (indent > 0) {
        lines.push(word(this.#source, this.#start(j) + indent, this.#end(j)));
        j++;
        continue;
      }
      let k = j;
      while (k < this.#count && this.#indent(k) === 0 && this.#isBlank(k)) k++;
      if (k === j || k === this.#count || this.#indent(k) === 0) break;
      for (; j < k; j++) lines.push(word(this.#source, this.#end(j), this.#end(j)));
    }
    return { lines, next: j };
  }

  /** Lines as they are, to the next blank line or timing line: the text of a cue. */
  #readParagraph(i: number): { lines: Word[]; next: number } {
    const lines: Word[] = [];
    let j = i;
    for (; j < this.#count && !this.#endsParagraph(j) && !this.#isTiming(j); j++) lines.push(this.#lineWord(j));
    return { lines, next: j };
  }

  #endsParagraph(i: number): boolean {
    return this.#isWebvtt() ? this.#start(i) === this.#end(i) : this.#isBlank(i);
  }

  #isWebvtt(): boolean {
    return this.#webvtt === true;
  }

  /** Tells of the first choice among lines that are not of a question. A machine's answer and a note may hold any. */
  #reportChoice(lines: readonly Word[]): boolean {
    const choice = lines.find((line) => readChoice(this.#source, line.start, line.end) !== undefined);
    if (choice === undefined) return false;
    this.#problem("choice-outside-question", choice, "A choice belongs to a question: put it directly below one, indented by two spaces.");
    return true;
  }

  #scope(read: ScopeRead & Range): WrittenScope {
    if (read.ok) return { start: read.start, end: read.end, spans: read.spans };
    const message =
      read.code === "end-before-start"
        ? "This span ends before it starts."
        : "Times are written `00:00:04.200..00:00:12.500`, several of them with commas between.";
    this.#problem(read.code, read, message);
    return { start: read.start, end: read.end, spans: undefined };
  }
}
