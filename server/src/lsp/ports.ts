/** What the server needs from the machine it runs on; `main.ts` provides it. */
import type { Answer, AskRequest, IndexRequest, Span, SummarisedClip } from "../engine/answer.js";
import type { Cue, MediaInfo, Progress, SceneList, SceneRequest, Transcript } from "../engine/ports.js";
import type { HardwareReport } from "../protocol/hardware.js";
import type { AgreementResult, EvaluationPartial, EvaluationResult, ExportParams, ExportResult, ImportParams, ImportResult, SurveyedNotebook } from "../protocol/datasets.js";
import type { CacheResult } from "../protocol/cache.js";
import type { CatalogueResult, ModelInfo, PullParams, PullProgress, PullResult } from "../protocol/models.js";
import type { DeviceSetting } from "../protocol/values.js";
import type { CheckResult, QuestionResult, Selection, EvidenceResult } from "../protocol/asking.js";
import type { FramesResult, ProxyParams, SpritesResult } from "../protocol/media.js";
import type { Status } from "../protocol/status.js";

export interface AskHooks {
  readonly onText?: ((delta: string) => void) | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface ListenHooks {
  readonly onCues?: ((cues: readonly Cue[]) => void) | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface ListenParams {
  readonly path: string;
  readonly model: string;
  /** None: all of the video. */
  readonly spans: readonly Span[];
  /** ISO 639-1 codes, best first. */
  readonly languages: readonly string[];
}

export interface IndexHooks {
  readonly onClip?: (clip: SummarisedClip, done: number, total: number) => void;
  readonly onProgress?: (progress: Progress) => void;
}

/** Answers questions in another process. Errors: those of the messages `vqa/ask`, `vqa/probe` and `vqa/frames`. */
export interface Answerer {
  ask(request: AskRequest, model: string, hooks?: AskHooks, signal?: AbortSignal): Promise<Answer>;
  probe(path: string, signal?: AbortSignal): Promise<MediaInfo>;
  pictures(path: string, timesMs: readonly number[], width: number, signal?: AbortSignal): Promise<FramesResult["pictures"]>;
  /** When the frames from one time to another begin. */
  frameTimes(path: string, fromMs: number, toMs: number, signal?: AbortSignal): Promise<readonly number[]>;
  peaks(path: string, buckets: number, signal?: AbortSignal): Promise<readonly number[]>;
  /** @param onFraction told how much of the copy is done */
  proxy(path: string, kind: ProxyParams["kind"], onFraction: (fraction: number) => void, signal?: AbortSignal): Promise<string>;
  scenes(request: SceneRequest, onFraction: (fraction: number) => void, signal?: AbortSignal): Promise<SceneList>;
  sprites(path: string, count: number, width: number, onFraction: (fraction: number) => void, signal?: AbortSignal): Promise<SpritesResult>;
  transcribe(params: ListenParams, hooks?: ListenHooks, signal?: AbortSignal): Promise<Transcript>;
  index(params: { readonly request: IndexRequest; readonly model: string }, hooks?: IndexHooks, signal?: AbortSignal): Promise<readonly SummarisedClip[]>;
  status(): Pick<Status, "worker" | "waiting" | "running">;
  onStatus(listener: () => void): () => void;
  stopAll(): number;
  restart(): void;
  dispose(): Promise<void>;
}

export interface RunEvents {
  readonly onStarted?: (question: number, of: number) => void;
  readonly onText?: (question: number, delta: string) => void;
  readonly onProgress?: (question: number, progress: Progress) => void;
  readonly onFinished?: (result: QuestionResult) => void;
}

export interface NotebookText {
  /** Absolute path: videos are named relative to it. */
  readonly path: string;
  readonly source: string;
}

export interface NotebookRun {
  readonly results: readonly QuestionResult[];
  readonly score: { readonly right: number; readonly graded: number };
  readonly stopped: boolean;
  /** Offsets into the source, not overlapping: what stores the answers. */
  readonly edits: readonly { readonly start: number; readonly end: number; readonly newText: string }[];
}

/** Answers questions of a notebook. A question that fails is a result; a stop ends the run and keeps its answers; a notebook that cannot be read throws. */
export type RunNotebook = (
  notebook: NotebookText,
  options: { readonly questions: Selection; readonly model?: string | undefined },
  events: RunEvents,
  signal?: AbortSignal,
) => Promise<NotebookRun>;

/** Looks at the answers of a notebook; with `freshness` the model is loaded. */
export type CheckNotebook = (
  notebook: NotebookText,
  options: { readonly freshness: boolean; readonly model?: string | undefined },
  signal?: AbortSignal,
) => Promise<CheckResult>;

/** The model packs of this machine. */
export interface ModelStore {
  /** Folder of installed packs. */
  readonly folder: string;
  list(signal?: AbortSignal): Promise<readonly ModelInfo[]>;
  catalogue(): Promise<CatalogueResult>;
  pull(params: Pick<PullParams, "id" | "token" | "again">, onProgress: (progress: PullProgress) => void, signal?: AbortSignal): Promise<PullResult>;
  remove(id: string, signal?: AbortSignal): Promise<void>;
}
/** What a question of a notebook would be answered from, and with `weigh` how much each part counts. Loads the model. */
export type EvidenceOf = (notebook: NotebookText, options: { readonly question: number; readonly model?: string | undefined; readonly weigh?: boolean | undefined; readonly onlyFor?: string | undefined }, signal?: AbortSignal) => Promise<EvidenceResult>;

/** A question under a notebook's header and cues, with the model that it names. Error: notebook-unreadable. */
export type RequestUnder = (notebook: NotebookText, request: AskRequest) => { readonly request: AskRequest; readonly model?: string | undefined };

/** A notebook of many: in the file, unless `text` says what it is. */
export interface NotebookSource {
  /** Absolute. */
  readonly path: string;
  /** For messages. */
  readonly name: string;
  readonly text?: string | undefined;
}

/** `key`: as the request names the notebook. */
export type EvaluatedRun = { readonly kind: "report"; readonly folder: string } | { readonly kind: "notebooks"; readonly notebooks: readonly (NotebookSource & { readonly key: string })[]; readonly model?: string | undefined };

/** Errors: those of the messages. */
export interface Datasets {
  importDataset(params: Omit<ImportParams, "partialResultToken">, onRecords: (records: number) => void, signal: AbortSignal): Promise<ImportResult>;
  exportNotebooks(params: Omit<ExportParams, "partialResultToken" | "notebooks"> & { readonly notebooks: readonly NotebookSource[] }, onNotebooks: (notebooks: number) => void, signal: AbortSignal): Promise<ExportResult>;
  agreement(notebooks: readonly NotebookSource[], onNotebooks: (notebooks: number) => void, signal: AbortSignal): Promise<Omit<AgreementResult, "voted"> & { readonly voted: readonly (Omit<AgreementResult["voted"][number], "notebook"> & { /** Its place in the request. */ readonly notebook: number })[] }>;
  evaluation(runs: readonly EvaluatedRun[], onRows: (partial: EvaluationPartial) => void, signal: AbortSignal): Promise<EvaluationResult>;
  survey(notebooks: readonly NotebookSource[], freshness: boolean, signal: AbortSignal): Promise<readonly Omit<SurveyedNotebook, "notebook">[]>;
}

/** What is kept of videos on this machine's disk. */
export interface CacheStore {
  measure(): Promise<CacheResult>;
  clear(): Promise<CacheResult>;
}

export interface Backend {
  readonly cache: CacheStore;
  readonly datasets: Datasets;
  readonly answerer: Answerer;
  readonly models: ModelStore;
  readonly runNotebook: RunNotebook;
  readonly checkNotebook: CheckNotebook;
  readonly evidenceOf: EvidenceOf;
  /** The id of inputs that an answer of this run to a question, from 0, would have now; undefined when that cannot be told without loading a model. */
  readonly currentInput: (notebook: NotebookText, question: number, run8: string, signal?: AbortSignal) => Promise<string | undefined>;
  readonly requestUnder: RequestUnder;
  /** For questions that name no model. */
  readonly defaultModel: string;
  /** What this machine has, with the server's own device or another one. Error: cancelled. */
  readonly examine: (device: DeviceSetting | undefined, signal?: AbortSignal) => Promise<HardwareReport>;
}
