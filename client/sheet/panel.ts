/** A sheet: a page in an editor tab with facts, tables and buttons. It holds whole tables, of which the page sees what it asks for. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { is } from "../../server/src/protocol/schema.js";
import { page } from "../html.js";
import { FromSheetSchema, type FromSheet, type ShownSection, type ToSheet } from "./messages.js";
import { find, FIRST, type Column, type Query, type Row } from "./table.js";
import { sheetWords } from "./words.js";

export type Section =
  | Exclude<ShownSection, { readonly kind: "table" }>
  | {
      readonly kind: "table";
      readonly id: string;
      readonly heading: string;
      readonly columns: readonly Column[];
      readonly rows: readonly Row[];
      readonly opens: boolean;
      readonly actions?: readonly { readonly id: string; readonly label: string }[];
      /** What it is sorted and filtered by before anybody asks. */
      readonly first?: Partial<Query>;
    };

export interface Sheet extends Pick<ToSheet, "status" | "busy" | "buttons"> {
  readonly sections: readonly Section[];
}

export interface SheetEvents {
  onPress(button: string): void;
  /** @param action undefined when the row itself was chosen */
  onRow(table: string, row: string, action: string | undefined): void;
  /** The rows that are shown now, for what is fetched only for these. */
  onShown?(table: string, rows: readonly Row[]): void;
}

const EMPTY: Sheet = { status: "", busy: false, buttons: [], sections: [] };

export class SheetPanel implements vscode.Disposable {
  readonly #panel: vscode.WebviewPanel;
  readonly #queries = new Map<string, Query>();
  readonly #disposed = new vscode.EventEmitter<void>();
  #sheet = EMPTY;
  #ready = false;

  readonly onDidDispose = this.#disposed.event;

  constructor(extension: vscode.Uri, viewType: string, private readonly title: string, private readonly events: SheetEvents, column: vscode.ViewColumn = vscode.ViewColumn.Active) {
    const folders = ["dist/sheet", "media/sheet"].map((folder) => vscode.Uri.joinPath(extension, folder));
    this.#panel = vscode.window.createWebviewPanel(viewType, title, column, { enableScripts: true, localResourceRoots: folders });
    const { webview } = this.#panel;
    webview.onDidReceiveMessage((message: unknown) => {
      if (is(FromSheetSchema, message)) this.#hear(message);
    });
    this.#panel.onDidDispose(() => {
      this.#disposed.fire();
      this.#disposed.dispose();
    });
    const at = (path: string): string => webview.asWebviewUri(vscode.Uri.joinPath(extension, path)).toString();
    webview.html = page({ source: webview.cspSource, script: at("dist/sheet/sheet.js"), style: at("media/sheet/sheet.css"), title, language: vscode.env.language, words: sheetWords() });
  }

  reveal(): void {
    this.#panel.reveal();
  }

  show(sheet: Sheet): void {
    this.#sheet = sheet;
    this.#tell();
  }

  dispose(): void {
    this.#panel.dispose();
  }

  #hear(message: FromSheet): void {
    switch (message.type) {
      case "ready":
        this.#ready = true;
        return this.#tell();
      case "query":
        this.#queries.set(message.table, message.query);
        return this.#tell();
      case "press":
        return this.events.onPress(message.button);
      case "row":
        return this.events.onRow(message.table, message.row, message.action);
    }
  }

  #queryOf(table: string): Query {
    const section = this.#sheet.sections.find((each) => each.kind === "table" && each.id === table);
    return this.#queries.get(table) ?? { ...FIRST, ...(section?.kind === "table" ? section.first : {}) };
  }

  #tell(): void {
    // A page that is hidden is built anew when it shows again, and asks then.
    if (!this.#ready) return;
    const { status, busy, buttons, sections } = this.#sheet;
    const shown = sections.map((section): ShownSection => {
      if (section.kind !== "table") return section;
      const { rows, first: _, actions = [], ...table } = section;
      const query = this.#queryOf(section.id);
      const found = find(section.columns, rows, query, vscode.env.language);
      this.events.onShown?.(section.id, found.rows);
      return { ...table, actions, ...found, query };
    });
    const message: ToSheet = { type: "show", title: this.title, status, busy, buttons, sections: shown };
    void this.#panel.webview.postMessage(message);
  }
}

/** A path as people read it: relative to the workspace where it lies inside. */
export function shortPath(uri: vscode.Uri): string {
  return vscode.workspace.asRelativePath(uri, (vscode.workspace.workspaceFolders?.length ?? 0) > 1) || basename(uri.path);
}
