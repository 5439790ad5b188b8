/** Notebooks as they change: on the disk, in cells and as text, saved or not. */
import * as vscode from "vscode";
import { NOTEBOOK_TYPE } from "../notebook/notebookData.js";

/** @param changed is told of other documents of text, too */
export function followNotebooks(changed: (uri: vscode.Uri) => void, gone: (uri: vscode.Uri) => void = () => undefined): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher("**/*.vqa");
  return vscode.Disposable.from(
    watcher,
    watcher.onDidChange(changed),
    watcher.onDidCreate(changed),
    watcher.onDidDelete(gone),
    vscode.workspace.onDidChangeNotebookDocument(({ notebook }) => notebook.notebookType === NOTEBOOK_TYPE && changed(notebook.uri)),
    vscode.workspace.onDidChangeTextDocument(({ document }) => changed(document.uri)),
  );
}
