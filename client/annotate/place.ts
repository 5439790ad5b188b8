/** The document that is annotated, be it shown in cells or as text: its questions, and how one is shown. */
import * as vscode from "vscode";
import { isUnanswered, parse, printCells, readNotebook, type Notebook, type Question } from "../../server/src/format/index.js";
import { answerOf, cellsOfNotebook, NOTEBOOK_TYPE } from "../notebook/notebookData.js";
import type { Stop } from "./walk.js";

/** What a machine said to a question. */
export interface Proposal {
  readonly text: string;
  /** As the record of its run calls it. */
  readonly model: string | undefined;
}

/** A question with the text document that edits of it go to: its cell's, or that of the file. */
export interface Target {
  readonly document: vscode.TextDocument;
  readonly cell: vscode.NotebookCell | undefined;
  /** Of `document`. */
  readonly notebook: Notebook;
  readonly question: Question;
  readonly proposals: readonly Proposal[];
}

export type Shown = vscode.NotebookEditor | vscode.TextEditor;

/** The editor in front, when it shows a notebook of ours in one way or the other. */
export function shown(): Shown | undefined {
  const { activeNotebookEditor: cells, activeTextEditor: text } = vscode.window;
  if (cells?.notebook.notebookType === NOTEBOOK_TYPE) return cells;
  return text?.document.languageId === "vqa" && text.document.uri.scheme !== "vscode-notebook-cell" ? text : undefined;
}

export function isCells(editor: Shown): editor is vscode.NotebookEditor {
  return "notebook" in editor;
}

/** Every question, whether it waits for a person's answer, and where the user is among them. */
export function walkOf(editor: Shown): { readonly stops: readonly Stop[]; readonly at: number; show(question: number): void } {
  if (!isCells(editor)) {
    const { document, selection } = editor;
    const { questions } = readNotebook(parse(document.getText()));
    return {
      stops: questions.map(stopOf),
      at: document.offsetAt(selection.active),
      show: (question) => {
        const at = document.positionAt(questions[question]?.block.start ?? 0);
        editor.selection = new vscode.Selection(at, at);
        editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
      },
    };
  }
  const { text, ranges } = printCells(cellsOfNotebook(editor.notebook));
  const { questions } = readNotebook(parse(text));
  return {
    stops: questions.map(stopOf),
    // A cell counts as a whole: the last question of it is where the user is.
    at: (ranges[editor.selection.start]?.end ?? 0) - 1,
    show: (question) => {
      const start = questions[question]?.block.start ?? 0;
      const index = ranges.findIndex((range) => start >= range.start && start < range.end);
      if (index < 0) return;
      const range = new vscode.NotebookRange(index, index + 1);
      [editor.selection, editor.selections] = [range, [range]];
      editor.revealRange(range, vscode.NotebookEditorRevealType.InCenterIfOutsideViewport);
    },
  };
}

/** The question in front of the user; undefined where there is none. */
export function targetOf(editor: Shown): Target | undefined {
  if (isCells(editor)) return editor.notebook.cellCount === 0 ? undefined : targetOfCell(editor.notebook.cellAt(editor.selection.start));
  const { document, selection } = editor;
  const at = document.offsetAt(selection.active);
  return targetInText(document, (question) => question.block.start <= at && endOf(question) >= at);
}

export function targetOfCell(cell: vscode.NotebookCell): Target | undefined {
  const { document, outputs } = cell;
  if (cell.kind !== vscode.NotebookCellKind.Code || document.languageId !== "vqa") return undefined;
  const notebook = readNotebook(parse(document.getText()));
  const [question, ...more] = notebook.questions;
  if (question === undefined || more.length > 0) return undefined;
  const proposals = outputs.flatMap((output) => {
    const answer = answerOf(output);
    if (answer === undefined) return [];
    const read = readNotebook(parse(`Q: a\n${answer.raw}\n${answer.run ?? ""}`));
    return read.questions.flatMap(({ answers }) => answers.map((given) => proposalOf(read, given)));
  });
  return { document, cell, notebook, question, proposals };
}

/** A question of a text; of the last one that fits, since answers belong to the question above. */
export function targetInText(document: vscode.TextDocument, fits: (question: Question) => boolean): Target | undefined {
  const notebook = readNotebook(parse(document.getText()));
  const question = notebook.questions.findLast(fits);
  if (question === undefined) return undefined;
  return { document, cell: undefined, notebook, question, proposals: question.answers.map((answer) => proposalOf(notebook, answer)) };
}

function stopOf(question: Question): Stop {
  return { start: question.block.start, waits: isUnanswered(question) && question.text !== "" };
}

function endOf({ block, references, answers }: Question): number {
  return Math.max(block.end, ...[...references, ...answers].map((part) => part.block.end));
}

function proposalOf({ runsById }: Notebook, { text, run8 }: { readonly text: string; readonly run8: string }): Proposal {
  return { text: text.trim(), model: runsById.get(run8)?.entries.find(({ key }) => key.text === "model")?.value.text };
}
