/** From cells back to text; see `cells.ts`. */
import { sourceOf, type Cell, type CellAnswer, type CellOrigin, type CellPart, type Cells, type CellsOrigin, type Trivia } from "./cells.js";
import { splitLines, withoutEol } from "./lines.js";
import { parse, VERSION } from "./parse.js";
import { printWithBody } from "./print.js";
import { isIntact } from "./questions.js";
import type { Eol, Range, RunBlock } from "./tree.js";

export interface PrintedCells {
  readonly text: string;
  /** Where each cell stands in the text, its answers included; empty for an empty cell. */
  readonly ranges: readonly Range[];
}

const NEW: CellsOrigin = { bom: false, eol: "\n", webvtt: false, header: "", lead: [], tail: [], runs: [] };

/** The text of a notebook, and where its cells are in it. Never throws. */
export function printCells({ cells, origin = NEW }: Cells): PrintedCells {
  const { eol, webvtt, lead, tail, bom } = origin;
  const runs = new Runs(origin, cells);
  const out = new Text();
  if (bom) out.add("\ufeff");
  out.add(origin.header);
  out.addTrivia(lead, runs);
  const units = cells.map((cell) => printCell(cell, eol, webvtt));
  const written = units.findLastIndex(({ body }) => body !== "");
  // A notebook that begins here gets the line that makes it one.
  if (written >= 0 && out.length === 0 && cells.every((cell) => cell.origin === undefined)) out.add(`VQA ${VERSION}${eol}${eol}`);

  const ranges: Range[] = [];
  let before: Pick<Unit, "index" | "touched"> = { index: -1, touched: false };
  let mark = 0;
  /** Stands for what is above `mark`. */
  let above = "";
  /** So far everything is as it was read. */
  let same = true;
  const head = webvtt ? "WEBVTT\n\n" : `VQA ${VERSION}\n\n`;
  units.forEach((unit, i) => {
    if (unit.body === "") {
      ranges.push({ start: out.length, end: out.length });
      // The separator below it goes with it; its runs stay, with what parts them from the next cell.
      const firstRun = unit.after.findIndex(({ is }) => is === "run");
      out.addTrivia(firstRun < 0 ? [] : unit.after.slice(firstRun), runs);
      before = unit;
      return;
    }
    out.endLine(eol);
    // Where both were before, and as they were, nothing needs to be looked at.
    if (unit.index !== before.index + 1) out.blankLine(eol);
    else if ((unit.touched || before.touched) && !standsApart(out.since(mark), unit.body, above)) out.blankLine(eol);
    mark = out.mark;
    // The first lines of a file may be its header, also those of an edited cell.
    above = out.isEmpty ? "" : head;
    same &&= !unit.touched && unit.index === i;
    const start = out.length;
    out.add(unit.body, eol);
    ranges.push({ start, end: out.length });
    // What now is the last needs no separator below it and its runs; what follows decides.
    const last = i === written && tail[0]?.is !== "run";
    const after = last ? unit.after.slice(0, unit.after.findLastIndex(({ is }) => is === "run") + 1) : unit.after;
    // The run below it must not become a line of it: in WebVTT a line of blanks parts nothing.
    const below = i === written ? [...after, ...tail] : after;
    const runAt = below.findIndex(({ is }) => is === "run");
    const run = below[runAt];
    if (run !== undefined && (unit.touched || runAt >= after.length)) {
      const blanks = raws(below.slice(0, runAt));
      // Where it may have stood before it is looked at among all that is above, since that must be given back as it was.
      const apart = standsApart(unit.body + blanks, run.raw, above) || (same && standsApart(out.since(0) + blanks, run.raw, ""));
      if (!apart) out.blankLine(eol);
    }
    const whole = out.addTrivia(after, runs);
    before = { index: unit.index, touched: unit.touched || !whole };
  });
  if (tail.length > 0) out.endLine(eol);
  // Blanks that were below a cell would become lines of a run that now stands there.
  const firstRun = tail.findIndex(({ is }) => is === "run");
  out.addTrivia(!out.endsWithRun ? tail : firstRun < 0 ? [] : tail.slice(firstRun), runs);
  for (const raw of runs.rest()) {
    out.blankLine(eol);
    out.add(raw, eol);
    out.endLine(eol);
  }
  return { text: out.value, ranges };
}

/** The text of a notebook. */
export function fromCells(cells: Cells): string {
  return printCells(cells).text;
}

interface Unit {
  readonly body: string;
  readonly after: readonly Trivia[];
  /** In the file that was read; NaN for a new cell, which has no place there. */
  readonly index: number;
  readonly touched: boolean;
}

function printCell(cell: Cell, eol: Eol, webvtt: boolean): Unit {
  const { origin, answers } = cell;
  const source = comparable(cell.source);
  if (origin === undefined) return { body: source.trim() === "" ? "" : inserted(cell, source, eol, webvtt), after: [], index: NaN, touched: true };
  const { index, after } = origin;
  const sameSource = source === comparable(sourceOf(origin));
  const sameAnswers = sameRaws(answers, origin);
  if (sameSource && sameAnswers) return { body: raws(origin.parts), after, index, touched: false };
  if (source.trim() === "") return { body: "", after, index, touched: true };
  let parts = sameSource ? origin.parts : withSource(origin, source, eol, webvtt);
  if (origin.role === "question" && !sameAnswers) parts = withAnswers(parts, answers);
  // An answer below something that asks nothing would be taken for one of the question above.
  if (!sameSource && !asks(source)) parts = parts.filter(({ is }) => is !== "answer");
  return { body: joined(parts.map(({ raw }) => raw), eol), after, index, touched: true };
}

/** A cell that was not in the file. */
function inserted({ kind, answers }: Cell, source: string, eol: Eol, webvtt: boolean): string {
  if (kind === "markup") return markup(source, eol, webvtt);
  const text = source.split("\n").join(eol) + eol;
  return joined(asks(source) ? [text, ...answers.map(({ raw }) => raw)] : [text], eol);
}

/** Prose: a heading in its own line, the rest as a note. */
function markup(source: string, eol: Eol, webvtt: boolean): string {
  const [first = "", ...rest] = source.split("\n");
  if (parse(first).blocks[0]?.kind !== "heading") return note(source, eol, webvtt);
  while (rest[0] !== undefined && rest[0].trim() === "") rest.shift();
  return first + eol + (rest.length === 0 ? "" : eol + note(rest.join("\n"), eol, webvtt));
}

/** In WebVTT a note ends at an empty line, so it gets none. */
function note(source: string, eol: Eol, webvtt: boolean): string {
  if (!webvtt) return printWithBody("NOTE", source, eol) + eol;
  const [first = "", ...rest] = source.split("\n");
  return [first === "" ? "NOTE" : `NOTE ${first}`, ...rest.map((line) => (line === "" ? " " : line))].join(eol) + eol;
}

function withSource(origin: CellOrigin, source: string, eol: Eol, webvtt: boolean): readonly CellPart[] {
  const { role, parts } = origin;
  if (role === "note" || role === "heading") {
    const whole = raws(parts);
    const printed = role === "note" ? note(source, eol, webvtt) : markup(source, eol, webvtt);
    return [{ is: "source", raw: printed.slice(0, withoutEol(printed)) + terminator(whole) }];
  }
  const sources = parts.filter(({ is }) => is === "source");
  const pieces = role === "question" ? blocksOf(source) : [source];
  if (role === "question" && pieces.length === sources.length) {
    let next = 0;
    return parts.map((part) => (part.is === "source" ? { is: "source", raw: edited(part.raw, pieces[next++] ?? "", eol) } : part));
  }
  const all = edited(joined(sources.map(({ raw }) => raw), eol), source, eol);
  return [{ is: "source", raw: all }, ...parts.filter(({ is }) => is === "answer")];
}

/** Question and references as they stand in an edited source; one piece when they are not just that. */
function blocksOf(source: string): readonly string[] {
  const { blocks } = parse(source);
  const [first, ...rest] = blocks;
  if (first?.kind !== "question" || !rest.every(({ kind }) => kind === "reference")) return [source];
  return blocks.map(({ raw }) => raw.slice(0, withoutEol(raw)));
}

/** Answers take the places of those before, one by one; more of them follow, and a gap goes with what it parted. */
function withAnswers(parts: readonly CellPart[], answers: readonly CellAnswer[]): readonly CellPart[] {
  const result: CellPart[] = [];
  let next = 0;
  for (const part of parts) {
    const answer = part.is === "answer" ? answers[next++] : undefined;
    if (part.is !== "answer") result.push(part);
    else if (answer !== undefined) result.push({ is: "answer", raw: answer.raw });
    else while (result.at(-1)?.is === "gap") result.pop();
  }
  while (result.at(-1)?.is === "gap") result.pop();
  return [...result, ...answers.slice(next).map(({ raw }): CellPart => ({ is: "answer", raw }))];
}

/**
 * New text for some lines. A line in the place of another has its terminator, counted from the end
 * where lines at the end stay the same; the last one has the terminator that the last one had.
 */
function edited(raw: string, text: string, eol: Eol): string {
  const { starts, ends } = splitLines(raw, 0);
  const old = starts.map((start, i) => ({ text: raw.slice(start, ends[i]), eol: raw.slice(ends[i], starts[i + 1] ?? raw.length) }));
  const now = text.split("\n");
  const most = Math.min(old.length, now.length);
  let foot = 0;
  while (foot < most && old.at(-1 - foot)?.text === now.at(-1 - foot)) foot++;
  const lines = now.map((line, i) => {
    if (i === now.length - 1) return line + terminator(raw);
    const kept = i >= now.length - foot ? old[i - now.length + old.length] : i < old.length - foot ? old[i] : undefined;
    return line + (kept?.eol || eol);
  });
  return joined(lines, eol);
}

/** Some text has a question in it, or what was meant as one. */
function asks(source: string): boolean {
  return parse(source).blocks.some((block) => block.kind === "question" || (block.kind === "opaque" && block.resembles === "question"));
}

/** The RUN blocks of a file while it is printed: each as often as it was there, none lost, damaged ones put right. */
class Runs {
  readonly #left = new Map<string, { raw: string; count: number }>();
  readonly #repaired = new Map<string, string>();

  constructor({ runs }: CellsOrigin, cells: readonly Cell[]) {
    const known = new Map<string, RunBlock>();
    for (const raw of runs) {
      this.#more(raw);
      const run = runOf(raw);
      if (run !== undefined && !known.has(run.run8.text)) known.set(run.run8.text, run);
    }
    for (const { answers } of cells) {
      for (const { run: raw } of answers) {
        const run = raw === undefined ? undefined : runOf(raw);
        if (raw === undefined || run === undefined || this.#left.has(key(raw))) continue;
        const earlier = known.get(run.run8.text);
        if (earlier === undefined) {
          this.#more(raw);
          known.set(run.run8.text, run);
        } else if (!isIntact(earlier) && isIntact(run)) {
          this.#repaired.set(key(earlier.raw), raw);
        }
      }
    }
  }

  /** The text to print where this RUN stood; undefined when it was printed before. */
  take(raw: string): string | undefined {
    const entry = this.#left.get(key(raw));
    // One that came with a cell from another file is as good as known.
    if (entry === undefined) this.#left.set(key(raw), { raw, count: 0 });
    else if (entry.count === 0) return undefined;
    else entry.count--;
    return this.#repaired.get(key(raw)) ?? raw;
  }

  /** Those that were not printed. */
  rest(): readonly string[] {
    return [...this.#left.values()].flatMap(({ raw, count }) => new Array<string>(count).fill(this.#repaired.get(key(raw)) ?? raw));
  }

  #more(raw: string): void {
    const entry = this.#left.get(key(raw));
    if (entry === undefined) this.#left.set(key(raw), { raw, count: 1 });
    else entry.count++;
  }
}

function key(raw: string): string {
  return raw.slice(0, withoutEol(raw));
}

function runOf(raw: string): RunBlock | undefined {
  return parse(raw).blocks.find((block): block is RunBlock => block.kind === "run");
}

/** A text that grows, and whose lines stay apart. Appending takes time in what is appended. */
class Text {
  readonly #pieces: string[] = [];
  /** The end of the text: as much as is looked at. */
  #tail = "";
  #endsWithRun = false;
  length = 0;

  get endsWithRun(): boolean {
    return this.#endsWithRun;
  }

  get value(): string {
    return this.#pieces.join("");
  }

  /** For `since`. */
  get mark(): number {
    return this.#pieces.length;
  }

  since(mark: number): string {
    return this.#pieces.slice(mark).join("");
  }

  add(text: string, eol: Eol = "\n"): void {
    // "\r" and "\n" that meet would be one line end where two were meant.
    if (this.#tail.endsWith("\r") && text.startsWith("\n")) this.#push(eol === "\r" ? "\r" : "\n");
    if (text !== "") this.#push(text);
    this.#endsWithRun = false;
  }

  /** False when a RUN was left out, since it stands elsewhere. */
  addTrivia(trivia: readonly Trivia[], runs: Runs): boolean {
    let whole = true;
    for (const { is, raw } of trivia) {
      const text = is === "run" ? runs.take(raw) : raw;
      if (text !== undefined) this.add(text);
      else whole = false;
      this.#endsWithRun = text === undefined ? this.#endsWithRun : is === "run";
    }
    return whole;
  }

  endLine(eol: Eol): void {
    if (!this.isEmpty && withoutEol(this.#tail) === this.#tail.length) this.#push(eol);
  }

  /** Sees to a blank line before what follows, unless nothing stands before it. */
  blankLine(eol: Eol): void {
    if (this.isEmpty) return;
    this.endLine(eol);
    // A line of blanks parts nothing in WebVTT.
    const above = this.#tail.slice(0, withoutEol(this.#tail));
    if (above !== "" && above !== "\ufeff" && !/[\r\n]$/.test(above)) this.add(eol, eol);
  }

  /** Nothing but a BOM. */
  get isEmpty(): boolean {
    return this.#tail === "" || this.#tail === "\ufeff";
  }

  #push(text: string): void {
    this.#pieces.push(text);
    this.#tail = (this.#tail + text.slice(-TAIL)).slice(-TAIL);
    this.length += text.length;
  }
}

const TAIL = 256;

/** Whether `next` is read as a block of its own after `before`, in a file that begins with `head`. */
function standsApart(before: string, next: string, head: string): boolean {
  const text = head + before;
  return parse(text + next).blocks.some(({ start }) => start === text.length);
}

function comparable(source: string): string {
  // Editors strip a BOM from the beginning of a text.
  return source.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
}

function sameRaws(answers: readonly CellAnswer[], { parts, role }: CellOrigin): boolean {
  if (role !== "question") return true;
  const before = parts.filter(({ is }) => is === "answer");
  return before.length === answers.length && before.every(({ raw }, i) => raw === answers[i]?.raw);
}

function raws(parts: readonly { readonly raw: string }[]): string {
  return parts.map(({ raw }) => raw).join("");
}

/** Pieces after one another, each on lines of its own; the last one ends as it does. */
function joined(pieces: readonly string[], eol: Eol): string {
  const out = new Text();
  for (const piece of pieces) {
    if (piece === "") continue;
    out.endLine(eol);
    out.add(piece, eol);
  }
  return out.value;
}

function terminator(raw: string): string {
  return raw.slice(withoutEol(raw));
}
