import * as vscode from "vscode";
import type { Server } from "./languageClient.js";
import type { Marks } from "./notebook/marks.js";
import { NOTEBOOK_TYPE } from "./notebook/notebookData.js";

/** The one status item: what the model does, and how many answers of the notebook are right. */
export class StatusItem implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("vqa.status", vscode.StatusBarAlignment.Right, 90);
  readonly #disposables: vscode.Disposable[];

  constructor(private readonly server: Server, private readonly marks: Marks) {
    this.#item.name = "VQA";
    this.#item.command = "vqa.checkAnswers";
    const update = (): void => this.#update();
    this.#disposables = [this.#item, server.onDidChangeStatus(update), marks.onDidChangeCellStatusBarItems(update), vscode.window.onDidChangeActiveNotebookEditor(update)];
    update();
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #update(): void {
    const notebook = vscode.window.activeNotebookEditor?.notebook;
    if (notebook?.notebookType !== NOTEBOOK_TYPE) return this.#item.hide();
    const { worker, running = 0, waiting = 0, model } = this.server.status ?? {};
    const score = this.marks.scoreOf(notebook);
    const doing = worker?.phase === "starting" || running > 0 ? "$(sync~spin)" : worker?.phase === "unavailable" ? "$(error)" : "$(eye)";
    this.#item.text = score === undefined || score.graded === 0 ? `${doing} VQA` : `${doing} VQA ${score.right}/${score.graded}`;
    this.#item.tooltip = [
      score === undefined || score.graded === 0 ? undefined : vscode.l10n.t("{0} of {1} answers agree with those of the notebook.", score.right, score.graded),
      model === undefined ? undefined : vscode.l10n.t("Model: {0}", model),
      running + waiting === 0 ? undefined : vscode.l10n.t("Questions that are being answered or wait: {0}", running + waiting),
      worker?.lastFailure?.message,
      vscode.l10n.t("Click to check the answers."),
    ]
      .filter((line) => line !== undefined)
      .join("\n");
    this.#item.accessibilityInformation = { label: this.#item.tooltip };
    this.#item.show();
  }
}
