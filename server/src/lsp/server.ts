/**
 * The server over one connection: life cycle, documents, and a handler for each message of the
 * protocol. Nothing is decided here; every line leads to a feature or to the backend.
 */
import {
  ErrorCodes,
  LSPErrorCodes,
  ResponseError,
  TextDocuments,
  TextDocumentSyncKind,
  type CancellationToken,
  type ClientCapabilities,
  type Connection,
  type InitializeParams,
  type InitializeResult,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { VqaError } from "../engine/errors.js";
import { localised, NETFLIX_ENGLISH, sayFor, withCells, type CaptionStyle, type LanguagePorts, type LanguageService } from "../language/service.js";
import { wordsIn } from "../language/locale/server.js";
import { Ask, Check, Index, Run, RunPartialSchema, Evidence } from "../protocol/asking.js";
import { AskCommand, COMMANDS } from "../protocol/commands.js";
import { Frames, Probe, Proxy, Scenes, SpriteSheet, Transcribe, Waveform, FrameTimes } from "../protocol/media.js";
import { InitializationOptionsSchema, type InitializationOptions } from "../protocol/options.js";
import { GetStatus, Playhead, Restart, StatusChanged, StatusSchema, Stop, type Status } from "../protocol/status.js";
import { Hardware } from "../protocol/hardware.js";
import { Agreement, Evaluation, ExportNotebooks, ImportDataset, Survey } from "../protocol/datasets.js";
import { Cache, ClearCache } from "../protocol/cache.js";
import { Catalogue, Models, PullModel, RemoveModel } from "../protocol/models.js";
import { decode, inWords, type Schema, type TypeOf } from "../protocol/schema.js";
import { PROTOCOL_VERSION } from "../protocol/version.js";
import { cleared, measured } from "./cache.js";
import { captionCapabilities, captionCommand, registerInlineCaptions } from "./captions.js";
import { CellDocuments } from "./cells.js";
import { agreement, evaluation, exportNotebooks, importDataset, survey } from "./datasets.js";
import { pullsDiagnostics, pushDiagnostics, registerPulledDiagnostics } from "./diagnostics.js";
import { responseError, signalOf, stillWanted } from "./errors.js";
import { featureCapabilities, featureClient, registerFeatures } from "./features.js";
import { languagePorts } from "./languagePorts.js";
import { hardware } from "./hardware.js";
import { catalogue, listModels, pullModel, removeModel } from "./models.js";
import { askCommand, check, run, evidence } from "./notebooks.js";
import { Playheads } from "./playheads.js";
import type { Answerer, Backend } from "./ports.js";
import { inLanguage, type ProgressSink } from "./progress.js";
import { ask, frames, index, probe, proxy, scenes, sprites, transcribe, waveform, frameTimes } from "./questions.js";
import { FileWorkspace } from "./workspace.js";

export interface ServerParts {
  readonly createLanguage: (ports: LanguagePorts) => LanguageService;
  /** Called once, with the options of the client. */
  /** `folders` gives the URIs of the workspace as it is then. */
  readonly createBackend: (options: InitializationOptions, folders: () => readonly string[]) => Backend;
  readonly version: string;
}

/** Tells when the last question that ran has ended. Returns the way to end it. */
function whenIdle(answerer: Answerer, tell: () => void): () => void {
  let busy = false;
  return answerer.onStatus(() => {
    const { running } = answerer.status();
    if (busy && running === 0) tell();
    busy = running > 0;
  });
}

/** Registers everything and starts to listen. */
export function startServer(connection: Connection, parts: ServerParts): void {
  const documents = new TextDocuments(TextDocument);
  let backend: Backend | undefined;
  let capabilities: ClientCapabilities = {};
  let client = featureClient(capabilities);
  let folders: readonly string[] = [];
  let ended = false;
  const endings: (() => void)[] = [];
  const cells = new CellDocuments();
  const playheads = new Playheads();
  let captionStyle: CaptionStyle = NETFLIX_ENGLISH;
  const all = { get: (uri: string) => documents.get(uri) ?? cells.get(uri) };
  let say = sayFor(undefined);
  let words = wordsIn(undefined);
  /** Everything that is said to people goes out through here; logs stay English. */
  const told = (english: string): string => words(english);
  const language = localised(withCells(parts.createLanguage(languagePorts(connection, new FileWorkspace(documents, () => folders), () => backend, playheads, () => captionStyle)), (document) => cells.notebookOf(document)), () => say);

  const status = (current: Backend): Status => ({
    server: parts.version,
    protocol: PROTOCOL_VERSION,
    model: current.defaultModel,
    ...current.answerer.status(),
  });

  connection.onInitialize((params: InitializeParams): InitializeResult => {
    say = sayFor(params.locale);
    words = wordsIn(params.locale);
    try {
      const options = decode(InitializationOptionsSchema, params.initializationOptions ?? {}, "initializationOptions");
      captionStyle = { ...NETFLIX_ENGLISH, ...options.captions };
      backend = parts.createBackend(options, () => folders);
    } catch (thrown) {
      throw responseError(thrown, told);
    }
    capabilities = params.capabilities;
    client = featureClient(capabilities);
    folders = params.workspaceFolders?.map(({ uri }) => uri) ?? (params.rootUri === null ? [] : [params.rootUri]);
    const pulls = pullsDiagnostics(capabilities);
    if (!pulls) endings.push(pushDiagnostics(connection, documents, cells, language));
    return {
      serverInfo: { name: "vqa", version: parts.version },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        executeCommandProvider: { commands: Object.values(COMMANDS).map(({ command }) => command), workDoneProgress: true },
        ...cells.capabilities(capabilities),
        ...featureCapabilities(client),
        ...captionCapabilities(capabilities),
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
        ...(pulls ? { diagnosticProvider: { identifier: "vqa", interFileDependencies: capabilities.notebookDocument !== undefined, workspaceDiagnostics: false } } : {}),
        experimental: { vqa: { protocol: PROTOCOL_VERSION } },
      },
    };
  });

  connection.onInitialized(() => {
    cells.follow(connection, capabilities);
    const current = backend;
    if (current === undefined) return;
    if (capabilities.workspace?.workspaceFolders === true) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = new Set(removed.map(({ uri }) => uri));
        folders = [...folders.filter((uri) => !gone.has(uri)), ...added.map(({ uri }) => uri)];
      });
    }
    endings.push(whenIdle(current.answerer, () => {
      // Whether answers are stale is known while a model is in memory.
      if (capabilities.workspace?.codeLens?.refreshSupport === true) void connection.sendRequest("workspace/codeLens/refresh").catch(() => undefined);
    }));
    endings.push(current.answerer.onStatus(() => void connection.sendNotification(StatusChanged.method, inWords(StatusSchema, status(current), told)).catch(() => undefined)));
  });

  connection.onShutdown(async () => {
    ended = true;
    endings.forEach((end) => end());
    await backend?.answerer.dispose();
  });

  /** A request of ours: only between initialize and shutdown, and with typed errors. */
  const handle = <M extends { readonly method: string; readonly result: Schema<object>; readonly partial?: Schema<unknown> }>(
    { method, result, partial }: M,
    work: (backend: Backend, params: unknown, token: CancellationToken, sink: ProgressSink) => TypeOf<M["result"]> | Promise<TypeOf<M["result"]>>,
  ): void => {
    connection.onRequest(method, async (params: unknown, token: CancellationToken): Promise<object> => {
      if (ended) throw new ResponseError(ErrorCodes.InvalidRequest, "The server is shutting down.");
      if (backend === undefined) throw new ResponseError(ErrorCodes.ServerNotInitialized, "Send initialize first.");
      await stillWanted(token);
      try {
        return inWords(result, (await work(backend, params, token, inLanguage(connection, partial, told))) as object, told);
      } catch (thrown) {
        throw responseError(thrown, told);
      }
    });
  };

  handle(Ask, (current, params, token, sink) => ask(sink, current, documents, params, token));
  handle(Run, (current, params, token, sink) => run(sink, current, documents, params, token));
  handle(Check, (current, params, token) => check(current, documents, params, token));
  handle(Evidence, (current, params, token) => evidence(current, documents, params, token));
  handle(Probe, (current, params, token) => probe(current, params, token));
  handle(Frames, (current, params, token) => frames(current, params, token));
  handle(FrameTimes, (current, params, token) => frameTimes(current, params, token));
  handle(Cache, (current, params) => measured(current, params));
  handle(ClearCache, (current, params) => cleared(current, params));
  handle(Waveform, (current, params, token) => waveform(current, params, token));
  handle(Proxy, (current, params, token, sink) => proxy(sink, current, params, token));
  handle(Scenes, (current, params, token, sink) => scenes(sink, current, params, token));
  handle(SpriteSheet, (current, params, token, sink) => sprites(sink, current, params, token));
  handle(Models, (current, params, token) => listModels(current, params, token));
  handle(Catalogue, (current, params) => catalogue(current, params));
  handle(PullModel, (current, params, token, sink) => pullModel(sink, current, params, token));
  handle(RemoveModel, (current, params, token) => removeModel(current, params, token));
  handle(Hardware, (current, params, token) => hardware(current, params, token));
  handle(Index, (current, params, token, sink) => index(sink, current, params, token));
  handle(Transcribe, (current, params, token, sink) => transcribe(sink, current, params, token));
  handle(ImportDataset, (current, params, token, sink) => importDataset(sink, current, params, token));
  handle(ExportNotebooks, (current, params, token, sink) => exportNotebooks(sink, current, params, token));
  handle(Survey, (current, params, token) => survey(current, params, token));
  handle(Agreement, (current, params, token, sink) => agreement(sink, current, params, token));
  handle(Evaluation, (current, params, token, sink) => evaluation(sink, current, params, token));
  handle(GetStatus, (current) => status(current));
  handle(Stop, (current) => ({ stopped: current.answerer.stopAll() }));
  handle(Restart, (current) => {
    current.answerer.restart();
    return {};
  });

  connection.onExecuteCommand(async ({ command, arguments: given, workDoneToken }, token) => {
    await stillWanted(token);
    try {
      if (backend === undefined || ended) throw new ResponseError(LSPErrorCodes.RequestFailed, "The server is not running.");
      const captions = captionCommand({ connection, capabilities, backend, documents: all, language: language.captions, say: told }, command, given?.[0], signalOf(token));
      if (captions !== undefined) return await captions;
      if (command !== AskCommand.command) throw new VqaError("invalid-request", `There is no command "${command}".`, "");
      const sink = inLanguage(connection, RunPartialSchema, told);
      return inWords(AskCommand.result, await askCommand(connection, sink, capabilities, backend, documents, given?.[0], workDoneToken, token), told);
    } catch (thrown) {
      throw responseError(thrown, told);
    }
  });

  connection.onNotification(Playhead.method, (params: unknown) => {
    try {
      playheads.moved(params);
    } catch (thrown) {
      // A notification has no answer that could tell.
      connection.console.warn(VqaError.from(thrown).message);
    }
  });

  registerFeatures(connection, all, language, () => client, told);
  registerInlineCaptions(connection, all, language.captions, () => backend);
  registerPulledDiagnostics(connection, all, language);
  documents.listen(connection);
  cells.listen(connection);
  connection.listen();
}
