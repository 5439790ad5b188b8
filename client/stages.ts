/** What a worker is at, in the editor's language. */
import * as vscode from "vscode";
import type { Progress } from "../server/src/protocol/values.js";

export function stageTexts(): Readonly<Record<Progress["stage"], string>> {
  return {
    load: vscode.l10n.t("Loading the model"),
    probe: vscode.l10n.t("Reading the video"),
    frames: vscode.l10n.t("Decoding frames"),
    subtitles: vscode.l10n.t("Reading subtitles"),
    speech: vscode.l10n.t("Listening"),
    encode: vscode.l10n.t("Looking at frames"),
    prefill: vscode.l10n.t("Reading the prompt"),
    generate: vscode.l10n.t("Answering"),
    index: vscode.l10n.t("Going through the whole video"),
  };
}

export function stageText({ stage, fraction }: Progress): string {
  const text = stageTexts()[stage];
  return fraction === undefined ? text : `${text} ${Math.round(fraction * 100)} %`;
}
