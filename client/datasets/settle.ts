/** Writes what is right where annotators differ, into the notebook as it is open, or into its file. */
import * as vscode from "vscode";
import { adjudicate, parse, readNotebook } from "../../server/src/format/index.js";
import { targetInText, targetOfCell, type Target } from "../annotate/place.js";
import { cellsOfNotebook } from "../notebook/notebookData.js";
import { questionsOfCells } from "../notebook/plan.js";
import { openNotebook } from "./files.js";

/**
 * An edit that can be undone; a file that nobody has open is saved. False when the question is not there any more.
 * @param text of the question, since numbers move
 */
export async function settle(uri: vscode.Uri, question: number, text: string, answer: string): Promise<boolean> {
  const notebook = openNotebook(uri);
  const target = notebook === undefined ? await inFile(uri, question) : inCells(notebook, question);
  if (target === undefined || target.question.text !== text) return false;
  const { document } = target;
  const theirs = document.isDirty || notebook !== undefined;
  const edit = new vscode.WorkspaceEdit();
  for (const { start, end, newText } of adjudicate(target.notebook, target.question, answer)) edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), newText);
  if (edit.size === 0) return true;
  if (!(await vscode.workspace.applyEdit(edit))) return false;
  return theirs || document.save();
}

function inCells(notebook: vscode.NotebookDocument, question: number): Target | undefined {
  const index = questionsOfCells(cellsOfNotebook(notebook)).numbers.indexOf(question);
  return index < 0 ? undefined : targetOfCell(notebook.cellAt(index));
}

async function inFile(uri: vscode.Uri, question: number): Promise<Target | undefined> {
  const document = await vscode.workspace.openTextDocument(uri);
  const wanted = readNotebook(parse(document.getText())).questions[question];
  return wanted === undefined ? undefined : targetInText(document, ({ ordinal }) => ordinal === wanted.ordinal);
}
