/** Marks the lines of the document that are about what is shown. */
import * as vscode from "vscode";
import type { PreviewDocument } from "./document.js";
import type { FilmItem } from "./film.js";

export class Lead implements vscode.Disposable {
  readonly #decoration = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("editor.rangeHighlightBackground"),
    overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.rangeHighlightForeground"),
    overviewRulerLane: vscode.OverviewRulerLane.Full,
  });
  #items: readonly FilmItem[] = [];

  /** Marks these and no others. */
  show(document: PreviewDocument, items: readonly FilmItem[]): void {
    this.#items = items;
    document.mark(items, this.#decoration);
  }

  /** Marks the same ones in editors that have come. */
  again(document: PreviewDocument): void {
    document.mark(this.#items, this.#decoration);
  }

  dispose(): void {
    this.#decoration.dispose();
  }
}
