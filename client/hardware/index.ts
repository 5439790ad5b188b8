/** A page that says what this machine has for models and what is missing. */
import * as vscode from "vscode";
import { errorOf, sentences } from "../errors.js";
import type { Server } from "../languageClient.js";
import { translator } from "../words.js";
import { hardwareMarkdown } from "./markdown.js";
import { pageWords } from "./pageWords.js";

const SCHEME = "vqa-hardware";
const PAGE = vscode.Uri.from({ scheme: SCHEME, path: "/hardware.md" });

export function registerHardware(server: Server): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  let page = "";
  const show = async (): Promise<void> => {
    try {
      const report = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("VQA: looking at this machine"), cancellable: true },
        (_, stop) => server.hardware(stop),
      );
      page = hardwareMarkdown(report, translator(pageWords(), vscode.env.language));
      changed.fire(PAGE);
      await vscode.commands.executeCommand("markdown.showPreview", PAGE);
    } catch (thrown) {
      const error = errorOf(thrown);
      if (error.code !== "cancelled") void vscode.window.showErrorMessage(`VQA: ${sentences(error)}`);
    }
  };
  return vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, { onDidChange: changed.event, provideTextDocumentContent: () => page }),
    vscode.commands.registerCommand("vqa.showHardware", show),
  );
}
