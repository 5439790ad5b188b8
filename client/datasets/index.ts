/** Commands on datasets: many notebooks, and the files of other programs. */
import * as vscode from "vscode";
import { errorOf, type Server } from "../languageClient.js";
import { ConversionSheet } from "./conversion.js";
import { exportOf, pickFormat } from "./exporting.js";
import { chosenFiles, notebookFiles } from "./files.js";
import { importOf } from "./importing.js";

export function registerDatasets({ extensionUri }: Pick<vscode.ExtensionContext, "extensionUri">, server: Server): vscode.Disposable {
  return vscode.Disposable.from(
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
      const { code, message, next } = errorOf(thrown);
      if (code !== "cancelled") void vscode.window.showErrorMessage(`${message} ${next}`.trim());
    }
  });
}
