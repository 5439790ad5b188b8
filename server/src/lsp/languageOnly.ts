/** The language features over a connection, without a machine behind them: no files, no videos, no models. */
import { TextDocuments, TextDocumentSyncKind, type Connection, type InitializeParams, type InitializeResult } from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { localised, sayFor, withCells, type LanguagePorts, type LanguageService, type Workspace } from "../language/service.js";
import { CellDocuments } from "./cells.js";
import { pullsDiagnostics, pushDiagnostics, registerPulledDiagnostics } from "./diagnostics.js";
import { featureCapabilities, featureClient, registerFeatures } from "./features.js";

/** Registers everything and starts to listen. Nothing of what a lens would start is there, so none is named. */
export function startLanguageFeatures(connection: Connection, createLanguage: (ports: Partial<LanguagePorts>) => LanguageService): void {
  const documents = new TextDocuments(TextDocument);
  const cells = new CellDocuments();
  const all = { get: (uri: string) => documents.get(uri) ?? cells.get(uri) };
  const ports: Partial<LanguagePorts> = { workspace: openDocuments(documents), logger: { warn: (message) => connection.console.warn(message) } };
  let say = sayFor(undefined);
  const language = localised(withCells(createLanguage(ports), (document) => cells.notebookOf(document)), () => say);
  const nobody = (client: ReturnType<typeof featureClient>): ReturnType<typeof featureClient> => ({ ...client, commands: new Set() });
  let client = nobody(featureClient({}));
  let follow = (): void => undefined;
  let end = (): void => undefined;

  connection.onInitialize(({ capabilities, locale }: InitializeParams): InitializeResult => {
    say = sayFor(locale);
    client = nobody(featureClient(capabilities));
    follow = () => cells.follow(connection, capabilities);
    const pulls = pullsDiagnostics(capabilities);
    if (!pulls) end = pushDiagnostics(connection, documents, cells, language);
    return {
      serverInfo: { name: "vqa" },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        ...cells.capabilities(capabilities),
        ...featureCapabilities(client),
        ...(pulls ? { diagnosticProvider: { identifier: "vqa", interFileDependencies: capabilities.notebookDocument !== undefined, workspaceDiagnostics: false } } : {}),
      },
    };
  });
  connection.onInitialized(() => follow());
  connection.onShutdown(() => end());

  registerFeatures(connection, all, language, () => client, (english) => say(english));
  registerPulledDiagnostics(connection, all, language);
  documents.listen(connection);
  cells.listen(connection);
  connection.listen();
}

/** What the editor has open; nothing else is looked at. */
function openDocuments(documents: TextDocuments<TextDocument>): Workspace {
  return {
    notebooks: () => Promise.resolve(documents.all().filter(({ languageId }) => languageId === "vqa").map(({ uri }) => uri)),
    read: (uri) => Promise.resolve(documents.get(uri)),
    list: () => Promise.resolve([]),
  };
}
