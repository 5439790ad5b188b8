/** What a sheet's page says, in the editor's language. */
import * as vscode from "vscode";
import type { Words } from "../words.js";

export function sheetWords(): Words {
  return {
    Search: vscode.l10n.t("Search"),
    "{0}: all": vscode.l10n.t("{0}: all"),
    "{0} of {1}": vscode.l10n.t("{0} of {1}"),
    "{0} rows": vscode.l10n.t("{0} rows"),
    "Show more": vscode.l10n.t("Show more"),
    "Nothing fits.": vscode.l10n.t("Nothing fits."),
    Actions: vscode.l10n.t("Actions"),
    Picture: vscode.l10n.t("Picture"),
    Open: vscode.l10n.t("Open"),
  };
}
