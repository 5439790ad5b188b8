/**
 * The language features over a connection: what is advertised, and one handler for each. A handler
 * finds the document, translates, and calls the language service; it decides nothing.
 *
 * Clients say which commands of theirs a lens may name in the experimental capability
 * `vqa.commands`: `{"experimental": {"vqa": {"commands": ["vqa.play"]}}}`.
 */
import {
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
  type ClientCapabilities,
  type Connection,
  type DocumentSymbol,
  type ServerCapabilities,
  type SymbolInformation,
} from "vscode-languageserver/node";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { ACCEPT, ASK, COMPLETION_TRIGGERS, DESCRIBE, LanguageError, PLAY, REJECT, TOKEN_LEGEND, type Commands, type LanguageService } from "../language/service.js";
import type { Say } from "../protocol/schema.js";
import { confirms } from "./confirms.js";
import { refuseCancelled, responseError, signalOf, stillWanted } from "./errors.js";

/** What the client can take. */
export interface FeatureClient {
  readonly snippets: boolean;
  readonly markdown: boolean;
  readonly nestedSymbols: boolean;
  readonly actionLiterals: boolean;
  readonly prepareRename: boolean;
  readonly commands: Commands;
}

export function featureClient(capabilities: ClientCapabilities): FeatureClient {
  const { textDocument, experimental } = capabilities;
  const own = (experimental as { vqa?: { commands?: unknown } } | undefined)?.vqa?.commands;
  const offered = Array.isArray(own) ? [PLAY, ACCEPT, REJECT].filter((name) => own.includes(name)) : [];
  return {
    snippets: textDocument?.completion?.completionItem?.snippetSupport === true,
    markdown: textDocument?.hover?.contentFormat?.includes("markdown") === true,
    nestedSymbols: textDocument?.documentSymbol?.hierarchicalDocumentSymbolSupport === true,
    actionLiterals: textDocument?.codeAction?.codeActionLiteralSupport !== undefined,
    prepareRename: textDocument?.rename?.prepareSupport === true,
    // The server itself carries out these, through workspace/executeCommand. What a model proposes needs a client that asks its user.
    commands: new Set([ASK, ...(confirms(capabilities) ? [DESCRIBE] : []), ...offered]),
  };
}

export function featureCapabilities(client: FeatureClient): Partial<ServerCapabilities> {
  return {
    completionProvider: { triggerCharacters: [...COMPLETION_TRIGGERS] },
    hoverProvider: true,
    documentSymbolProvider: true,
    workspaceSymbolProvider: true,
    foldingRangeProvider: true,
    semanticTokensProvider: { legend: TOKEN_LEGEND, full: true, range: true },
    codeLensProvider: {},
    inlayHintProvider: true,
    documentLinkProvider: {},
    definitionProvider: true,
    referencesProvider: true,
    documentHighlightProvider: true,
    renameProvider: client.prepareRename ? { prepareProvider: true } : true,
    documentFormattingProvider: true,
    documentRangeFormattingProvider: true,
    selectionRangeProvider: true,
    // Without literals a fix would have to be a command of ours; there is none.
    ...(client.actionLiterals ? { codeActionProvider: { codeActionKinds: ["quickfix", "refactor.rewrite", "source.fixAll.vqa"] } } : {}),
  };
}

interface Documents {
  get(uri: string): TextDocument | undefined;
}

/** Call before the connection listens. `client` is asked when a request comes, which is after initialize; `say` says refusals in its language. */
export function registerFeatures(connection: Connection, documents: Documents, language: LanguageService, client: () => FeatureClient, say: Say): void {
  const guarded = guardedIn(say);
  /** For a document that is not open the answer is `none`. */
  const about =
    <P extends { readonly textDocument: { readonly uri: string } }, R, N>(none: N, work: (document: TextDocument, params: P, signal: AbortSignal) => R | Promise<R>) =>
    async (params: P, token: CancellationToken): Promise<R | N> => {
      const document = documents.get(params.textDocument.uri);
      if (document === undefined) return none;
      const { version } = document;
      // Open documents change in place: positions of the old text would be wrong in the new one.
      const unchanged = (): void => {
        if (document.version !== version) throw new ResponseError(LSPErrorCodes.ContentModified, "The document was changed.");
      };
      return guarded(token, async (signal) => {
        unchanged();
        const result = await work(document, params, signal);
        unchanged();
        return result;
      });
    };

  connection.onCompletion(about(null, (document, { position }, signal) => language.completion(document, position, client(), signal)));
  connection.onHover(about(null, async (document, { position }, signal) => (await language.hover(document, position, client(), signal)) ?? null));
  connection.onDocumentSymbol(
    about([], (document, _params, signal) => {
      const symbols = language.documentSymbols(document, signal);
      return client().nestedSymbols ? symbols : flat(document.uri, symbols);
    }),
  );
  connection.onWorkspaceSymbol(({ query }, token) => guarded(token, (signal) => language.workspaceSymbols(query, signal)));
  connection.onFoldingRanges(about([], (document, _params, signal) => language.foldingRanges(document, signal)));
  connection.languages.semanticTokens.on(about({ data: [] }, (document, _params, signal) => language.semanticTokens(document, undefined, signal)));
  connection.languages.semanticTokens.onRange(about({ data: [] }, (document, { range }, signal) => language.semanticTokens(document, range, signal)));
  connection.onCodeLens(about([], (document, _params, signal) => language.codeLenses(document, client().commands, signal)));
  connection.languages.inlayHint.on(about([], (document, { range }, signal) => language.inlayHints(document, range, signal)));
  connection.onDocumentLinks(about([], (document, _params, signal) => language.documentLinks(document, signal)));
  connection.onDefinition(about([], (document, { position }, signal) => language.definition(document, position, signal)));
  connection.onReferences(about([], (document, { position, context }, signal) => language.references(document, position, context.includeDeclaration, signal)));
  connection.onDocumentHighlight(about([], (document, { position }, signal) => language.documentHighlights(document, position, signal)));
  connection.onPrepareRename(about(null, (document, { position }, signal) => language.prepareRename(document, position, signal) ?? null));
  connection.onRenameRequest(about(null, (document, { position, newName }, signal) => language.rename(document, position, newName, signal) ?? null));
  connection.onDocumentFormatting(about([], (document, _params, signal) => language.formatting(document, undefined, signal)));
  connection.onDocumentRangeFormatting(about([], (document, { range }, signal) => language.formatting(document, range, signal)));
  connection.onSelectionRanges(about([], (document, { positions }, signal) => language.selectionRanges(document, positions, signal)));
  connection.onCodeAction(
    about([], (document, { range, context: { only, diagnostics } }, signal) =>
      language.codeActions(document, range, { commands: client().commands, diagnostics, ...(only === undefined ? {} : { only }) }, signal),
    ),
  );
}

/** Nothing that is thrown ends the server; a request that was stopped ends as one. */
const guardedIn =
  (say: Say) =>
  async <R>(token: CancellationToken, work: (signal: AbortSignal) => R | Promise<R>): Promise<R> => {
    await stillWanted(token);
    try {
      const result = await work(signalOf(token));
      refuseCancelled(token);
      return result;
    } catch (thrown) {
      if (thrown instanceof LanguageError) throw new ResponseError(LSPErrorCodes.RequestFailed, `${say(thrown.message)} ${say(thrown.next)}`);
      throw responseError(thrown, say);
    }
  };

/** For clients that know no nesting. */
function flat(uri: string, symbols: readonly DocumentSymbol[], container?: string): SymbolInformation[] {
  return symbols.flatMap(({ name, kind, selectionRange, children = [] }) => [
    { name, kind, location: { uri, range: selectionRange }, ...(container === undefined ? {} : { containerName: container }) },
    ...flat(uri, children, name),
  ]);
}
