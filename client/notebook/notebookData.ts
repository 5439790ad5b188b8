/** Notebooks as the editor holds them, to and from cells of the format. */
import * as vscode from "vscode";
import { isCellAnswer, isCellOrigin, isCellsOrigin, type Cell, type CellAnswer, type Cells } from "../../server/src/format/index.js";
import { ANSWER_MIME, answerData, answerMarkdown, type AnswerData } from "./answers.js";

export const NOTEBOOK_TYPE = "vqa-notebook";

/** Key of our metadata, on notebooks, cells and outputs. Not transient: the editor would drop it before a save. */
const KEY = "vqa";

export function notebookData({ cells, origin }: Cells): vscode.NotebookData {
  const data = new vscode.NotebookData(
    cells.map(({ kind, language, source, answers, origin: from }) => {
      const cell = new vscode.NotebookCellData(kind === "markup" ? vscode.NotebookCellKind.Markup : vscode.NotebookCellKind.Code, source, language);
      cell.metadata = { [KEY]: from };
      cell.outputs = answers.map((answer) => answerOutput(answer));
      return cell;
    }),
  );
  data.metadata = { [KEY]: origin };
  return data;
}

export function answerOutput(answer: CellAnswer, data: AnswerData = answerData(answer)): vscode.NotebookCellOutput {
  return new vscode.NotebookCellOutput(answerItems(data), { [KEY]: answer });
}

/**
 * An output as our renderer shows it, and for editors without that. The editor keeps an output's kind
 * while its content changes: a part of an answer must be of the kind that the whole will be.
 */
export function answerItems(data: AnswerData): vscode.NotebookCellOutputItem[] {
  return [vscode.NotebookCellOutputItem.json(data, ANSWER_MIME), vscode.NotebookCellOutputItem.text(answerMarkdown(data), "text/markdown")];
}

/** The answer that an output stands for; undefined for errors and for what is not in the file. */
export function answerOf({ metadata }: Pick<vscode.NotebookCellOutput, "metadata">): CellAnswer | undefined {
  const answer: unknown = metadata?.[KEY];
  return isCellAnswer(answer) ? answer : undefined;
}

/** Error: our metadata of the notebook is there and makes no sense, so that a save would destroy the file. */
export function cellsOfData({ cells, metadata }: vscode.NotebookData): Cells {
  return { cells: cells.map(({ kind, languageId, value, outputs = [], metadata: own }) => cellOf(kind, languageId, value, outputs, own)), origin: originOf(metadata) };
}

export function cellsOfNotebook(notebook: vscode.NotebookDocument): Cells {
  return {
    cells: notebook.getCells().map(({ kind, document, outputs, metadata }) => cellOf(kind, document.languageId, document.getText(), outputs, metadata)),
    origin: originOf(notebook.metadata),
  };
}

type Metadata = Readonly<Record<string, unknown>> | undefined;

function cellOf(kind: vscode.NotebookCellKind, languageId: string, source: string, outputs: readonly vscode.NotebookCellOutput[], metadata: Metadata): Cell {
  const origin: unknown = metadata?.[KEY];
  return {
    kind: kind === vscode.NotebookCellKind.Markup ? "markup" : "code",
    language: kind === vscode.NotebookCellKind.Markup ? "markdown" : languageId === "vqa-cues" ? "vqa-cues" : "vqa",
    source: source.replace(/\r\n?/g, "\n"),
    answers: outputs.flatMap((output) => answerOf(output) ?? []),
    // A cell that changed between text and code is written anew.
    origin: isCellOrigin(origin) && (origin.role === "heading" || origin.role === "note") === (kind === vscode.NotebookCellKind.Markup) ? origin : undefined,
  };
}

function originOf(metadata: Metadata): Cells["origin"] {
  const origin: unknown = metadata?.[KEY];
  if (origin === undefined || isCellsOrigin(origin)) return origin;
  throw new Error(vscode.l10n.t("The notebook was not saved: what its file looked like is not known any more. Save your changes under another name, or revert the file."));
}
