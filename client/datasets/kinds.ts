/** Kinds of records, in words. */
import * as vscode from "vscode";

export function countFacts(counts: Readonly<Record<string, number>>): readonly { readonly label: string; readonly value: string }[] {
  const names: Readonly<Record<string, string>> = { question: vscode.l10n.t("Questions"), segment: vscode.l10n.t("Captions of parts"), cue: vscode.l10n.t("Subtitles"), note: vscode.l10n.t("Notes"), heading: vscode.l10n.t("Headings"), style: vscode.l10n.t("Styles") };
  return Object.entries(counts).flatMap(([kind, count]) => (names[kind] === undefined ? [] : [{ label: names[kind], value: count.toLocaleString(vscode.env.language) }]));
}
