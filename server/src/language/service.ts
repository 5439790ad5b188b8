/**
 * The only door of the language features: pure functions of documents, without a connection, a file
 * system or native code. One file a feature.
 */
import type { Diagnostic } from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { diagnostics } from "./diagnostics.js";
import { ParsedNotebooks } from "./notebooks.js";

export interface LanguageService {
  /** What is wrong in a notebook, in order of place. An aborted call returns nothing. */
  diagnostics(document: TextDocument, signal?: AbortSignal): readonly Diagnostic[];
}

export function createLanguageService(): LanguageService {
  const notebooks = new ParsedNotebooks();
  return {
    diagnostics: (document, signal) => (signal?.aborted ? [] : diagnostics(document, notebooks.of(document))),
  };
}
