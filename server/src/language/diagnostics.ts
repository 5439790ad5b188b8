import type { Diagnostic } from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { diagnose, type Notebook, type Problem } from "../format/index.js";

/** LSP's numbers; the package's enumeration would be a dependency at run time for two of them. */
const SEVERITY: Readonly<Record<Problem["severity"], 1 | 2>> = { error: 1, warning: 2 };

export function diagnostics(document: TextDocument, notebook: Notebook): readonly Diagnostic[] {
  return diagnose(notebook).map(({ start, end, severity, code, message }) => ({
    range: { start: document.positionAt(start), end: document.positionAt(end) },
    severity: SEVERITY[severity],
    code,
    source: "vqa",
    message,
  }));
}
