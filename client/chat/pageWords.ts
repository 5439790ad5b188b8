/** What the panel's page says, in the editor's language. */
import * as vscode from "vscode";
import { STAGES } from "../../server/src/protocol/stages.js";
import { stageTexts } from "../stages.js";
import type { Words } from "../words.js";

export function pageWords(): Words {
  const { t } = vscode.l10n;
  const stages = stageTexts();
  return {
    ...Object.fromEntries(Object.entries(STAGES).map(([stage, english]) => [english, stages[stage as keyof typeof stages]])),
    "Questions and answers": t("Questions and answers"),
    "What happens?": t("What happens?"),
    "all of it, or 00:05..00:10": t("all of it, or 00:05..00:10"),
    Ask: t("Ask"),
    Stop: t("Stop"),
    Question: t("Question"),
    "Part of the video": t("Part of the video"),
    "Choose a video…": t("Choose a video…"),
    "Selected in the editor: {0}": t("Selected in the editor: {0}"),
    "No video": t("No video"),
    "Ask something about this video. It is answered on this machine.": t("Ask something about this video. It is answered on this machine."),
    "Open a notebook or a video, or choose one.": t("Open a notebook or a video, or choose one."),
    "Frame at {0}": t("Frame at {0}"),
    "Play from {0}": t("Play from {0}"),
    "Stopped.": t("Stopped."),
    Copy: t("Copy"),
    "Insert into notebook": t("Insert into notebook"),
    "Ask again": t("Ask again"),
    Frames: t("Frames"),
    Subtitles: t("Subtitles"),
    Notes: t("Notes"),
    "1 frame": t("1 frame"),
    "{0} frames": t("{0} frames"),
    "1 subtitle": t("1 subtitle"),
    "{0} subtitles": t("{0} subtitles"),
  };
}
