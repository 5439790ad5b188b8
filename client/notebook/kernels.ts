/**
 * The kernels of notebooks: one that goes by the notebook's header, and one for each model pack of this
 * machine. What a kernel runs is asked of its model, whatever the header names.
 */
import * as vscode from "vscode";
import type { ModelInfo, ModelsResult } from "../../server/src/protocol/models.js";
import { NOTEBOOK_TYPE } from "./notebookData.js";
import { hostOf } from "../remote/agreement.js";
import { kernelsOf, type KernelInfo } from "./kernelList.js";

/** As the notebook says: an editor that chose it before finds it again. */
const BY_HEADER = "vqa";

/** As in package.json. */
const EXTENSION = "vqa.vqa";

const REMEMBERED_MS = 200;

/** Until a notebook that is in front has its kernel; long, for machines that have much else to do. */
const CHOSEN_MS = 20_000;

export type RunCells = (cells: readonly vscode.NotebookCell[], controller: vscode.NotebookController) => void;

export class Kernels implements vscode.Disposable {
  readonly #byHeader: vscode.NotebookController;
  readonly #byModel = new Map<string, vscode.NotebookController>();
  /** The controller that a notebook has, and the model that it stands for. */
  readonly #chosen = new WeakMap<vscode.NotebookDocument, { readonly controller: vscode.NotebookController; readonly model: string | undefined }>();
  readonly #changed = new vscode.EventEmitter<vscode.NotebookDocument>();
  readonly #disposables: vscode.Disposable[];

  /** The notebook has another kernel: what is fresh under one model is not under another. */
  readonly onDidChoose = this.#changed.event;

  constructor(
    private readonly server: { models(): Promise<ModelsResult>; readonly remote: { readonly url: string; readonly model: string } | undefined },
    private readonly run: RunCells,
    private readonly logger: Pick<vscode.LogOutputChannel, "warn">,
  ) {
    this.#byHeader = this.#controller(BY_HEADER, "VQA", vscode.l10n.t("The model that the notebook names, else the one of the settings"));
    const prefer = (notebook: vscode.NotebookDocument): void => {
      if (notebook.notebookType === NOTEBOOK_TYPE) this.#byHeader.updateNotebookAffinity(notebook, vscode.NotebookControllerAffinity.Preferred);
    };
    vscode.workspace.notebookDocuments.forEach(prefer);
    this.#disposables = [
      this.#byHeader,
      this.#changed,
      vscode.workspace.onDidOpenNotebookDocument((notebook) => {
        prefer(notebook);
        if (notebook.notebookType === NOTEBOOK_TYPE) void this.refresh();
      }),
    ];
    // The model that comes with the extension is there before anybody was asked.
    this.#show(kernelsOf([], vscode.env.language));
    void this.refresh();
    // A choice that the editor remembers is told soon after the controllers are there.
    const looking = setTimeout(() => this.#choose(vscode.window.activeNotebookEditor), REMEMBERED_MS);
    this.#disposables.push({ dispose: () => clearTimeout(looking) }, vscode.window.onDidChangeActiveNotebookEditor((editor) => this.#choose(editor)));
  }

  /** The model that the notebook's kernel stands for; undefined when it goes by the header. */
  modelOf(notebook: vscode.NotebookDocument): string | undefined {
    return this.#chosen.get(notebook)?.model;
  }

  /**
   * The controller that may run the notebook's cells. The one in front is waited for, since the editor takes a while to
   * give it one; undefined for a notebook that was never in front, which has none.
   */
  async controllerOf(notebook: vscode.NotebookDocument): Promise<vscode.NotebookController | undefined> {
    const end = Date.now() + CHOSEN_MS;
    while (!this.#chosen.has(notebook) && vscode.window.activeNotebookEditor?.notebook === notebook && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return this.#chosen.get(notebook)?.controller;
  }

  /** Looks which packs there are now. */
  async refresh(): Promise<void> {
    try {
      const { models } = await this.server.models();
      const { remote } = this.server;
      this.#show(kernelsOf(models as readonly ModelInfo[], vscode.env.language, remote && { model: remote.model, host: hostOf(remote.url), warning: vscode.l10n.t("Frames and subtitles leave this machine.") }));
    } catch (thrown) {
      // Those that were there stay.
      this.logger.warn(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables, ...this.#byModel.values()).dispose();
  }

  /** With several kernels the editor asks at the first run, whichever is preferred. Nobody should have to answer that. */
  #choose(editor: vscode.NotebookEditor | undefined): void {
    const notebook = editor?.notebook;
    if (notebook?.notebookType !== NOTEBOOK_TYPE || this.#chosen.has(notebook)) return;
    void vscode.commands.executeCommand("notebook.selectKernel", { id: BY_HEADER, extension: EXTENSION });
  }

  #show(kernels: readonly KernelInfo[]): void {
    for (const [model, controller] of this.#byModel) {
      if (kernels.some((kernel) => kernel.model === model)) continue;
      controller.dispose();
      this.#byModel.delete(model);
      for (const notebook of vscode.workspace.notebookDocuments) if (this.#chosen.get(notebook)?.controller === controller) this.#chosen.delete(notebook);
      // A notebook whose model is gone goes by its header again, without a question.
      this.#choose(vscode.window.activeNotebookEditor);
    }
    for (const { model, id, label, description, detail } of kernels) {
      const controller = this.#byModel.get(model) ?? this.#controller(id, label, description, model);
      this.#byModel.set(model, controller);
      [controller.label, controller.description] = [label, description];
      if (detail !== undefined) controller.detail = detail;
    }
  }

  #controller(id: string, label: string, description: string, model?: string): vscode.NotebookController {
    const controller = vscode.notebooks.createNotebookController(id, NOTEBOOK_TYPE, label);
    controller.description = description;
    controller.supportedLanguages = ["vqa", "vqa-cues"];
    controller.supportsExecutionOrder = false;
    controller.executeHandler = (cells, _, by) => this.run(cells, by);
    controller.onDidChangeSelectedNotebooks(({ notebook, selected }) => {
      // A notebook that is being closed has gone here already.
      if ((notebook as vscode.NotebookDocument | undefined) === undefined) return;
      if (!selected) {
        // The one that takes its place may have been told of first.
        if (this.#chosen.get(notebook)?.controller === controller) this.#chosen.delete(notebook);
        return;
      }
      this.#chosen.set(notebook, { controller, model });
      this.#changed.fire(notebook);
    });
    return controller;
  }
}
