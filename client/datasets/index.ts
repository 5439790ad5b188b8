/** Commands on datasets: many notebooks, and the files of other programs. */
import * as vscode from "vscode";
import { showError } from "../errors.js";
import type { Server } from "../languageClient.js";
import { AgreementView } from "./agreement.js";
import { askUnanswered, type AskProgress, type CellRunner, type Summary } from "./bulkAsk.js";
import { ConversionSheet } from "./conversion.js";
import { evaluateNotebooks, openReports } from "./evaluating.js";
import { exportOf, pickFormat } from "./exporting.js";
import { chosenFiles, notebookFiles, pickedFiles } from "./files.js";
import { importOf } from "./importing.js";
import { DatasetView, type DatasetActions } from "./view.js";

export function registerDatasets({ extensionUri }: Pick<vscode.ExtensionContext, "extensionUri">, server: Server, cells: CellRunner, output: vscode.LogOutputChannel): vscode.Disposable {
  const views = new Map<string, DatasetView>();
  const actions: DatasetActions = {
    ask: (files) => void vscode.commands.executeCommand("vqa.askUnanswered", undefined, files),
    agreement: (files) => void vscode.commands.executeCommand("vqa.showAgreement", undefined, files),
    evaluate: (files) => void vscode.commands.executeCommand("vqa.evaluateDataset", undefined, files),
  };
  return vscode.Disposable.from(
    { dispose: () => vscode.Disposable.from(...views.values()).dispose() },
    command("vqa.openDataset", async (clicked, selected) => {
      const given = pickedFiles(clicked, selected);
      const key = given.map((uri) => uri.toString()).sort().join("\n");
      const known = views.get(key);
      if (known !== undefined) return known.reveal();
      const view = new DatasetView(extensionUri, server, given, actions);
      views.set(key, view);
      view.onDidDispose(() => views.delete(key));
    }),
    command("vqa.evaluateDataset", async (clicked, selected) => {
      const files = await notebookFiles(chosenFiles(clicked, selected));
      if (files.length === 0) return void vscode.window.showInformationMessage(vscode.l10n.t("There is no notebook here."));
      if (ofMachine(files)) await evaluateNotebooks(extensionUri, server, cells, files, (work) => ask(work, output));
    }),
    command("vqa.openEvaluation", async (clicked, selected) => {
      const given = pickedFiles(clicked, selected);
      if (ofMachine(given)) await openReports(extensionUri, server, given);
    }),
    command("vqa.showAgreement", async (clicked, selected) => {
      const files = await notebookFiles(chosenFiles(clicked, selected));
      if (files.length === 0) return void vscode.window.showInformationMessage(vscode.l10n.t("There is no notebook here."));
      if (ofMachine(files)) new AgreementView(extensionUri, server, files);
    }),
    command("vqa.askUnanswered", async (clicked, selected) => {
      const files = await notebookFiles(chosenFiles(clicked, selected));
      if (files.length === 0) return void vscode.window.showInformationMessage(vscode.l10n.t("There is no notebook to ask."));
      if (ofMachine(files)) await ask((progress, token) => askUnanswered(server, cells, files, progress, token), output);
    }),
    command("vqa.importDataset", async (clicked, selected) => {
      const given = [...(Array.isArray(selected) ? selected : []), clicked].filter((uri) => uri instanceof vscode.Uri);
      const files = given.length > 0 ? [...new Map(given.map((uri) => [uri.toString(), uri])).values()] : await vscode.window.showOpenDialog({ canSelectMany: true, openLabel: vscode.l10n.t("Import"), title: vscode.l10n.t("Dataset or subtitles to import") });
      if (files === undefined || files.length === 0 || !ofMachine(files)) return;
      await new ConversionSheet(extensionUri, importOf(server, files)).show();
    }),
    command("vqa.exportNotebooks", async (clicked, selected) => {
      const notebooks = await notebookFiles(chosenFiles(clicked, selected));
      if (notebooks.length === 0) return void vscode.window.showInformationMessage(vscode.l10n.t("There is no notebook to export."));
      if (!ofMachine(notebooks)) return;
      const format = await pickFormat();
      if (format !== undefined) await new ConversionSheet(extensionUri, exportOf(server, notebooks, format)).show();
    }),
  );
}

/** Asks with a bar that can be cancelled, and says what came of it. */
async function ask(work: (progress: AskProgress, token: vscode.CancellationToken) => Promise<Summary>, output: vscode.LogOutputChannel): Promise<void> {
  const bar = { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("Asking the unanswered questions"), cancellable: true };
  const { notebooks, answered, failures, stopped } = await vscode.window.withProgress(bar, (progress, token) => {
    let told = 0;
    return work(
      (done, of, question) => {
        progress.report({ message: vscode.l10n.t("{0} of {1}: {2}", done + 1, of, question), increment: ((done - told) / of) * 100 });
        told = done;
      },
      token,
    );
  });
  for (const failure of failures) output.error(failure);
  const said = [
    stopped ? vscode.l10n.t("Stopped.") : "",
    answered === 0 && failures.length === 0 ? vscode.l10n.t("No question was without a model's answer.") : vscode.l10n.t("Answered: {0}, in notebooks: {1}.", answered, notebooks),
    failures.length === 0 ? "" : vscode.l10n.t("Failed: {0}.", failures.length),
  ].filter((part) => part !== "").join(" ");
  if (failures.length === 0) return void vscode.window.showInformationMessage(said);
  const show = vscode.l10n.t("Show What Failed");
  // Whoever called for it need not wait until somebody has read it.
  void vscode.window.showWarningMessage(said, show).then((chosen) => chosen === show && output.show());
}

function ofMachine(files: readonly vscode.Uri[]): boolean {
  const all = files.every(({ scheme }) => scheme === "file");
  if (!all) void vscode.window.showInformationMessage(vscode.l10n.t("Only files of this machine can be used."));
  return all;
}

/** Registers a command that shows what goes wrong. */
function command(name: string, work: (...given: readonly unknown[]) => Promise<void>): vscode.Disposable {
  return vscode.commands.registerCommand(name, async (...given: readonly unknown[]) => {
    try {
      await work(...given);
    } catch (thrown) {
      showError(thrown);
    }
  });
}
