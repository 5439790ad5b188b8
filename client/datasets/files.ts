/** The notebooks that a command is about, and what they say now. */
import * as vscode from "vscode";
import { fromCells } from "../../server/src/format/index.js";
import { cellsOfNotebook, NOTEBOOK_TYPE } from "../notebook/notebookData.js";

/** So many files are looked at; nobody works through more in an editor. */
export const MAX_FILES = 20_000;

const SKIPPED = "**/{node_modules,.git}/**";

/** Notebooks of the folders and files that were given, in order of their names; those of the workspace without any. */
export async function notebookFiles(given: readonly vscode.Uri[], token?: vscode.CancellationToken): Promise<readonly vscode.Uri[]> {
  const found = new Map<string, vscode.Uri>();
  const add = (uri: vscode.Uri): void => void found.set(uri.toString(), uri);
  const within = async (pattern: vscode.GlobPattern): Promise<void> => (await vscode.workspace.findFiles(pattern, SKIPPED, MAX_FILES, token)).forEach(add);
  if (given.length === 0) await within("**/*.vqa");
  for (const uri of given) {
    const isFolder = await vscode.workspace.fs.stat(uri).then(({ type }) => (type & vscode.FileType.Directory) !== 0, () => false);
    if (isFolder) await within(new vscode.RelativePattern(uri, "**/*.vqa"));
    else if (uri.path.endsWith(".vqa")) add(uri);
  }
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  return [...found.values()].sort((a, b) => compare(a.path, b.path)).slice(0, MAX_FILES);
}

/** What an explorer hands over: the item that was clicked, and all that are selected. */
export function pickedFiles(clicked: unknown, selected: unknown): readonly vscode.Uri[] {
  const all = Array.isArray(selected) ? selected.filter((uri) => uri instanceof vscode.Uri) : [];
  return all.length === 0 && clicked instanceof vscode.Uri ? [clicked] : all;
}

/** What was picked in an explorer; else the notebook in front. */
export function chosenFiles(clicked: unknown, selected: unknown): readonly vscode.Uri[] {
  const picked = pickedFiles(clicked, selected);
  if (picked.length > 0) return picked;
  const front = vscode.window.activeNotebookEditor?.notebook;
  if (front?.notebookType === NOTEBOOK_TYPE) return [front.uri];
  const text = vscode.window.activeTextEditor?.document;
  return text?.languageId === "vqa" && text.uri.path.endsWith(".vqa") ? [text.uri] : [];
}

/** The notebook as it is open in cells. */
export function openNotebook(uri: vscode.Uri): vscode.NotebookDocument | undefined {
  return vscode.workspace.notebookDocuments.find((notebook) => notebook.notebookType === NOTEBOOK_TYPE && !notebook.isClosed && notebook.uri.toString() === uri.toString());
}

/** What a file says that has changes which are not saved; undefined when the file itself says it. */
function unsavedText(uri: vscode.Uri): string | undefined {
  const notebook = openNotebook(uri);
  if (notebook?.isDirty === true) return fromCells(cellsOfNotebook(notebook));
  const text = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  return text?.isDirty === true ? text.getText() : undefined;
}

/** As the server takes notebooks. */
export function inputOf(uri: vscode.Uri): { readonly notebook: string; readonly text?: string } {
  const text = unsavedText(uri);
  return { notebook: uri.toString(), ...(text === undefined ? {} : { text }) };
}
