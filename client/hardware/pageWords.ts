/** What the page about the machine says, in the editor's language. */
import * as vscode from "vscode";
import type { Words } from "../words.js";

export function pageWords(): Words {
  return {
    yes: vscode.l10n.t("yes"),
    "not found out": vscode.l10n.t("not found out"),
    "What this machine can do": vscode.l10n.t("What this machine can do"),
    "Nothing is missing.": vscode.l10n.t("Nothing is missing."),
    "What to do": vscode.l10n.t("What to do"),
    "What is used": vscode.l10n.t("What is used"),
    "The device is set to {0}. The language model runs on {1}, the encoders on {2}.": vscode.l10n.t("The device is set to {0}. The language model runs on {1}, the encoders on {2}."),
    Models: vscode.l10n.t("Models"),
    Model: vscode.l10n.t("Model"),
    Fits: vscode.l10n.t("Fits"),
    Memory: vscode.l10n.t("Memory"),
    Weights: vscode.l10n.t("Weights"),
    Context: vscode.l10n.t("Context"),
    Encoders: vscode.l10n.t("Encoders"),
    no: vscode.l10n.t("no"),
    "{0} for {1} positions": vscode.l10n.t("{0} for {1} positions"),
    Devices: vscode.l10n.t("Devices"),
    Device: vscode.l10n.t("Device"),
    Usable: vscode.l10n.t("Usable"),
    "{0} of {1} free": vscode.l10n.t("{0} of {1} free"),
    "What was found": vscode.l10n.t("What was found"),
    System: vscode.l10n.t("System"),
    Processor: vscode.l10n.t("Processor"),
    "{0}, {1} cores, {2} for models now": vscode.l10n.t("{0}, {1} cores, {2} for models now"),
    Graphics: vscode.l10n.t("Graphics"),
    none: vscode.l10n.t("none"),
    "driver {0}": vscode.l10n.t("driver {0}"),
    Decoder: vscode.l10n.t("Decoder"),
    Cache: vscode.l10n.t("Cache"),
    "{0} free": vscode.l10n.t("{0} free"),
  };
}
