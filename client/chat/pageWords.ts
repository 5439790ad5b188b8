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
    "What mattered": vscode.l10n.t("What mattered"),
    "What mattered?": vscode.l10n.t("What mattered?"),
    "Leaves out each frame and subtitle once, which takes a while": vscode.l10n.t("Leaves out each frame and subtitle once, which takes a while"),
    "Leaving out one part after the other …": vscode.l10n.t("Leaving out one part after the other …"),
    "Found out what mattered.": vscode.l10n.t("Found out what mattered."),
    "No single frame or subtitle decided it: without any one of them the answer was as likely.": vscode.l10n.t("No single frame or subtitle decided it: without any one of them the answer was as likely."),
    "a frame: without it the answer was less likely": vscode.l10n.t("a frame: without it the answer was less likely"),
    "a frame: without it the answer was more likely": vscode.l10n.t("a frame: without it the answer was more likely"),
    "the subtitle “{0}”: without it the answer was less likely": vscode.l10n.t("the subtitle “{0}”: without it the answer was less likely"),
    "the subtitle “{0}”: without it the answer was more likely": vscode.l10n.t("the subtitle “{0}”: without it the answer was more likely"),
    "Play {0} to {1} in the video preview": vscode.l10n.t("Play {0} to {1} in the video preview"),
  };
}
