import * as vscode from "vscode";
import { parse, readNotebook } from "../../server/src/format/index.js";
import { cellsOfNotebook } from "./notebookData.js";

/** The first video that the notebook names, as an absolute path or a file: URI; undefined without one. */
export function videoOf(notebook: vscode.NotebookDocument): string | undefined {
  const header = cellsOfNotebook(notebook).origin?.header ?? "";
  const [written] = readNotebook(parse(header)).header.videos;
  if (written === undefined || /^([\\/]|[A-Za-z]:[\\/]|[a-z][a-z0-9+.-]+:\/\/)/i.test(written)) return written;
  return vscode.Uri.joinPath(notebook.uri, "..", written).toString();
}
