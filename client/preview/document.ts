/** The document behind a preview, be it shown in cells or as text. */
import * as vscode from "vscode";
import { printCells, type Range } from "../../server/src/format/index.js";
import { cellsOfNotebook, NOTEBOOK_TYPE } from "../notebook/notebookData.js";
import { itemAt, readFilm, type Film, type FilmItem } from "./film.js";
import type { MarkPlan } from "./marking.js";

export type Source = vscode.NotebookDocument | vscode.TextDocument;

interface Read {
  readonly version: number;
  readonly film: Film;
  /** Of the cells; none for a text. */
  readonly ranges: readonly Range[];
}

export class PreviewDocument {
  #read: Read | undefined;

  constructor(readonly source: Source) {}

  /** What of an editor can be previewed. */
  static of(editor: vscode.NotebookEditor | vscode.TextEditor | undefined): Source | undefined {
    if (editor === undefined) return undefined;
    if ("notebook" in editor) return editor.notebook.notebookType === NOTEBOOK_TYPE ? editor.notebook : undefined;
    const { document } = editor;
    const notebook = vscode.workspace.notebookDocuments.find(({ notebookType, uri }) => notebookType === NOTEBOOK_TYPE && uri.path === document.uri.path);
    if (document.uri.scheme === "vscode-notebook-cell") return notebook;
    return document.languageId === "vqa" ? document : undefined;
  }

  get uri(): vscode.Uri {
    return this.source.uri;
  }

  get film(): Film {
    return this.#look().film;
  }

  /** The file that the document names; undefined when it names none, or one that no player may load. */
  get video(): vscode.Uri | undefined {
    const written = this.film.video;
    if (written === undefined) return undefined;
    if (/^([\\/]|[A-Za-z]:[\\/])/.test(written)) return vscode.Uri.file(written);
    if (/^[a-z][a-z0-9+.-]+:/i.test(written)) return written.startsWith("file:") ? vscode.Uri.parse(written) : undefined;
    return this.uri.scheme === "untitled" ? undefined : vscode.Uri.joinPath(this.uri, "..", written);
  }

  /** The item that the cursor is in. */
  get selected(): FilmItem | undefined {
    const { film, ranges } = this.#look();
    if (!isNotebook(this.source)) {
      const editor = this.#textEditor();
      return editor === undefined ? undefined : itemAt(film, this.source.offsetAt(editor.selection.active));
    }
    const index = this.#notebookEditor()?.selection.start;
    const range = index === undefined ? undefined : ranges[index];
    if (index === undefined || range === undefined || index >= this.source.cellCount) return undefined;
    const cell = this.source.cellAt(index);
    const inside = vscode.window.activeTextEditor;
    const offset = inside?.document === cell.document ? cell.document.offsetAt(inside.selection.active) : 0;
    return itemAt(film, Math.min(range.start + offset, Math.max(range.start, range.end - 1)));
  }

  /** An editor shows it and has its cursor. One of cells that is being built has none: it says so by an empty range at the first cell. */
  get hasCursor(): boolean {
    if (!isNotebook(this.source)) return this.#textEditor() !== undefined;
    const inside = vscode.window.activeTextEditor;
    return this.#notebookEditor()?.selections.some(({ isEmpty }) => !isEmpty) === true || (inside !== undefined && this.has(inside.document));
  }

  has(document: vscode.TextDocument): boolean {
    return isNotebook(this.source) ? this.source.getCells().some((cell) => cell.document === document) : this.source === document;
  }

  /** Moves the cursor there and shows it, without taking the focus. */
  select(item: FilmItem): void {
    if (isNotebook(this.source)) {
      const index = this.#cellOf(item);
      const editor = this.#notebookEditor();
      if (index === undefined || editor === undefined) return;
      const range = new vscode.NotebookRange(index, index + 1);
      editor.selection = range;
      editor.revealRange(range, vscode.NotebookEditorRevealType.InCenterIfOutsideViewport);
    } else {
      const editor = this.#textEditor();
      const at = this.source.positionAt(item.place.start);
      if (editor === undefined) return;
      editor.selection = new vscode.Selection(at, at);
      editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
  }

  /** An ordinary edit, which the user can undo. The cursor goes with it. False: the editor refused. */
  async apply(plan: Exclude<MarkPlan, { readonly type: "refuse" }>): Promise<boolean> {
    const edit = new vscode.WorkspaceEdit();
    if (plan.type !== "insert") {
      const [document, start] = this.#textOf(plan.segment);
      if (document === undefined) return false;
      const line = document.lineAt(document.positionAt(start).line);
      const written = /^@[ \t]*(?:[\d:.]|[ \t]*,[ \t]*|[ \t]*\.\.[ \t]*)+/.exec(line.text)?.[0].trimEnd();
      if (written === undefined) return false;
      const { lineNumber } = line;
      if (plan.type === "change") edit.replace(document.uri, new vscode.Range(lineNumber, 0, lineNumber, written.length), `@ ${plan.scope}`);
      else edit.replace(document.uri, new vscode.Range(lineNumber, written.length, lineNumber, line.text.length), ` ${plan.label}`);
      return vscode.workspace.applyEdit(edit);
    }
    const { before, source } = plan;
    if (isNotebook(this.source)) {
      const index = before === undefined ? this.source.cellCount : (this.#cellOf(before) ?? this.source.cellCount);
      edit.set(this.uri, [vscode.NotebookEdit.insertCells(index, [new vscode.NotebookCellData(vscode.NotebookCellKind.Code, source, "vqa")])]);
      if (!(await vscode.workspace.applyEdit(edit))) return false;
      const editor = this.#notebookEditor();
      if (editor !== undefined) {
        editor.selection = new vscode.NotebookRange(index, index + 1);
        editor.revealRange(editor.selection, vscode.NotebookEditorRevealType.InCenterIfOutsideViewport);
      }
      return true;
    }
    const text = this.source.getText();
    const eol = this.source.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
    const end = before?.place.start ?? text.trimEnd().length;
    const newText = before === undefined ? `${end === 0 ? "" : eol + eol}${source}` : `${source}${eol}${eol}`;
    const at = this.source.positionAt(end);
    edit.insert(this.uri, at, newText);
    if (!(await vscode.workspace.applyEdit(edit))) return false;
    const editor = this.#textEditor();
    if (editor !== undefined) {
      const cursor = this.source.positionAt(end + newText.indexOf(source));
      editor.selection = new vscode.Selection(cursor, cursor);
    }
    return true;
  }

  /** Marks the lines of these items, and no others, in every editor that shows the document. */
  mark(items: readonly FilmItem[], decoration: vscode.TextEditorDecorationType): void {
    const places = items.map((item) => ({ at: this.#textOf(item), item }));
    for (const editor of vscode.window.visibleTextEditors) {
      if (!this.has(editor.document)) continue;
      const ranges = places.flatMap(({ at: [document, start], item }) => {
        if (document !== editor.document) return [];
        const length = item.place.end - item.place.start;
        const text = document.getText().slice(start, start + length).trimEnd();
        return [new vscode.Range(document.positionAt(start), document.positionAt(start + text.length))];
      });
      editor.setDecorations(decoration, ranges);
    }
  }

  /** Where an item stands: its text document, which may be a cell's, and the offset in it. */
  #textOf(item: FilmItem): readonly [document: vscode.TextDocument | undefined, start: number] {
    if (!isNotebook(this.source)) return [this.source, item.place.start];
    const index = this.#cellOf(item);
    const range = index === undefined ? undefined : this.#look().ranges[index];
    if (index === undefined || range === undefined) return [undefined, 0];
    return [this.source.cellAt(index).document, item.place.start - range.start];
  }

  #cellOf({ place }: FilmItem): number | undefined {
    const index = this.#look().ranges.findIndex(({ start, end }) => place.start >= start && place.start < end);
    return index < 0 ? undefined : index;
  }

  #notebookEditor(): vscode.NotebookEditor | undefined {
    return vscode.window.visibleNotebookEditors.find(({ notebook }) => notebook === this.source);
  }

  #textEditor(): vscode.TextEditor | undefined {
    return vscode.window.visibleTextEditors.find(({ document }) => document === this.source);
  }

  #look(): Read {
    const { version } = this.source;
    if (this.#read?.version === version) return this.#read;
    const { text, ranges } = isNotebook(this.source) ? printCells(cellsOfNotebook(this.source)) : { text: this.source.getText(), ranges: [] };
    return (this.#read = { version, film: readFilm(text), ranges });
  }
}

function isNotebook(source: Source): source is vscode.NotebookDocument {
  return "notebookType" in source;
}
