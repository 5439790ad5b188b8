/** The names of questions and runs: where they are declared, where they are used, and other names. */
import type { DocumentHighlight, Location, Range as LspRange, TextEdit } from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Notebook, Word } from "../format/index.js";
import { LanguageError } from "./errors.js";
import { blockAt, holds, rangeOf } from "./places.js";

export interface IdAt {
  readonly kind: "question" | "run";
  readonly word: Word;
}

/** The id that the cursor stands in or beside. */
function idAt({ document }: Notebook, offset: number): IdAt | undefined {
  const block = blockAt(document, offset);
  if (block?.kind === "question" && block.id !== undefined && holds(block.id, offset)) return { kind: "question", word: block.id };
  if ((block?.kind === "run" || block?.kind === "model") && holds(block.run8, offset)) return { kind: "run", word: block.run8 };
  return undefined;
}

/** Where it is declared: RUN records, and questions of that name. */
export function definition(document: TextDocument, notebook: Notebook, offset: number): Location[] {
  const id = idAt(notebook, offset);
  return id === undefined ? [] : declarations(notebook, id).map((word) => location(document, word));
}

export function references(document: TextDocument, notebook: Notebook, offset: number, withDeclaration: boolean): Location[] {
  const id = idAt(notebook, offset);
  if (id === undefined) return [];
  return [...(withDeclaration ? declarations(notebook, id) : []), ...uses(notebook, id)].sort((a, b) => a.start - b.start).map((word) => location(document, word));
}

export function documentHighlights(document: TextDocument, notebook: Notebook, offset: number): DocumentHighlight[] {
  const id = idAt(notebook, offset);
  if (id === undefined) return [];
  const [write, read] = [3, 2] as const;
  return [
    ...declarations(notebook, id).map((word) => ({ range: rangeOf(document, word), kind: write })),
    ...uses(notebook, id).map((word) => ({ range: rangeOf(document, word), kind: read })),
  ];
}

/** Undefined where nothing can be renamed. Throws LanguageError on the id of a run. */
export function prepareRename(document: TextDocument, notebook: Notebook, offset: number): { range: LspRange; placeholder: string } | undefined {
  const word = renamable(notebook, offset);
  return word === undefined ? undefined : { range: rangeOf(document, word), placeholder: word.text };
}

/**
 * Renames the question under the cursor; another question that happens to have the same name keeps
 * it. Throws LanguageError for a name that is taken or that the grammar has no place for.
 */
export function rename(document: TextDocument, notebook: Notebook, offset: number, newName: string): TextEdit[] | undefined {
  const word = renamable(notebook, offset);
  if (word === undefined) return undefined;
  if (newName === word.text) return [];
  if (!isQuestionId(newName)) {
    throw new LanguageError(`"${newName}" cannot name a question.`, "Use one word without a colon that does not start with @ or #.");
  }
  if (notebook.questions.some(({ block }) => block.id?.text === newName)) {
    throw new LanguageError(`Another question is called "${newName}".`, "Choose a name that no question has.");
  }
  return [{ range: rangeOf(document, word), newText: newName }];
}

/** `base`, or the first of `base2`, `base3` … that no question has. A number at the end counts on. */
export function freeId({ questions }: Notebook, base: string): string {
  const taken = new Set(questions.map(({ block }) => block.id?.text));
  if (!taken.has(base)) return base;
  const [, stem = base, digits = "1"] = /^(.*?)(\d{1,9})?$/.exec(base) ?? [];
  for (let n = Number(digits) + 1; ; n++) if (!taken.has(`${stem}${n}`)) return `${stem}${n}`;
}

function isQuestionId(name: string): boolean {
  return /^[^\s:@#][^\s:]*$/.test(name) && !/\p{Surrogate}/u.test(name);
}

function renamable(notebook: Notebook, offset: number): Word | undefined {
  const id = idAt(notebook, offset);
  if (id?.kind === "run") {
    throw new LanguageError("The id of a run is made from what its record says, so it has no other name.", "Ask again to get a record of its own.");
  }
  return id?.word;
}

function declarations({ questions, runs }: Notebook, { kind, word }: IdAt): Word[] {
  const all = kind === "run" ? runs.map(({ run8 }) => run8) : questions.flatMap(({ block }) => block.id ?? []);
  return all.filter(({ text }) => text === word.text);
}

function uses({ document }: Notebook, { kind, word }: IdAt): Word[] {
  if (kind === "question") return [];
  return document.blocks.flatMap((block) => (block.kind === "model" && block.run8.text === word.text ? [block.run8] : []));
}

function location(document: TextDocument, word: Word): Location {
  return { uri: document.uri, range: rangeOf(document, word) };
}
