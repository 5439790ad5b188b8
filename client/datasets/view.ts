/** The dataset view: what many notebooks ask, what was answered and what is right; it follows the files while they change. */
import * as vscode from "vscode";
import { MAX_SURVEYED, type SurveyedNotebook } from "../../server/src/protocol/datasets.js";
import type { Server } from "../languageClient.js";
import { SheetPanel, shortPath } from "../sheet/panel.js";
import { inputOf, MAX_FILES, notebookFiles } from "./files.js";
import { followNotebooks } from "./following.js";
import { Latest } from "./latest.js";
import { showQuestion } from "./reveal.js";
import { datasetSections } from "./viewTables.js";

/** Notebooks asked for at once: the table grows while the others are read. */
const BATCH = 50;
/** With freshness a model works; each notebook is worth telling of. */
const FRESH_BATCH = 1;
/** Typing is over after this. */
const QUIET_MS = 400;
const DRAW_EVERY_MS = 1000;

export interface DatasetActions {
  ask(files: readonly vscode.Uri[]): void;
  agreement(files: readonly vscode.Uri[]): void;
  evaluate(files: readonly vscode.Uri[]): void;
}

export class DatasetView implements vscode.Disposable {
  readonly #panel: SheetPanel;
  readonly #known = new Map<string, SurveyedNotebook>();
  readonly #waiting = new Set<string>();
  readonly #following: vscode.Disposable;
  readonly #reading = new Latest();
  #soon: NodeJS.Timeout | undefined;
  #status = "";
  #drawn = 0;

  readonly onDidDispose: vscode.Event<void>;

  /** @param given folders and notebooks; the whole workspace without any */
  constructor(extension: vscode.Uri, private readonly server: Pick<Server, "survey">, private readonly given: readonly vscode.Uri[], private readonly actions: DatasetActions) {
    this.#panel = new SheetPanel(extension, "vqa.dataset", given.length === 1 && given[0] !== undefined ? vscode.l10n.t("Dataset {0}", shortPath(given[0])) : vscode.l10n.t("Dataset"), { onPress: (button) => this.#press(button), onRow: (_, row) => void this.#open(row) });
    this.onDidDispose = this.#panel.onDidDispose;
    this.#following = followNotebooks(
      (uri) => this.#changed(uri),
      (uri) => {
        if (this.#known.delete(uri.toString())) this.#draw();
      },
    );
    this.#panel.onDidDispose(() => this.dispose());
    void this.#readAll(false);
  }

  reveal(): void {
    this.#panel.reveal();
  }

  dispose(): void {
    clearTimeout(this.#soon);
    this.#reading.stop();
    vscode.Disposable.from(this.#following, this.#panel).dispose();
  }

  async #readAll(freshness: boolean): Promise<void> {
    const status = await this.#reading.run(async (token) => {
      const files = await notebookFiles(this.given, token);
      const now = new Set(files.map((uri) => uri.toString()));
      for (const uri of this.#known.keys()) if (!now.has(uri)) this.#known.delete(uri);
      const batch = freshness ? FRESH_BATCH : BATCH;
      for (let i = 0; i < files.length && !token.isCancellationRequested; i += batch) {
        // Of thousands of files a table is long in the making: it need not be made for each few of them.
        if (i === 0 || performance.now() - this.#drawn > DRAW_EVERY_MS) this.#draw(vscode.l10n.t("Reading: {0} of {1} notebooks", i, files.length), true);
        await this.#read(files.slice(i, i + batch), freshness, token);
      }
      return () => (token.isCancellationRequested ? vscode.l10n.t("Stopped.") : files.length === MAX_FILES ? vscode.l10n.t("There are more notebooks than these {0}.", MAX_FILES) : "");
    });
    if (status === undefined) return;
    this.#status = status;
    this.#draw();
  }

  async #read(files: readonly vscode.Uri[], freshness: boolean, token: vscode.CancellationToken): Promise<void> {
    const { notebooks } = await this.server.survey({ notebooks: files.map(inputOf), freshness }, token);
    for (const notebook of notebooks) this.#known.set(notebook.notebook, notebook);
  }

  /** Reads a notebook again when nothing changes for a moment. */
  #changed(uri: vscode.Uri): void {
    if (uri.scheme !== "file" || !uri.path.endsWith(".vqa") || !this.#covers(uri)) return;
    this.#waiting.add(uri.toString());
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.#readChanged(), QUIET_MS);
  }

  async #readChanged(): Promise<void> {
    const uris = [...this.#waiting].slice(0, MAX_SURVEYED);
    for (const uri of uris) this.#waiting.delete(uri);
    const source = new vscode.CancellationTokenSource();
    try {
      await this.#read(uris.map((uri) => vscode.Uri.parse(uri)), false, source.token);
    } catch {
      // The next change reads it again; until then the table says what it said.
    } finally {
      source.dispose();
    }
    this.#draw();
    if (this.#waiting.size > 0) this.#soon = setTimeout(() => void this.#readChanged(), QUIET_MS);
  }

  #covers(uri: vscode.Uri): boolean {
    return this.given.length === 0 || this.given.some((one) => uri.toString() === one.toString() || uri.path.startsWith(one.path.endsWith("/") ? one.path : `${one.path}/`));
  }

  /** Within the folder that is shown nobody needs to be told of it. */
  #nameOf(uri: vscode.Uri): string {
    const [only, ...more] = this.given;
    return only !== undefined && more.length === 0 && uri.path.startsWith(`${only.path}/`) ? uri.path.slice(only.path.length + 1) : shortPath(uri);
  }

  #press(button: string): void {
    const files = [...this.#known.keys()].map((uri) => vscode.Uri.parse(uri));
    switch (button) {
      case "stop":
        return this.#reading.stop();
      case "refresh":
        return void this.#readAll(false);
      case "stale":
        return void this.#readAll(true);
      case "ask":
        return this.actions.ask(files);
      case "agreement":
        return this.actions.agreement(files);
      case "evaluate":
        return this.actions.evaluate(files);
    }
  }

  async #open(row: string): Promise<void> {
    const [, question, uri] = /^(\d*) (.*)$/.exec(row) ?? [];
    if (uri !== undefined) await showQuestion(vscode.Uri.parse(uri), question === "" ? 0 : Number(question));
  }

  #draw(status = this.#status, busy = this.#reading.busy): void {
    const buttons = busy
      ? [{ id: "stop", label: vscode.l10n.t("Stop") }]
      : [
          { id: "ask", label: vscode.l10n.t("Ask the Unanswered"), primary: true },
          { id: "stale", label: vscode.l10n.t("Look for Stale Answers") },
          { id: "agreement", label: vscode.l10n.t("Agreement") },
          { id: "evaluate", label: vscode.l10n.t("Evaluate…") },
          { id: "refresh", label: vscode.l10n.t("Read Again") },
        ];
    this.#panel.show({ status, busy, buttons, sections: datasetSections(this.#known, (uri) => this.#nameOf(uri)) });
    this.#drawn = performance.now();
  }
}
