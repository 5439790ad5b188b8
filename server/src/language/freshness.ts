/** The state of a machine's answer, as far as it can be told. */
import type { TextDocument } from "vscode-languageserver-textdocument";
import { answerState, runLookup, type MachineAnswer, type Notebook, type Question } from "../format/index.js";
import { orElse, type LanguagePorts } from "./ports.js";

/** `unknown`: its record is whole, but nobody can tell what its inputs would be now. */
export type Freshness = "fresh" | "stale" | "tampered" | "unknown";

export async function freshnessOf(
  document: TextDocument,
  notebook: Notebook,
  question: Question,
  answer: MachineAnswer,
  { currentInput, logger }: LanguagePorts,
  signal?: AbortSignal,
): Promise<Freshness> {
  const lookup = runLookup(notebook);
  if (answerState(answer, answer.in12, lookup) === "tampered") return "tampered";
  const in12 = currentInput && (await orElse(logger, undefined, () => currentInput(document, question, answer.run8, signal)));
  return in12 === undefined ? "unknown" : answerState(answer, in12, lookup);
}
