/** What running a cell means, and what comes of it: text in, text out. Pure. */
import { applyEdits, findRun, parse, printCells, readNotebook, type CellAnswer, type Cells, type Document, type Question, type SegmentBlock, type Span } from "../../server/src/format/index.js";
import { rangeOfCues } from "./cueCells.js";
import type { RunResult } from "../../server/src/protocol/asking.js";

export type Job =
  | { readonly type: "question"; readonly text: string; readonly question: number; readonly choices: readonly string[] }
  | { readonly type: "segment"; readonly text: string; readonly scope: readonly Span[] }
  /** What is said in this part of the video is to be written down. */
  | { readonly type: "cues"; readonly range: Span }
  /** Nothing here can run; `why` tells the user. */
  | { readonly type: "nothing"; readonly why: "no-question" | "several-questions" | "bad-scope" | "no-times" };

/**
 * What the cell at `index` asks for, with the text of the whole notebook as it is now: cells above
 * have a say in it, by scopes and cues.
 */
export function planCell(cells: Cells, index: number): Job {
  const cell = cells.cells[index];
  if (cell?.language === "vqa-cues") {
    const range = rangeOfCues(cell.source);
    return range === undefined ? { type: "nothing", why: "no-times" } : { type: "cues", range };
  }
  const { text, ranges } = printCells(cells);
  const range = ranges[index] ?? { start: 0, end: 0 };
  const notebook = readNotebook(parse(text));
  const inside = ({ start }: { readonly start: number }): boolean => start >= range.start && start < range.end;
  const [question, ...more] = notebook.questions.filter(({ block }) => inside(block));
  if (more.length > 0) return { type: "nothing", why: "several-questions" };
  if (question !== undefined) return { type: "question", text, question: question.ordinal - 1, choices: question.choices.map((choice) => choice.text) };
  const segment: SegmentBlock | undefined = notebook.segments.find(inside);
  if (segment === undefined) return { type: "nothing", why: "no-question" };
  if (segment.scope.spans === undefined) return { type: "nothing", why: "bad-scope" };
  return { type: "segment", text, scope: segment.scope.spans };
}

/** Number of the question in the cell, or undefined. For many cells at once. */
export function questionsOfCells(cells: Cells): { readonly text: string; readonly numbers: readonly (number | undefined)[] } {
  const { text, ranges } = printCells(cells);
  const { questions } = readNotebook(parse(text));
  let next = 0;
  const numbers = ranges.map(({ start, end }) => {
    while ((questions[next]?.block.start ?? Infinity) < start) next++;
    const question = questions[next];
    return question !== undefined && question.block.start < end ? question.ordinal - 1 : undefined;
  });
  return { text, numbers };
}

/** All answers that a question has after a run. */
export function answersAfter(text: string, question: number, edits: RunResult["edits"]): readonly CellAnswer[] {
  const notebook = readNotebook(parse(applyEdits(text, offsetsOf(parse(text), edits))));
  const asked: Question | undefined = notebook.questions[question];
  return (asked?.answers ?? []).map(({ block, run8 }) => {
    const run = findRun(notebook, run8);
    return { raw: block.raw, ...(run === undefined ? {} : { run: run.raw }) };
  });
}

function offsetsOf({ lineStarts, source }: Document, edits: RunResult["edits"]) {
  // A BOM is a character of the first line here, and the end of the text a line of its own.
  const offset = ({ line, character }: { readonly line: number; readonly character: number }): number =>
    Math.min(source.length, (line === 0 ? 0 : (lineStarts[line] ?? source.length)) + character);
  return edits.map(({ range, newText }) => ({ start: offset(range.start), end: offset(range.end), newText }));
}

/**
 * A segment's source with a caption that a model proposed: as its label when it has none, below what
 * is written otherwise.
 */
export function withCaption(source: string, caption: string): string {
  const [first = "", ...rest] = source.split("\n");
  const lines = caption.trim().split(/\s*\n\s*/);
  const block = parse(source).blocks[0];
  const bare = block?.kind === "segment" && block.lines.every(({ text }) => text.trim() === "");
  if (bare) return [`${first.trimEnd()} ${lines[0] ?? ""}`, ...lines.slice(1).map((line) => `  ${line}`), ...rest].join("\n");
  return [source.replace(/\s+$/, ""), ...lines.map((line) => `  ${line}`)].join("\n");
}
