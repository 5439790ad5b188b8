/** Diagnostics: pulled where the client can, pushed after a short rest where it cannot. */
import { DocumentDiagnosticReportKind, type ClientCapabilities, type Connection, type TextDocuments } from "vscode-languageserver/node";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { LanguageService } from "../language/service.js";
import { signalOf, stillWanted } from "./errors.js";

/** Typing is not interrupted by squiggles; a rest this long is. */
const REST_MS = 150;

export function pullsDiagnostics(capabilities: ClientCapabilities): boolean {
  return capabilities.textDocument?.diagnostic !== undefined;
}

export function registerPulledDiagnostics(connection: Connection, documents: Pick<TextDocuments<TextDocument>, "get">, language: LanguageService): void {
  connection.languages.diagnostics.on(async ({ textDocument }, token) => {
    await stillWanted(token);
    const document = documents.get(textDocument.uri);
    const items = document === undefined ? [] : [...language.diagnostics(document, signalOf(token))];
    return { kind: DocumentDiagnosticReportKind.Full, items };
  });
}

/** Cells of a notebook, as far as diagnostics go: a change of one may change what is wrong in others. */
export interface CellEvents {
  get(uri: string): TextDocument | undefined;
  /** Told the cells whose diagnostics may be others now, and those that are gone. */
  onDidChange(listener: (changed: readonly string[], gone: readonly string[]) => void): () => void;
}

/** Returns the way to end it. */
export function pushDiagnostics(connection: Connection, documents: TextDocuments<TextDocument>, cells: CellEvents, language: LanguageService): () => void {
  const waiting = new Map<string, NodeJS.Timeout>();
  /** What cells were last told: one that has nothing new hears nothing. */
  const told = new Map<string, string>();
  const publish = (uri: string): void => {
    waiting.delete(uri);
    const document = documents.get(uri) ?? cells.get(uri);
    if (document === undefined) return;
    const diagnostics = [...language.diagnostics(document)];
    if (documents.get(uri) === undefined) {
      const now = JSON.stringify(diagnostics);
      if ((told.get(uri) ?? "[]") === now) return;
      told.set(uri, now);
    }
    void connection.sendDiagnostics({ uri, version: document.version, diagnostics });
  };
  // Thousands of cells wait together.
  const changedCells = new Set<string>();
  let cellsWait: NodeJS.Timeout | undefined;
  const inCells = cells.onDidChange((changed, gone) => {
    changed.forEach((uri) => changedCells.add(uri));
    clearTimeout(cellsWait);
    cellsWait = setTimeout(() => {
      const uris = [...changedCells];
      changedCells.clear();
      uris.forEach(publish);
    }, REST_MS);
    for (const uri of gone) {
      changedCells.delete(uri);
      if (told.delete(uri)) void connection.sendDiagnostics({ uri, diagnostics: [] });
    }
  });
  const changed = documents.onDidChangeContent(({ document: { uri } }) => {
    clearTimeout(waiting.get(uri));
    waiting.set(uri, setTimeout(publish, REST_MS, uri));
  });
  const closed = documents.onDidClose(({ document: { uri } }) => {
    clearTimeout(waiting.get(uri));
    waiting.delete(uri);
    void connection.sendDiagnostics({ uri, diagnostics: [] });
  });
  return () => {
    changed.dispose();
    closed.dispose();
    inCells();
    clearTimeout(cellsWait);
    waiting.forEach((timer) => clearTimeout(timer));
  };
}
