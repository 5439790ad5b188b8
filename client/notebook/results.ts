/** How the run of a cell ended, and what the cell shows of it. */
import * as vscode from "vscode";
import type { SerializedError } from "../../server/src/protocol/values.js";
import { errorOf, sentences } from "../errors.js";
import { passing } from "./answers.js";
import { heardText, type HeardCue } from "./cueCells.js";
import { answerItems } from "./notebookData.js";

export type Failure = Pick<SerializedError, "code" | "message" | "next">;

/** How a run ended: with outputs that are in the file, with a proposal that is not yet, or not well. */
export type Result =
  | { readonly type: "answered"; readonly outputs: readonly vscode.NotebookCellOutput[] }
  | { readonly type: "proposed"; readonly caption: string }
  | { readonly type: "heard"; readonly cues: readonly HeardCue[]; readonly notes: readonly string[] }
  | { readonly type: "stopped" }
  | { readonly type: "failed"; readonly error: Failure };

/** Key of a caption that waits to be accepted, in its output's metadata. */
const PROPOSAL = "vqaCaption";
/** The same for subtitles that were heard. */
const HEARD = "vqaHeard";

/** What is shown beside the answers that are in the file. @param text what had come of an answer until then */
export function endOutputs(result: Result, text: string): vscode.NotebookCellOutput[] {
  switch (result.type) {
    case "proposed":
      return [new vscode.NotebookCellOutput(answerItems(passing(result.caption)), { [PROPOSAL]: result.caption })];
    case "heard": {
      const { cues, notes } = result;
      const status = [cues.length === 0 ? vscode.l10n.t("Nothing was heard where no subtitle is written.") : vscode.l10n.t("Heard. Nothing is written before you accept it."), ...notes].join(" ");
      return [new vscode.NotebookCellOutput(answerItems(passing(heardText(cues), status)), { [HEARD]: cues })];
    }
    case "failed":
      return [errorOutput(result.error)];
    case "stopped":
      return [new vscode.NotebookCellOutput(answerItems(passing(text.trimStart(), vscode.l10n.t("Stopped."))))];
    case "answered":
      return [];
  }
}

function errorOutput(error: Failure): vscode.NotebookCellOutput {
  return new vscode.NotebookCellOutput([vscode.NotebookCellOutputItem.error({ name: error.code, message: sentences(error), stack: "" })]);
}

export function failed(thrown: unknown): Result {
  const error = errorOf(thrown);
  return error.code === "cancelled" ? { type: "stopped" } : { type: "failed", error };
}

/** The caption that a run of this segment proposed. */
export function proposedCaption(cell: vscode.NotebookCell): string | undefined {
  const found: unknown = cell.outputs.map(({ metadata }) => metadata?.[PROPOSAL] as unknown).find((caption) => typeof caption === "string");
  return found as string | undefined;
}

/** The subtitles that were heard in this cell's part of the video and that nobody has accepted yet. */
export function heardCues(cell: vscode.NotebookCell): readonly HeardCue[] {
  return cell.outputs.map(({ metadata }) => metadata?.[HEARD] as readonly HeardCue[] | undefined).find((cues) => Array.isArray(cues) && cues.length > 0) ?? [];
}
