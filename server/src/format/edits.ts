/**
 * Changes to a notebook, as text edits on the source that was parsed. Each touches one block and
 * nothing else; what stays the same gives no edit. People's answers are never touched.
 *
 * Several edits of one call may be applied together, and in any editor: they do not overlap.
 */
import { FormatError } from "./errors.js";
import { isTiming } from "./heads.js";
import { withoutEol } from "./lines.js";
import { VERSION } from "./parse.js";
import { printEntries, printEntry, printWithBody } from "./print.js";
import { runId } from "./provenance.js";
import { findRun, isIntact, runFields, type MachineAnswer, type Notebook, type Question } from "./questions.js";
import type { Block, Document, Range } from "./tree.js";

/** Replaces the text from `start` to `end`, offsets into `Document.source`. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

/**
 * How an answer was made, in the order in which it is written. `model` names the model and with it
 * the lineage of its answers; `date` is not part of the run's id.
 */
export type RunRecord = Readonly<Record<string, string>>;

export interface NewAnswer {
  readonly question: Question;
  readonly run: RunRecord;
  /** From `inputId`. */
  readonly in12: string;
  /** `t: "812ms"`; neither blanks in it nor a colon at the end. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Any text. Its line terminators become the file's. */
  readonly text: string;
}

/**
 * Writes the answers of a machine and the records of their runs. An answer replaces the one that the
 * same model gave to the question before, and is added after the others otherwise. Nothing changes
 * where run, inputs and text are the same as before: the first measurement stays.
 *
 * Throws FormatError: `foreign-question`, `invalid-value`, `unsupported-version`.
 */
export function setAnswers(notebook: Notebook, answers: readonly NewAnswer[]): TextEdit[] {
  refuseVersion(notebook.document);
  refuseTwice(answers);
  const edits = answers.flatMap((answer) => answerEdits(notebook, answer));
  return withRuns(notebook, edits, answers.map((answer) => answer.run));
}

export function setAnswer(notebook: Notebook, answer: NewAnswer): TextEdit[] {
  return setAnswers(notebook, [answer]);
}

/** Writes the record of a run at the end of the file, or puts one right that was altered. */
export function setRun(notebook: Notebook, record: RunRecord): TextEdit[] {
  refuseVersion(notebook.document);
  return withRuns(notebook, [], [record]);
}

/**
 * Removes the records of runs that no answer refers to. A record whose id occurs in lines that could
 * not be read stays, since those may be answers.
 */
export function pruneRuns(notebook: Notebook): TextEdit[] {
  const { document, runs } = notebook;
  refuseVersion(document);
  const used = new Set<string>();
  for (const block of document.blocks) {
    if (block.kind === "model") used.add(block.run8.text);
    else if (block.kind === "opaque") for (const id of block.raw.match(/\b[0-9a-f]{8}\b/g) ?? []) used.add(id);
  }
  return settled(document.source, runs.filter((run) => !used.has(run.run8.text)).map((run) => removeBlock(document, run)));
}

/**
 * Gives a header key these values, one line each; none removes it. Lines of the key are reused in
 * order; a header is added to a file that has none.
 */
export function setHeader(document: Document, key: string, values: readonly string[]): TextEdit[] {
  refuseVersion(document);
  requireKey(key);
  if (/^[QAM]$/.test(key)) refuseValue(`\`${key}:\` starts a block, so it cannot be a header key.`);
  const wanted = values.map((value) => {
    if (/[\r\n]/.test(value)) refuseValue(`The value of \`${key}\` has more than one line.`);
    return value.trim();
  });
  const { header, source, eol } = document;
  if (header === undefined) {
    if (wanted.length === 0) return [];
    const start = document.bom ? 1 : 0;
    const lines = [`VQA ${VERSION}`, ...wanted.map((value) => printEntry(key, value))];
    const first = document.blocks[0];
    const separator = first === undefined || first.kind === "blank" ? "" : eol;
    return settled(source, [{ start, end: start, newText: lines.join(eol) + eol + separator }]);
  }
  const present = header.entries.filter((entry) => entry.key.text === key);
  const edits: TextEdit[] = [];
  present.forEach((entry, i) => {
    const value = wanted[i];
    if (value === undefined) {
      // The line goes with the terminator before it, since the last line may have none after it.
      const before = withoutEol(source.slice(header.start, entry.start)) + header.start;
      edits.push({ start: before, end: entry.end, newText: "" });
    } else if (value !== entry.value.text) {
      const { key: name } = entry;
      edits.push({ start: name.start, end: entry.value.end, newText: printEntry(key, value) });
    }
  });
  const more = wanted.slice(present.length).map((value) => eol + printEntry(key, value));
  if (more.length > 0) {
    const at = present.at(-1)?.end ?? contentEnd(header);
    edits.push({ start: at, end: at, newText: more.join("") });
  }
  return settled(source, edits);
}

/** Gathers changes to blocks of a document. Throws FormatError `unsupported-version`. */
export function blockEdits(document: Document): {
  replace(block: Block, text: string): void;
  after(block: Block, text: string): void;
  remove(block: Block): void;
  /** Replaces what follows the pattern's first group. Nothing when the line is not of that form. */
  inLine(line: Range, pattern: RegExp, text: string): void;
  all(): TextEdit[];
} {
  refuseVersion(document);
  const edits: TextEdit[] = [];
  return {
    replace: (block, text) => void edits.push(replaceBlock(document, block, text)),
    after: (block, text) => void edits.push(insertAfter(document, block, text)),
    remove: (block) => void edits.push(removeBlock(document, block)),
    inLine: ({ start, end }, pattern, newText) => {
      const [whole, before = ""] = pattern.exec(document.source.slice(start, end)) ?? [];
      if (whole !== undefined) edits.push({ start: start + before.length, end: start + whole.length, newText });
    },
    all: () => settled(document.source, edits),
  };
}

/** Applies edits that do not overlap. Throws `invalid-edit` otherwise. Edits of one place apply in their order. */
export function applyEdits(source: string, edits: readonly TextEdit[]): string {
  const ordered = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, newText } of ordered) {
    if (start < at || end < start || end > source.length) {
      throw new FormatError("invalid-edit", `The edit from ${start} to ${end} does not fit the text.`, "Parse the text again and make the edits anew.");
    }
    parts.push(source.slice(at, start), newText);
    at = end;
  }
  parts.push(source.slice(at));
  return parts.join("");
}

function answerEdits(notebook: Notebook, answer: NewAnswer): TextEdit[] {
  const { document } = notebook;
  const { question, run, in12, fields = {}, text } = answer;
  if (!notebook.questions.includes(question)) {
    throw new FormatError("foreign-question", "The question is not of this notebook.", "Parse the text again and look the question up anew.");
  }
  if (!/^[0-9a-f]{12}$/.test(in12)) refuseValue(`\`${in12}\` is not an id of inputs.`);
  const run8 = runIdOf(run);
  const earlier = question.answers.filter((old) => isOfLineage(notebook, old, run8, run));
  const [kept, ...surplus] = earlier;
  const removals = surplus.map((old) => removeBlock(document, old.block));
  if (kept !== undefined && kept.run8 === run8 && kept.in12 === in12 && kept.text === normalised(text)) return removals;
  const printed = printWithBody(`M ${run8} ${in12}${printFields(fields)}:`, wellFormed(text), document.eol);
  if (kept !== undefined) return [replaceBlock(document, kept.block, printed), ...removals];
  const last = [question.block, ...question.references.map((r) => r.block), ...question.answers.map((a) => a.block)].reduce((a, b) => (b.start > a.start ? b : a));
  return [insertAfter(document, last, printed)];
}

/**
 * The answer came from the model that now answers again: by the model's name, else by its digest.
 * When its record is gone and the id is another, nothing is known, and it stays.
 */
function isOfLineage(notebook: Notebook, old: MachineAnswer, run8: string, record: RunRecord): boolean {
  if (old.run8 === run8) return true;
  const run = findRun(notebook, old.run8);
  if (run === undefined) return false;
  const before = new Map(runFields(run));
  for (const key of ["model", "model.sha256"]) {
    const a = before.get(key);
    const b = record[key];
    if (a !== undefined && b !== undefined) return a === b;
  }
  return false;
}

function refuseTwice(answers: readonly NewAnswer[]): void {
  const seen = new Map<Question, Set<string>>();
  for (const { question, run } of answers) {
    const models = seen.get(question) ?? new Set();
    const model = run["model"] ?? run["model.sha256"] ?? runIdOf(run);
    if (models.has(model)) {
      throw new FormatError("invalid-edit", `Question ${question.id} is answered twice by the same model.`, "Write one answer at a time.");
    }
    seen.set(question, models.add(model));
  }
}

/** Adds to `edits` what makes the file hold these records. */
function withRuns(notebook: Notebook, edits: readonly TextEdit[], records: readonly RunRecord[]): TextEdit[] {
  const { document } = notebook;
  const all = [...edits];
  const added: string[] = [];
  for (const [run8, record] of new Map(records.map((run) => [runIdOf(run), run]))) {
    const text = printEntries(`RUN ${run8}`, Object.entries(record), document.eol);
    const known = findRun(notebook, run8);
    if (known === undefined) added.push(text);
    else if (!isIntact(known)) all.push(replaceBlock(document, known, text));
  }
  if (added.length > 0) all.push(append(document, added));
  return settled(document.source, all);
}

// Blocks in the text. An edit must not change how the lines around it are read.

function replaceBlock(document: Document, block: Block, text: string): TextEdit {
  return { start: block.start, end: contentEnd(block), newText: text + separatorAfter(document, block) };
}

function insertAfter(document: Document, block: Block, text: string): TextEdit {
  const at = contentEnd(block);
  return { start: at, end: at, newText: document.eol + text + separatorAfter(document, block) };
}

/** A line directly above a timing line would be read as the id of the cue: a blank line keeps them apart. */
function separatorAfter(document: Document, block: Block): string {
  return isTimingAt(document, block.end) ? document.eol : "";
}

function removeBlock(document: Document, block: Block): TextEdit {
  const index = document.blocks.indexOf(block);
  const before = document.blocks[index - 1];
  const after = document.blocks[index + 1];
  if (before?.kind === "blank") {
    // Between blank lines and at the end, the separator above goes with the block. In WebVTT a line of
    // blanks parts nothing.
    const separated = after === undefined || (after.kind === "blank" && (document.header?.syntax !== "webvtt" || /^[\r\n]/.test(after.raw)));
    const start = separated ? (document.lineStarts[block.line - 2] ?? block.start) : block.start;
    return { start, end: block.end, newText: "" };
  }
  // Without a line between, the one above could become a cue's id, or the one below a part of it.
  const joins = isTimingAt(document, block.end) || after?.kind === "opaque" || before?.kind === "header";
  return { start: block.start, end: joins ? contentEnd(block) : block.end, newText: "" };
}

/** Blocks at the end of the file, each after a blank line. */
function append(document: Document, texts: readonly string[]): TextEdit {
  const { source, eol, blocks } = document;
  const end = source.length;
  const last = blocks.at(-1);
  let separator = "";
  if (last !== undefined) {
    if (withoutEol(source) === end) separator = eol + eol;
    else if (last.kind !== "blank") separator = eol;
  }
  return { start: end, end, newText: separator + texts.map((text) => text + eol).join(eol) };
}

/**
 * The edits as they are given out. Touching ones become one, so that no reader has to know in which
 * order they apply. In a file of mixed line terminators a "\r" and a "\n" that an edit brings together
 * would become one line end where two were meant: another one keeps them apart.
 */
function settled(source: string, edits: readonly TextEdit[]): TextEdit[] {
  const ordered = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  const joined: TextEdit[] = [];
  for (const edit of ordered) {
    const last = joined.at(-1);
    if (last !== undefined && last.end === edit.start) {
      joined[joined.length - 1] = { start: last.start, end: edit.end, newText: last.newText + edit.newText };
    } else {
      joined.push(edit);
    }
  }
  return joined.map(({ start, end, newText }) => {
    const after = source[end] ?? "";
    const head = source[start - 1] === "\r" && (newText + after).startsWith("\n") ? "\r" : "";
    const tail = newText.endsWith("\r") && after === "\n" ? "\n" : "";
    return { start, end, newText: head + newText + tail };
  });
}

function contentEnd(block: Block): number {
  return block.start + withoutEol(block.raw);
}

function isTimingAt(document: Document, offset: number): boolean {
  return offset < document.source.length && isTiming(document.source, offset);
}

// Values.

function runIdOf(record: RunRecord): string {
  const entries = Object.entries(record);
  for (const [key, value] of entries) {
    requireKey(key);
    if (/[\r\n]/.test(value) || value !== value.trim()) refuseValue(`The value of \`${key}\` must be one line without blanks at its ends.`);
  }
  return runId(entries);
}

function printFields(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([key, value]) => {
      requireKey(key);
      if (/\s|:$/.test(value)) refuseValue(`The value of \`${key}\` must have no blanks and no colon at its end.`);
      return ` ${key}=${value}`;
    })
    .join("");
}

/** Half of a surrogate pair cannot be written in UTF-8. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

function normalised(text: string): string {
  return wellFormed(text).replace(/\r\n?/g, "\n");
}

function requireKey(key: string): void {
  if (!/^[A-Za-z][\w.-]*$/.test(key)) refuseValue(`\`${key}\` is not a key: a letter, then letters, digits, dots, dashes and underscores.`);
}

function refuseValue(message: string): never {
  throw new FormatError("invalid-value", message, "Change the value.");
}

function refuseVersion(document: Document): void {
  const { header } = document;
  if (header?.syntax === "vqa" && header.version !== VERSION) {
    throw new FormatError(
      "unsupported-version",
      header.version === undefined ? "The version of the file cannot be read." : `The file is of version ${header.version}.`,
      `Write \`VQA ${VERSION}\` in the first line, or update the program.`,
    );
  }
}

