/** What is known of the answers of open notebooks: fresh or stale, right or wrong, and how many of them. */
import * as vscode from "vscode";
import type { QuestionState } from "../../server/src/protocol/asking.js";
import type { Server } from "../languageClient.js";
import { cellsOfNotebook, NOTEBOOK_TYPE } from "./notebookData.js";
import { withHeard } from "./cueCells.js";
import { heardCues, proposedCaption } from "./results.js";
import type { Kernels } from "./kernels.js";
import { questionsOfCells } from "./plan.js";

export interface Score {
  readonly right: number;
  readonly graded: number;
}

interface Known {
  readonly cells: ReadonlyMap<string, QuestionState>;
  readonly score: Score;
}

/** Typing is over after this. */
const QUIET_MS = 400;

export class Marks implements vscode.NotebookCellStatusBarItemProvider, vscode.Disposable {
  readonly #server: Server;
  readonly #known = new WeakMap<vscode.NotebookDocument, Known>();
  readonly #waiting = new Map<vscode.NotebookDocument, NodeJS.Timeout>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #disposables: vscode.Disposable[];
  /** The worker, by its number, that was there when all notebooks were looked at last. */
  #asked = 0;

  readonly onDidChangeCellStatusBarItems = this.#changed.event;

  /** @param enabled whether the server may be asked now */
  constructor(server: Server, private readonly kernels: Pick<Kernels, "modelOf" | "onDidChoose">, private readonly enabled: () => boolean, private readonly logger: Pick<vscode.LogOutputChannel, "warn">) {
    this.#server = server;
    this.#disposables = [
      this.#changed,
      vscode.notebooks.registerNotebookCellStatusBarItemProvider(NOTEBOOK_TYPE, this),
      vscode.workspace.onDidOpenNotebookDocument((notebook) => this.soon(notebook)),
      vscode.workspace.onDidChangeNotebookDocument(({ notebook }) => this.soon(notebook)),
      vscode.workspace.onDidCloseNotebookDocument((notebook) => this.#forget(notebook)),
      kernels.onDidChoose((notebook) => this.soon(notebook)),
      server.onDidChangeStatus((status) => {
        // A worker that came up can tell what is fresh, once its first questions leave it time.
        if (status?.worker.phase !== "ready" || status.running > 0 || status.worker.starts === this.#asked) return;
        this.#asked = status.worker.starts;
        for (const notebook of vscode.workspace.notebookDocuments) this.soon(notebook);
      }),
    ];
    for (const notebook of vscode.workspace.notebookDocuments) this.soon(notebook);
  }

  scoreOf(notebook: vscode.NotebookDocument): Score | undefined {
    return this.#known.get(notebook)?.score;
  }

  /** Cells whose answers do not hold, or that have none. Loads the model. */
  async stale(notebook: vscode.NotebookDocument): Promise<readonly vscode.NotebookCell[]> {
    const { cells } = await this.check(notebook, true);
    return notebook.getCells().filter((cell) => {
      const state = cells.get(key(cell))?.state;
      return state !== undefined && state !== "fresh";
    });
  }

  /** Asks the server, with `freshness` at the price of a model that has to be loaded. */
  async check(notebook: vscode.NotebookDocument, freshness: boolean): Promise<Known> {
    const { text, numbers } = questionsOfCells(cellsOfNotebook(notebook));
    const keys = notebook.getCells().map(key);
    const model = this.kernels.modelOf(notebook);
    const { questions, score } = await this.#server.check({ textDocument: { uri: notebook.uri.toString() }, text, freshness, ...(model === undefined ? {} : { model }) });
    const cells = new Map<string, QuestionState>();
    numbers.forEach((number, i) => {
      const state = number === undefined ? undefined : questions[number];
      const cell = keys[i];
      if (state !== undefined && cell !== undefined) cells.set(cell, state);
    });
    const known = { cells, score };
    this.#known.set(notebook, known);
    this.#changed.fire();
    return known;
  }

  /** Looks again when nothing changes for a moment. What is fresh is looked at only while the model is in memory anyway. */
  soon(notebook: vscode.NotebookDocument): void {
    if (notebook.notebookType !== NOTEBOOK_TYPE || notebook.uri.scheme !== "file" || !this.enabled()) return;
    clearTimeout(this.#waiting.get(notebook));
    this.#waiting.set(
      notebook,
      setTimeout(() => {
        this.#waiting.delete(notebook);
        const { worker, running = 0 } = this.#server.status ?? {};
        // Marks are a convenience: what goes wrong is told when a cell is run.
        if (!notebook.isClosed) void this.check(notebook, worker?.phase === "ready" && running === 0).catch((error: unknown) => this.logger.warn(error instanceof Error ? error.message : String(error)));
      }, QUIET_MS),
    );
  }

  provideCellStatusBarItems(cell: vscode.NotebookCell): vscode.NotebookCellStatusBarItem[] {
    const state = this.#known.get(cell.notebook)?.cells.get(key(cell));
    const items: vscode.NotebookCellStatusBarItem[] = [];
    const add = (text: string, tooltip: string, command?: string): void => {
      const item = new vscode.NotebookCellStatusBarItem(text, vscode.NotebookCellStatusBarAlignment.Left);
      item.tooltip = tooltip;
      if (command !== undefined) item.command = { command, title: tooltip, arguments: [cell] };
      items.push(item);
    };
    if (proposedCaption(cell) !== undefined) add(`$(check) ${vscode.l10n.t("Use this caption")}`, vscode.l10n.t("Writes the caption into the segment"), "vqa.useCaption");
    if (withHeard(cell.document.getText(), heardCues(cell)).added.length > 0) add(`$(check) ${vscode.l10n.t("Use these subtitles")}`, vscode.l10n.t("Adds them to the cell; what is written there stays"), "vqa.useCaption");
    if (cell.outputs.length === 0 || state === undefined) return items;
    if (state.state === "stale") add(`$(history) ${vscode.l10n.t("Stale")}`, vscode.l10n.t("What the answer depends on has changed. Click to ask again."), "vqa.askAgain");
    if (state.state === "tampered") add(`$(warning) ${vscode.l10n.t("Record changed")}`, vscode.l10n.t("How the answer was made is not known any more. Click to ask again."), "vqa.askAgain");
    if (state.grade === "exact" || state.grade === "soft") add(`$(pass) ${vscode.l10n.t("Right")}`, vscode.l10n.t("Agrees with the answer of the notebook"));
    if (state.grade === "wrong") add(`$(error) ${vscode.l10n.t("Wrong")}`, vscode.l10n.t("Differs from the answer of the notebook"));
    return items;
  }

  dispose(): void {
    for (const timeout of this.#waiting.values()) clearTimeout(timeout);
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #forget(notebook: vscode.NotebookDocument): void {
    clearTimeout(this.#waiting.get(notebook));
    this.#waiting.delete(notebook);
  }
}

function key(cell: vscode.NotebookCell): string {
  return cell.document.uri.toString();
}
