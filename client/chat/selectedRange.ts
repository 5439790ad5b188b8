/** The part of the video that is selected in the editor: the spans of what the cursor is in, or of all that a selection touches. */
import * as vscode from "vscode";
import type { Span } from "../../server/src/format/index.js";
import { PreviewDocument } from "../preview/document.js";

export function selectedRange(): readonly Span[] {
  const { activeNotebookEditor, activeTextEditor, visibleNotebookEditors } = vscode.window;
  // While a panel has the focus no editor is active.
  const source = PreviewDocument.of(activeNotebookEditor) ?? PreviewDocument.of(activeTextEditor) ?? PreviewDocument.of(visibleNotebookEditors[0]);
  return source === undefined ? [] : (new PreviewDocument(source).selected?.spans ?? []);
}
