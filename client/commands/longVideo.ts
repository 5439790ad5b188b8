/** Goes through a long video ahead of questions, with a bar that can be cancelled. What was done stays. */
import * as vscode from "vscode";
import { pickVideo, videoInFront, videoOfFile } from "../chat/videos.js";
import { errorOf, sentences } from "../errors.js";
import type { Server } from "../languageClient.js";
import { stageText } from "../stages.js";

export function registerLongVideo(server: Server): vscode.Disposable {
  return vscode.commands.registerCommand("vqa.indexVideo", async (given: unknown) => {
    const video = (given instanceof vscode.Uri ? videoOfFile(given) : videoInFront()) ?? (await pickVideo());
    if (video === undefined) return undefined;
    try {
      const { clips } = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: `VQA: ${video.name}`, cancellable: true }, (progress, stop) => {
        let shown = 0;
        return server.index(
          { request: { video: video.uri } },
          (partial) => {
            if (partial.kind !== "progress") return;
            const percent = partial.progress.stage === "index" ? 100 * (partial.progress.fraction ?? 0) : shown;
            progress.report({ message: stageText(partial.progress), increment: Math.max(0, percent - shown) });
            shown = Math.max(shown, percent);
          },
          stop,
        );
      });
      const text = clips.length === 0 ? vscode.l10n.t("The video is short enough to be looked at as a whole: there is nothing to prepare.") : vscode.l10n.t("Gone through {0} clips: questions about them are answered faster now.", clips.length);
      void vscode.window.showInformationMessage(text);
      return clips.length;
    } catch (thrown) {
      const error = errorOf(thrown);
      if (error.code !== "cancelled") void vscode.window.showErrorMessage(`VQA: ${sentences(error)}`);
      return undefined;
    }
  });
}
