/** A question of a notebook, in front of the user. */
import * as vscode from "vscode";
import { walkOf } from "../annotate/place.js";
import { NOTEBOOK_TYPE } from "../notebook/notebookData.js";

/** Opens the notebook, as cells unless it shows as text already, and goes to its question, from 0. */
export async function showQuestion(uri: vscode.Uri, question: number, column: vscode.ViewColumn = vscode.ViewColumn.Active): Promise<void> {
  const tab = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString());
  if (tab !== undefined) walkOf(await vscode.window.showTextDocument(uri, { viewColumn: tab.group.viewColumn, preview: false })).show(question);
  else {
    await vscode.commands.executeCommand("vscode.openWith", uri, NOTEBOOK_TYPE, { viewColumn: column, preview: false });
    const editor = vscode.window.activeNotebookEditor;
    if (editor?.notebook.uri.toString() === uri.toString()) walkOf(editor).show(question);
  }
}
