/** Diagnostics: pulled where the client can, pushed after a short rest where it cannot. */
import { DocumentDiagnosticReportKind, type ClientCapabilities, type Connection, type TextDocuments } from "vscode-languageserver/node";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { LanguageService } from "../language/service.js";
import { signalOf } from "./errors.js";

/** Typing is not interrupted by squiggles; a rest this long is. */
const REST_MS = 150;

export function pullsDiagnostics(capabilities: ClientCapabilities): boolean {
  return capabilities.textDocument?.diagnostic !== undefined;
}

export function registerPulledDiagnostics(connection: Connection, documents: Pick<TextDocuments<TextDocument>, "get">, language: LanguageService): void {
  connection.languages.diagnostics.on(({ textDocument }, token) => {
    const document = documents.get(textDocument.uri);
    const items = document === undefined ? [] : [...language.diagnostics(document, signalOf(token))];
    return { kind: DocumentDiagnosticReportKind.Full, items };
  });
}

/** Returns the way to end it. */
export function pushDiagnostics(connection: Connection, documents: TextDocuments<TextDocument>, language: LanguageService): () => void {
  const waiting = new Map<string, NodeJS.Timeout>();
  const publish = (uri: string): void => {
    waiting.delete(uri);
    const document = documents.get(uri);
    if (document === undefined) return;
    void connection.sendDiagnostics({ uri, version: document.version, diagnostics: [...language.diagnostics(document)] });
  };
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
    waiting.forEach((timer) => clearTimeout(timer));
  };
}
