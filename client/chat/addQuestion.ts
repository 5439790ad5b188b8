/** A question of the chat as cells at the end of a notebook. Pure: text in, text out. */
import { formatScope, fromCells, parse, printCells, readNotebook, toCells, type Cell, type CellAnswer, type Cells, type Span } from "../../server/src/format/index.js";

export interface AddedQuestion {
  /** What comes to the end of the notebook: the question, and a heading before it when a scope above would hold for it. */
  readonly sources: readonly Pick<Cell, "kind" | "language" | "source">[];
  /** The whole notebook with them. */
  readonly text: string;
  /** Number of the question in it, from 0. */
  readonly number: number;
}

/**
 * @param scope empty for all of the video
 * @param heading begins a part of the notebook in which no scope from above holds
 */
export function addQuestion(notebook: Cells, question: string, scope: readonly Span[], heading: string): AddedQuestion {
  const written = question.trim().split(/\s*\n\s*/).join("\n  ");
  const cell = { kind: "code", language: "vqa", source: `Q${scope.length === 0 ? "" : ` @${formatScope(scope)}`}: ${written}` } as const;
  const alone = withCells(notebook, [cell]);
  const last = readNotebook(parse(alone)).questions.at(-1);
  const inherits = scope.length === 0 && (last?.scope.spans.length ?? 0) > 0;
  const sources = inherits ? [{ kind: "markup", language: "markdown", source: `# ${heading}` } as const, cell] : [cell];
  const text = inherits ? withCells(notebook, sources) : alone;
  return { sources, text, number: readNotebook(parse(text)).questions.length - 1 };
}

/** The text of a notebook with the question and its answers. */
export function withAnswers(text: string, { sources }: AddedQuestion, answers: readonly CellAnswer[]): string {
  return withCells(toCells(parse(text)), sources, answers);
}

/** What has to be replaced to get from one text to the other, as little as can be. */
export function difference(before: string, after: string): { readonly start: number; readonly end: number; readonly newText: string } {
  let start = 0;
  const shorter = Math.min(before.length, after.length);
  while (start < shorter && before[start] === after[start]) start++;
  let same = 0;
  while (same < shorter - start && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  return { start, end: before.length - same, newText: after.slice(start, after.length - same) };
}

function withCells({ cells, origin }: Cells, added: AddedQuestion["sources"], answers: readonly CellAnswer[] = []): string {
  const made = added.map((cell, i): Cell => ({ ...cell, answers: i === added.length - 1 ? answers : [], origin: undefined }));
  const all = { cells: [...cells, ...made], origin };
  return answers.length === 0 ? printCells(all).text : fromCells(all);
}
