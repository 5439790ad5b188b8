/**
 * Records as `.vqa` text. Whatever a record holds, the text parses back to the same record, except
 * for what is counted as lost.
 */
import { isTiming } from "../heads.js";
import { VERSION } from "../parse.js";
import { printEntries, printEntry, printWithBody } from "../print.js";
import { formatScope, formatTime, type Span } from "../time.js";
import type { Losses } from "./losses.js";
import { ID_FIELD, type AnswerRecord, type ConvertRecord, type CueRecord, type Fields, type Pairs, type QuestionRecord, type ReferenceRecord, type SegmentRecord } from "./records.js";

/** The last time that can be written and read again: its hours have six digits. */
const MAX_MS = 1_000_000 * 3_600_000 - 1;
const KEY = /^[A-Za-z][\w.-]*$/;
const EOL = "\n";

export interface PrintedRecord {
  /** A block with the blocks that belong to it, its last line ended; empty when nothing is left of it. */
  readonly text: string;
  /** Runs that its answers refer to. */
  readonly runs: ReadonlyMap<string, Pairs>;
}

/**
 * Prints the records of one video, one after the other. It has a memory of one bit: whether a
 * segment stands above, from which a question without a scope would inherit one.
 */
export class RecordPrinter {
  #inSegment = false;

  constructor(private readonly losses: Losses) {}

  /** @param place where the record comes from, for the report of losses */
  print(record: Exclude<ConvertRecord, { kind: "header" }>, place: string): PrintedRecord {
    const runs = new Map<string, Pairs>();
    return { text: this.#text(record, place, runs), runs };
  }

  #text(record: Exclude<ConvertRecord, { kind: "header" }>, place: string, runs: Map<string, Pairs>): string {
    switch (record.kind) {
      case "question":
        return this.#question(record, place, runs);
      case "segment":
        return this.#segment(record, place);
      case "cue":
        return this.#cue(record, place);
      case "heading": {
        this.#inSegment = false;
        const level = Math.min(6, Math.max(1, Math.trunc(record.level) || 1));
        return `${"#".repeat(level)} ${oneLine(record.text, place, this.losses)}${EOL}`;
      }
      case "note": {
        const text = tidy(record.text, place, this.losses);
        // On the line of the keyword it would be taken for the fields of what stands above.
        return (text.startsWith("fields {") ? `NOTE${EOL}${indented(text)}` : printWithBody("NOTE", text, EOL)) + EOL;
      }
      case "style":
        return this.#style(record.text, place);
    }
  }

  #question(question: QuestionRecord, place: string, runs: Map<string, Pairs>): string {
    const { losses } = this;
    const head = ["Q"];
    let fields = question.fields;
    if (question.id !== undefined) {
      if (/^[^\s:@#\ufeff][^\s:\ufeff]*$/.test(question.id) && wellFormed(question.id) === question.id) head.push(question.id);
      else if (question.id === "") losses.add("id", `${place}: an empty one`);
      // The grammar has no place for such an id, yet the file that it came from can have it back.
      else fields = { ...fields, [ID_FIELD]: question.id };
    }
    const scope = validScope(question.scope, place, losses);
    if (scope.length > 0) head.push(`@${formatScope(scope)}`);
    const lines: string[] = [];
    if (scope.length === 0 && this.#inSegment) {
      lines.push("# Questions", "");
      this.#inSegment = false;
    }
    lines.push(printWithBody(`${head.join(" ")}:`, withoutChoiceLines(tidy(question.text, place, losses), place, losses), EOL));
    for (const { text, gold } of question.choices) lines.push(`  - [${gold ? "x" : " "}] ${oneLine(text, place, losses)}`.trimEnd());
    lines.push(...fieldLines(fields));
    for (const reference of question.references) lines.push(this.#reference(reference, place));
    for (const answer of question.answers) lines.push(...this.#answer(answer, place, runs));
    return lines.join(EOL) + EOL;
  }

  #reference({ author, text }: ReferenceRecord, place: string): string {
    const kept = author !== undefined && /^[^\s:\ufeff]+$/.test(author) && wellFormed(author) === author ? author : undefined;
    if (author !== kept) this.losses.add("author", `${place}: ${JSON.stringify(author)}`);
    return printWithBody(kept === undefined ? "A:" : `A ${kept}:`, tidy(text, place, this.losses), EOL);
  }

  #answer({ run8, in12, fields, text, run }: AnswerRecord, place: string, runs: Map<string, Pairs>): string[] {
    if (!/^[0-9a-f]{8}$/.test(run8) || !/^[0-9a-f]{12}$/.test(in12)) {
      this.losses.add("provenance", place);
      return [];
    }
    const kept = fields.filter(([key, value]) => KEY.test(key) && !/\s|:$/.test(value) && wellFormed(value) === value);
    const entries = run?.filter(([key, value]) => KEY.test(key) && isEntryValue(value));
    if (kept.length < fields.length || (run !== undefined && entries?.length !== run.length)) this.losses.add("provenance", place);
    if (entries !== undefined) runs.set(run8, entries);
    const head = `M ${run8} ${in12}${kept.map(([key, value]) => ` ${key}=${value}`).join("")}:`;
    return [printWithBody(head, clean(text, place, this.losses), EOL)];
  }

  #segment(segment: SegmentRecord, place: string): string {
    const scope = validScope(segment.scope, place, this.losses);
    if (scope.length === 0) {
      this.losses.add("segments", `${place}: ${segment.text}`);
      return "";
    }
    this.#inSegment = true;
    const text = tidy(segment.text, place, this.losses);
    // Beside the scope these would be read as a part of it.
    const block = /^(\.\.|,)/.test(text) ? `@ ${formatScope(scope)}${EOL}${indented(text)}` : printWithBody(`@ ${formatScope(scope)}`, text, EOL);
    return [block, ...fieldLines(segment.fields)].join(EOL) + EOL;
  }

  #cue(cue: CueRecord, place: string): string {
    if (!isTime(cue.startMs) || !isTime(cue.endMs) || cue.endMs < cue.startMs) {
      this.losses.add("cue-time", place);
      return "";
    }
    const lines: string[] = [];
    if (cue.id !== undefined) {
      const id = oneLine(cue.id, place, this.losses);
      if (id === "" || id.includes("-->")) this.losses.add("cue-id", `${place}: ${JSON.stringify(cue.id)}`);
      else lines.push(id);
    }
    const settings = oneLine(cue.settings, place, this.losses);
    lines.push(`${formatTime(cue.startMs)} --> ${formatTime(cue.endMs)}${settings === "" ? "" : ` ${settings}`}`);
    const text = clean(cue.text, place, this.losses).split(EOL);
    const words = text.filter((line) => /[^ \t]/.test(line));
    if (words.length < text.length && cue.text !== "") this.losses.add("blank-lines", place);
    // A line of times would be the next cue; escaped, it reads the same.
    lines.push(...words.map((line) => (isTiming(line, 0) ? line.replaceAll("-->", "--&gt;") : line)));
    return lines.join(EOL) + EOL;
  }

  #style(text: string, place: string): string {
    const lines = clean(text, place, this.losses).split(EOL);
    const words = lines.filter((line) => /[^ \t]/.test(line));
    if (!/^(STYLE|REGION)[ \t]*$/.test(words[0] ?? "") || words.some((line) => line.includes("-->"))) {
      this.losses.add("styles", place);
      return "";
    }
    if (words.length < lines.length) this.losses.add("blank-lines", place);
    return words.join(EOL) + EOL;
  }
}

/** The header, with the blank line that ends it. Values that are no single line are lost. */
export function printHeader(entries: Pairs, place: string, losses: Losses): string {
  const lines = [`VQA ${VERSION}`];
  for (const [key, value] of entries) {
    if (KEY.test(key) && !/^[QAM]$/.test(key) && isEntryValue(value)) lines.push(printEntry(key, value));
    else losses.add("header", `${place}: ${key}`);
  }
  return lines.join(EOL) + EOL + EOL;
}

export function printRun(run8: string, entries: Pairs): string {
  return printEntries(`RUN ${run8}`, entries, EOL) + EOL;
}

/** The line that keeps what a dataset says and a notebook has no place for. */
function fieldLines(fields: Fields): string[] {
  return Object.keys(fields).length === 0 ? [] : [`NOTE fields ${JSON.stringify(fields)}`];
}

function validScope(scope: readonly Span[], place: string, losses: Losses): readonly Span[] {
  const valid = scope.every(({ startMs, endMs }) => isTime(startMs) && isTime(endMs) && startMs <= endMs);
  if (valid) return scope;
  // A part of a scope would be another scope.
  losses.add("bad-scope", place);
  return [];
}

function isTime(ms: number): boolean {
  return Number.isSafeInteger(ms) && ms >= 0 && ms <= MAX_MS;
}

function isEntryValue(value: string): boolean {
  return !/[\r\n]/.test(value) && !/^[ \t]|[ \t]$/.test(value) && wellFormed(value) === value;
}

/** One kind of line end, and only characters that UTF-8 can write. */
function clean(text: string, place: string, losses: Losses): string {
  const plain = text.replace(/\r\n?/g, "\n");
  const valid = wellFormed(plain);
  if (valid !== plain) losses.add("blanks", place);
  return valid;
}

function tidy(text: string, place: string, losses: Losses): string {
  const valid = clean(text, place, losses);
  const trimmed = valid.trim();
  if (trimmed !== valid) losses.add("blanks", place);
  return trimmed;
}

function oneLine(text: string, place: string, losses: Losses): string {
  const tidied = tidy(text, place, losses);
  if (!tidied.includes("\n")) return tidied;
  losses.add("line-break", place);
  return tidied.replace(/[ \t]*\n\s*/g, " ");
}

/** A later line that looks like a choice would become one. */
function withoutChoiceLines(text: string, place: string, losses: Losses): string {
  const joined = text.replace(/\n(?=[ \t]*- \[[ xX]\](?:[ \t]|$))/gm, " ");
  if (joined !== text) losses.add("line-break", place);
  return joined;
}

function indented(text: string): string {
  return text.split("\n").map((line) => (line === "" ? "" : `  ${line}`)).join(EOL);
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}
