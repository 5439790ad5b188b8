import * as vscode from "vscode";
import { decodeUtf8, encodeUtf8, fromCells, parse, toCells } from "../../server/src/format/index.js";
import { cellsOfData, notebookData } from "./notebookData.js";

/**
 * Opens and saves `.vqa` files as notebooks. What cannot be read exactly is refused with an error, so
 * that the editor shows no notebook which the next save would write over the file.
 */
export class NotebookSerializer implements vscode.NotebookSerializer {
  deserializeNotebook(content: Uint8Array): vscode.NotebookData {
    const text = decodeUtf8(content, vscode.l10n.t("The file"));
    const cells = toCells(parse(text));
    if (fromCells(cells) !== text) throw new Error(vscode.l10n.t("The file cannot be shown as a notebook without changing it. Open it as text."));
    return notebookData(cells);
  }

  serializeNotebook(data: vscode.NotebookData): Uint8Array {
    return encodeUtf8(fromCells(cellsOfData(data)));
  }
}
