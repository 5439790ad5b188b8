/** What the panel's page says, in the editor's language. */
import * as vscode from "vscode";
import { STAGES } from "../../server/src/protocol/stages.js";
import { stageTexts } from "../stages.js";
import type { Words } from "../words.js";

export function pageWords(): Words {
  const stages = stageTexts();
  return {
    ...Object.fromEntries(Object.entries(STAGES).map(([stage, english]) => [english, stages[stage as keyof typeof stages]])),
    "Questions and answers": vscode.l10n.t("Questions and answers"),
    "What happens?": vscode.l10n.t("What happens?"),
    "all of it, or 00:05..00:10": vscode.l10n.t("all of it, or 00:05..00:10"),
    Ask: vscode.l10n.t("Ask"),
    Stop: vscode.l10n.t("Stop"),
    Question: vscode.l10n.t("Question"),
    "Part of the video": vscode.l10n.t("Part of the video"),
    "Choose a video…": vscode.l10n.t("Choose a video…"),
    "Selected in the editor: {0}": vscode.l10n.t("Selected in the editor: {0}"),
    "No video": vscode.l10n.t("No video"),
    "Ask something about this video. It is answered on this machine.": vscode.l10n.t("Ask something about this video. It is answered on this machine."),
    "Open a notebook or a video, or choose one.": vscode.l10n.t("Open a notebook or a video, or choose one."),
    "Frame at {0}": vscode.l10n.t("Frame at {0}"),
    "Play from {0}": vscode.l10n.t("Play from {0}"),
    "Stopped.": vscode.l10n.t("Stopped."),
    Copy: vscode.l10n.t("Copy"),
    "Insert into notebook": vscode.l10n.t("Insert into notebook"),
    "Ask again": vscode.l10n.t("Ask again"),
    Frames: vscode.l10n.t("Frames"),
    Subtitles: vscode.l10n.t("Subtitles"),
    Notes: vscode.l10n.t("Notes"),
    "1 frame": vscode.l10n.t("1 frame"),
    "{0} frames": vscode.l10n.t("{0} frames"),
    "1 subtitle": vscode.l10n.t("1 subtitle"),
    "{0} subtitles": vscode.l10n.t("{0} subtitles"),
  };
}
