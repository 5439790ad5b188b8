/** The server behind typed calls. It is a process of its own, started by the first call. */
import * as vscode from "vscode";
import { LanguageClient, ProgressType, State, TransportKind, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import { Ask, Check, Run, type AskParams, type AskPartial, type CheckParams, type CheckResult, type RunParams, type RunPartial, type RunResult, Evidence, type EvidenceParams, type EvidenceResult, Index, type IndexParams, type IndexPartial, type IndexResult } from "../server/src/protocol/asking.js";
import { AskCommand } from "../server/src/protocol/commands.js";
import { Frames, Probe, Proxy, Waveform, type FramesParams, type FramesResult, type ProxyParams, type ProxyPartial, type ProxyResult, type WaveformResult, Transcribe, type TranscribeParams, type TranscribePartial, type TranscribeResult, type ScenesResult, type ScenesPartial, type FrameTimesResult, Scenes, FrameTimes } from "../server/src/protocol/media.js";
import type { InitializationOptions } from "../server/src/protocol/options.js";
import { Playhead, Restart, StatusChanged, type Status } from "../server/src/protocol/status.js";
import { Agreement, Evaluation, ExportNotebooks, ImportDataset, Survey, type AgreementParams, type AgreementPartial, type AgreementResult, type EvaluationParams, type EvaluationPartial, type EvaluationResult, type ExportParams, type ExportPartial, type ExportResult, type ImportParams, type ImportPartial, type ImportResult, type SurveyParams, type SurveyResult } from "../server/src/protocol/datasets.js";
import { Catalogue, Models, PullModel, RemoveModel, type CatalogueResult, type ModelsResult, type PullParams, type PullProgress, type PullResult } from "../server/src/protocol/models.js";
import { Hardware, type HardwareReport } from "../server/src/protocol/hardware.js";
import { Cache, ClearCache, type CacheResult } from "../server/src/protocol/cache.js";
import type { Answer, MediaInfo } from "../server/src/protocol/values.js";
import { hostOf } from "./remote/agreement.js";
import { Restartable } from "./restartable.js";
import { serverOptions } from "./serverOptions.js";

/** By their names too: another extension may call their languages differently. */
const SUBTITLES = ["file", "untitled"].flatMap((scheme) => [
  { language: "subrip", scheme },
  { language: "webvtt", scheme },
  { pattern: "**/*.{srt,vtt}", scheme },
]);

export class Server implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #statusChanged = new vscode.EventEmitter<Status | undefined>();
  readonly #output: vscode.LogOutputChannel;
  readonly #client = new Restartable(
    () => serverOptions(this.#context),
    (told) => this.#launch(told),
    (client) => this.#end(client),
  );
  #status: Status | undefined;
  #tokens = 0;

  /** Undefined when the server is not there. */
  readonly onDidChangeStatus = this.#statusChanged.event;

  /** The engine elsewhere that the server may ask, since the user agreed to it here. */
  remote: { readonly url: string; readonly model: string } | undefined;

  constructor(context: vscode.ExtensionContext, output: vscode.LogOutputChannel) {
    this.#context = context;
    this.#output = output;
  }

  get status(): Status | undefined {
    return this.#status;
  }

  /** Starts the server when it is not there. Error: it does not start. */
  async start(): Promise<void> {
    await this.#started();
  }

  run(params: RunParams, onPartial: (partial: RunPartial) => void, token: vscode.CancellationToken): Promise<RunResult> {
    return this.#streamed<RunPartial, RunResult>(Run.method, params, onPartial, token);
  }

  ask(params: AskParams, onPartial: (partial: AskPartial) => void, token: vscode.CancellationToken): Promise<Answer> {
    return this.#streamed<AskPartial, Answer>(Ask.method, params, onPartial, token);
  }

  /** What is said in a video. */
  transcribe(params: TranscribeParams, onPartial: (partial: TranscribePartial) => void, token: vscode.CancellationToken): Promise<TranscribeResult> {
    return this.#streamed<TranscribePartial, TranscribeResult>(Transcribe.method, params, onPartial, token);
  }

  /** Has the clips of a long video summarised. */
  index(params: IndexParams, onPartial: (partial: IndexPartial) => void, token: vscode.CancellationToken): Promise<IndexResult> {
    return this.#streamed<IndexPartial, IndexResult>(Index.method, params, onPartial, token);
  }

  async check(params: CheckParams): Promise<CheckResult> {
    return (await this.#started()).sendRequest<CheckResult>(Check.method, params);
  }

  async evidence(params: EvidenceParams, token?: vscode.CancellationToken): Promise<EvidenceResult> {
    return (await this.#started()).sendRequest<EvidenceResult>(Evidence.method, params, ...(token === undefined ? [] : [token]));
  }

  async frames(params: FramesParams): Promise<FramesResult> {
    return (await this.#started()).sendRequest<FramesResult>(Frames.method, params);
  }

  /** Notebooks from the files of other programs, or what would come of it. */
  importDataset(params: ImportParams, onPartial: (partial: ImportPartial) => void, token: vscode.CancellationToken): Promise<ImportResult> {
    return this.#streamed<ImportPartial, ImportResult>(ImportDataset.method, params, onPartial, token);
  }

  /** Files of other programs from notebooks, or what would come of it. */
  exportNotebooks(params: ExportParams, onPartial: (partial: ExportPartial) => void, token: vscode.CancellationToken): Promise<ExportResult> {
    return this.#streamed<ExportPartial, ExportResult>(ExportNotebooks.method, params, onPartial, token);
  }

  /** How far the people agree who answered the questions of notebooks. */
  agreement(params: AgreementParams, onPartial: (partial: AgreementPartial) => void, token: vscode.CancellationToken): Promise<AgreementResult> {
    return this.#streamed<AgreementPartial, AgreementResult>(Agreement.method, params, onPartial, token);
  }

  /** One evaluation, or two side by side. Their rows come in pieces. */
  evaluation(params: EvaluationParams, onPartial: (partial: EvaluationPartial) => void, token: vscode.CancellationToken): Promise<EvaluationResult> {
    return this.#streamed<EvaluationPartial, EvaluationResult>(Evaluation.method, params, onPartial, token);
  }

  /** What notebooks ask and what was answered, some notebooks at a time. */
  async survey(params: SurveyParams, token: vscode.CancellationToken): Promise<SurveyResult> {
    return (await this.#started()).sendRequest<SurveyResult>(Survey.method, params, token);
  }

  /** The models that can be downloaded. */
  async catalogue(): Promise<CatalogueResult> {
    return (await this.#started()).sendRequest<CatalogueResult>(Catalogue.method, {});
  }

  /** Only after the user chose that model. */
  pullModel(params: PullParams, onProgress: (progress: PullProgress) => void, token: vscode.CancellationToken): Promise<PullResult> {
    return this.#streamed<PullProgress, PullResult>(PullModel.method, params, onProgress, token);
  }

  async removeModel(id: string): Promise<void> {
    await (await this.#started()).sendRequest(RemoveModel.method, { id });
  }

  /** The model packs of this machine. */
  async models(): Promise<ModelsResult> {
    return (await this.#started()).sendRequest<ModelsResult>(Models.method, {});
  }

  /** Looks with a process of its own; takes seconds. */
  async hardware(token: vscode.CancellationToken): Promise<HardwareReport> {
    return (await this.#started()).sendRequest<HardwareReport>(Hardware.method, {}, token);
  }

  async probe(video: string): Promise<MediaInfo> {
    return (await this.#started()).sendRequest<MediaInfo>(Probe.method, { video });
  }

  /** When the frames from one time to another begin. */
  async frameTimes(video: string, fromMs: number, toMs: number): Promise<readonly number[]> {
    return (await (await this.#started()).sendRequest<FrameTimesResult>(FrameTimes.method, { video, fromMs, toMs })).timesMs;
  }

  /** Where the film cuts from one shot to the next, ms. */
  async cuts(video: string, onFraction: (fraction: number) => void, token: vscode.CancellationToken): Promise<readonly number[]> {
    return (await this.#streamed<ScenesPartial, ScenesResult>(Scenes.method, { video }, ({ fraction }) => onFraction(fraction), token)).cuts.map(({ timeMs }) => timeMs);
  }

  /** What is kept of videos. */
  async cache(): Promise<CacheResult> {
    return (await this.#started()).sendRequest<CacheResult>(Cache.method, {});
  }

  /** Only after the user said so. Tells what was removed. */
  async clearCache(): Promise<CacheResult> {
    return (await this.#started()).sendRequest<CacheResult>(ClearCache.method, {});
  }

  async waveform(video: string, buckets: number): Promise<readonly number[]> {
    return (await (await this.#started()).sendRequest<WaveformResult>(Waveform.method, { video, buckets })).peaks;
  }

  /** The path of a copy of the video that the editor can play. */
  async proxy(params: ProxyParams, onFraction: (fraction: number) => void, token: vscode.CancellationToken): Promise<string> {
    return (await this.#streamed<ProxyPartial, ProxyResult>(Proxy.method, params, ({ fraction }) => onFraction(fraction), token)).path;
  }

  /** Tells where a player stands; without a time that it was closed. A server that is not there need not know. */
  playhead(video: string, timeMs?: number): void {
    this.#client.current?.then((client) => client.sendNotification(Playhead.method, { video, ...(timeMs === undefined ? {} : { timeMs }) })).catch(() => undefined);
  }

  /** Carries out a command of the server. */
  async command<R>(name: string, argument: object): Promise<R> {
    return (await this.#started()).sendRequest<R>("workspace/executeCommand", { command: name, arguments: [argument] });
  }

  /** Carries out the command of the lenses "Ask", in the server's place. */
  onAsk: ((argument: unknown) => Promise<void>) | undefined;

  /** Ends the model process; the next question starts a new one. */
  async restartModel(): Promise<void> {
    await (await this.#started()).sendRequest(Restart.method, {});
  }

  /**
   * Starts the server when it is not there, and anew when the settings that it started with have changed. Error: it does not start.
   * @param change of settings, which is waited for
   */
  async renew(change?: Promise<unknown>): Promise<void> {
    await this.#client.renewed(change);
    await this.#started();
  }

  /** Ends the server; the next call starts it with the settings of that time. */
  stop(): Promise<void> {
    return this.#client.stop();
  }

  dispose(): void {
    void this.stop();
    this.#statusChanged.dispose();
  }

  async #streamed<P, R>(method: string, params: object, onPartial: (partial: P) => void, token: vscode.CancellationToken): Promise<R> {
    const client = await this.#started();
    const partialResultToken = `vqa ${++this.#tokens}`;
    const listening = client.onProgress(new ProgressType<P>(), partialResultToken, onPartial);
    try {
      return await client.sendRequest<R>(method, { ...params, partialResultToken }, token);
    } finally {
      listening.dispose();
    }
  }

  async #started(): Promise<LanguageClient> {
    const client = await this.#client.started();
    // A server that crashed is started anew, and given up when that happens too often. Whoever asks again wants another try.
    if (client.state !== State.Stopped && client.state !== State.StartFailed) return client;
    if (this.#client.current !== undefined && (await this.#client.current) === client) void this.#client.stop();
    return this.#client.started();
  }

  async #launch(told: InitializationOptions): Promise<LanguageClient> {
    const { remote } = told;
    this.remote = remote && { url: remote.url, model: remote.model };
    this.#output.info(`The server starts${remote === undefined ? "" : `, and may ask ${remote.model} at ${hostOf(remote.url)}`}.`);
    const module = this.#context.asAbsolutePath("dist/server/main.js");
    const server: ServerOptions = { module, transport: TransportKind.ipc, options: { execArgv: ["--max-semi-space-size=64"] } };
    const options: LanguageClientOptions = {
      // Cells are synchronised as parts of their notebook, which the server asks for; named here they get the language features, too.
      documentSelector: [...["file", "untitled"].map((scheme) => ({ language: "vqa", scheme })), ...SUBTITLES, ...["vqa", "vqa-cues"].map((language) => ({ notebook: "vqa-notebook", language }))],
      initializationOptions: told,
      outputChannel: this.#output,
      middleware: {
        // Answers are shown here while they come.
        executeCommand: (command, args: unknown[], next) => (command === AskCommand.command && this.onAsk !== undefined ? this.onAsk(args[0]) : next(command, args)),
      },
    };
    const client = new LanguageClient("vqa", "VQA", server, options);
    client.registerFeature({
      // The commands of ours that a code lens may name.
      fillClientCapabilities: (capabilities) => void (capabilities.experimental = { ...(capabilities.experimental as object | undefined), vqa: { commands: ["vqa.play", "vqa.acceptAnswer", "vqa.rejectAnswer"] } }),
      initialize: () => undefined,
      getState: () => ({ kind: "static" }),
      clear: () => undefined,
    });
    client.onNotification(StatusChanged.method, (status: Status) => this.#tell(status));
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped) this.#tell(undefined);
    });
    await client.start();
    return client;
  }

  async #end(client: LanguageClient): Promise<void> {
    this.#tell(undefined);
    try {
      await client.dispose();
    } catch (thrown) {
      this.#output.warn(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  #tell(status: Status | undefined): void {
    this.#status = status;
    this.#statusChanged.fire(status);
  }
}
