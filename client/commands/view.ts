/** A file as a notebook and as text. Works wherever the extension does, in a browser too. */
import * as vscode from "vscode";
import { NOTEBOOK_TYPE } from "../notebook/notebookData.js";

export function registerViewCommands(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand("vqa.openAsText", (uri: unknown) => reopen(uri, "default")),
    vscode.commands.registerCommand("vqa.openAsNotebook", (uri: unknown) => reopen(uri, NOTEBOOK_TYPE)),
  );
}

async function reopen(given: unknown, view: string): Promise<void> {
  // The notebook's toolbar hands over more than a URI.
  const inside = (given as { notebookEditor?: { notebookUri?: unknown } } | undefined)?.notebookEditor?.notebookUri;
  const uri = [given, inside, vscode.window.activeNotebookEditor?.notebook.uri, vscode.window.activeTextEditor?.document.uri].find((candidate) => candidate instanceof vscode.Uri);
  if (uri !== undefined) await vscode.commands.executeCommand("vscode.openWith", uri, view);
}
