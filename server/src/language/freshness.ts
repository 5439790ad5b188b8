/** The state of a machine's answer, as far as it can be told. */
import type { TextDocument } from "vscode-languageserver-textdocument";
import { findRun, isIntact, type MachineAnswer, type Notebook, type Question, type RunBlock } from "../format/index.js";
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
  if (!isRecorded(notebook, answer.run8)) return "tampered";
  const in12 = currentInput && (await orElse(logger, undefined, () => currentInput(document, question, answer.run8, signal)));
  if (in12 === undefined) return "unknown";
  return in12 === answer.in12 ? "fresh" : "stale";
}

/** Hashes are made once a record: thousands of answers refer to a few of them. */
const known = new WeakMap<RunBlock, boolean>();

/** The record of that run is there, and is what its id was made from. */
export function isRecorded(notebook: Notebook, run8: string): boolean {
  const run = findRun(notebook, run8);
  if (run === undefined) return false;
  const intact = known.get(run) ?? isIntact(run);
  known.set(run, intact);
  return intact;
}
