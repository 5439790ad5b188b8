/**
 * Every message between an editor and the server that LSP itself does not define. This table is the
 * only definition: the server registers its handlers from it, clients take their types from it, and
 * PROTOCOL.md is printed from it.
 */
import type { ErrorCode } from "../engine/errors.js";
import { array, between, boolean, named, number, object, oneOf, optional, string, tagged, text, union, whole, words, type Schema, type TypeOf } from "./schema.js";
import { Cache, ClearCache } from "./cache.js";
import { ExportNotebooks, ImportDataset, Survey } from "./datasets.js";
import { Hardware } from "./hardware.js";
import { RemoteConfigSchema } from "./remote.js";
import { Agreement, Evaluation } from "./datasets.js";
import { Catalogue, Models, PullModel, RemoveModel } from "./models.js";
import { EvidenceSchema, AnswerSchema, AskRequestSchema, CONTEXT_SIZE, CueSchema, DeviceSettingSchema, ErrorSchema, MAX_PICTURES, MediaInfoSchema, PICTURE_WIDTH, PictureSchema, ProgressSchema, ProxyKindSchema, SCENE_THRESHOLD, SceneModeSchema, ScenesSchema, SPRITE_COUNT, SpritesSchema, WAVEFORM_BUCKETS, SpanSchema, OutlookSchema, MAX_SPANS, SpeechOutcomeSchema, IndexRequestSchema, LongSchema, SummarisedClipSchema, FRAME_TIMES } from "./values.js";

export type Direction = "client to server" | "server to client";

export interface Message {
  readonly method: string;
  readonly kind: "request" | "notification";
  readonly direction: Direction;
  /** When it is sent, and what it does: a sentence or two. */
  readonly when: string;
  readonly params: Schema<unknown>;
  /** Requests only. */
  readonly result?: Schema<unknown>;
  /** Values of `$/progress` under the request's `partialResultToken`. */
  readonly partial?: Schema<unknown>;
  /** Typed errors that the request can end with, besides `invalid-request`, `cancelled` and `internal`. */
  readonly errors: readonly ErrorCode[];
}

export interface Command {
  readonly command: string;
  readonly when: string;
  /** The list of arguments. */
  readonly argument: Schema<unknown>;
  readonly result: Schema<unknown>;
  readonly errors: readonly ErrorCode[];
}

const token = union(string, number);

const VIDEO_ERRORS: readonly ErrorCode[] = [
  "video-not-found",
  "video-empty",
  "video-unreadable",
  "video-refused",
  "no-video-stream",
  "time-out-of-range",
  "decoder-missing",
  "decoder-failed",
  "limit-exceeded",
];

const ASK_ERRORS: readonly ErrorCode[] = [
  ...VIDEO_ERRORS,
  "subtitles-unreadable",
  "model-missing",
  "model-damaged",
  "model-unsupported",
  "context-overflow",
  "worker-crashed",
  "worker-unavailable",
];

/** One piece of an answer, or how far its making is. Concatenated, the texts are the answer's text. */
export const AskPartialSchema = named(
  "AskPartial",
  tagged("kind", { text: object({ text: string }), progress: object({ progress: ProgressSchema }) }),
);

const DocumentSchema = named(
  "Document",
  object({ uri: text, version: optional(whole(Number.MIN_SAFE_INTEGER)) }),
);

/** Which questions of a notebook: every one again, those without an up-to-date answer, or some by their number from 0. */
export const SelectionSchema = named("Selection", union(oneOf("all", "stale"), array(whole(0))));

const ScoreSchema = named("Score", object({ right: whole(0), graded: whole(0) }));

export const QuestionResultSchema = named(
  "QuestionResult",
  object({
    /** Number of the question in the notebook, from 0. */
    question: whole(0),
    /** As written, or "#3" for the third question when it has none. */
    id: string,
    /** Given now. */
    answer: optional(AnswerSchema),
    /** The text of an answer that is up to date: the question was not asked again. */
    kept: optional(string),
    error: optional(ErrorSchema),
    /** Against the notebook's own references or marked choices; `ungraded` where it has none. */
    grade: optional(oneOf("exact", "soft", "wrong", "ungraded")),
  }),
);

export const QuestionStateSchema = named(
  "QuestionState",
  object({
    question: whole(0),
    id: string,
    /** `unknown`: answered, but nobody looked whether the answer still holds. */
    state: oneOf("unanswered", "unknown", "fresh", "stale", "tampered"),
    /** Of the answer that holds, else of the last one. */
    grade: optional(oneOf("exact", "soft", "wrong", "ungraded")),
  }),
);

export const RunPartialSchema = named(
  "RunPartial",
  tagged("kind", {
    started: object({ question: whole(0), of: whole(0) }),
    text: object({ question: whole(0), text: string }),
    progress: object({ question: whole(0), progress: ProgressSchema }),
    finished: object({ result: QuestionResultSchema }),
  }),
);

/** Cues that were recognised just now, or how far it is. */
export const TranscribePartialSchema = named(
  "TranscribePartial",
  tagged("kind", { cues: object({ cues: array(CueSchema) }), progress: object({ progress: ProgressSchema }) }),
);

export const IndexPartialSchema = named(
  "IndexPartial",
  tagged("kind", { clip: object({ clip: SummarisedClipSchema, done: whole(0), total: whole(0) }), progress: object({ progress: ProgressSchema }) }),
);

const position = object({ line: whole(0), character: whole(0) });
const range = object({ start: position, end: position });
const EditSchema = named("TextEdit", object({ range, newText: string }));

const WorkerPhaseSchema = oneOf("stopped", "starting", "ready", "stopping", "backoff", "unavailable", "closed");

export const StatusSchema = named(
  "Status",
  object({
    server: string,
    protocol: whole(1),
    model: string,
    worker: object({
      phase: WorkerPhaseSchema,
      pid: optional(whole(1)),
      /** How often a worker was started since the server began. */
      starts: whole(0),
      /** Why the last worker ended, when it did not end well. */
      lastFailure: optional(ErrorSchema),
    }),
    /** Questions that wait, and those that are being answered now. */
    waiting: whole(0),
    running: whole(0),
  }),
);

export const Ask = {
  method: "vqa/ask",
  kind: "request",
  direction: "client to server",
  when: "To ask one question about one video. Answered when the answer is complete; `$/cancelRequest` stops it within a second.",
  params: object({
    /** `video` is an absolute path or a file: URI. */
    request: AskRequestSchema,
    /** A notebook whose header and cues have a say, as in `vqa/run`; `text` is what it says, the open text document's when absent. */
    under: optional(object({ textDocument: DocumentSchema, text: optional(string) })),
    /** "micro", or the folder of a model pack; that of the notebook, else the server's default, when absent. */
    model: optional(text),
    partialResultToken: optional(token),
    workDoneToken: optional(token),
  }),
  result: AnswerSchema,
  partial: AskPartialSchema,
  errors: ASK_ERRORS,
} as const satisfies Message;

export const Run = {
  method: "vqa/run",
  kind: "request",
  direction: "client to server",
  when:
    "To answer questions of an open notebook, in order. The result holds the edit that stores the answers; the server applies nothing itself. " +
    "A question that fails does not end the run: its result holds the error. `all` asks every question again, `stale` those without an up-to-date answer. " +
    "When it is stopped, it ends with what had been answered by then.",
  params: object({
    textDocument: DocumentSchema,
    /** What the notebook says, for editors that hold it in cells; the open text document when absent. */
    text: optional(string),
    questions: SelectionSchema,
    model: optional(text),
    partialResultToken: optional(token),
    workDoneToken: optional(token),
  }),
  result: object({
    /** In order; questions that a stop came before are not among them. */
    results: array(QuestionResultSchema),
    score: ScoreSchema,
    /** It was stopped; what had been answered by then is in `edits`. */
    stopped: boolean,
    /** For the version of the document that the run started from. */
    edits: array(EditSchema),
    version: whole(Number.MIN_SAFE_INTEGER),
  }),
  partial: RunPartialSchema,
  errors: ["notebook-unreadable", "notebook-changed", "worker-unavailable"],
} as const satisfies Message;

export const Check = {
  method: "vqa/check",
  kind: "request",
  direction: "client to server",
  when:
    "To learn which answers of a notebook still hold and which are right; asks no question. With `freshness` the notebook's model is loaded, " +
    "without it the state of an answer is `unknown` unless its record is damaged.",
  params: object({ textDocument: DocumentSchema, text: optional(string), freshness: boolean, model: optional(text) }),
  result: object({ questions: array(QuestionStateSchema), score: ScoreSchema }),
  errors: ["notebook-unreadable", ...ASK_ERRORS],
} as const satisfies Message;

export const Evidence = {
  method: "vqa/evidence",
  kind: "request",
  direction: "client to server",
  when:
    "To show what a stored answer saw, of which the notebook keeps a hash only: tells what the question would be answered from now. It is what the answer " +
    "saw when its id of inputs is among the fields of that answer. Loads the model; asks nothing and decodes no frame, unless it is to weigh: then the question " +
    "is answered anew, and each frame and subtitle is left out once, which takes a prefill of the prompt each. Weighing can be cancelled.",
  params: object({
    textDocument: DocumentSchema,
    text: optional(string),
    question: whole(0),
    model: optional(text),
    /** Also find out how much each part counted. */
    weigh: optional(boolean),
    /** Weigh only while the id of inputs is this one: what else is weighed would be another answer. */
    onlyFor: optional(text),
  }),
  result: object({
    /** 12 hex digits over all that the answer would depend on. */
    inputs: text,
    /** Absent for systems that choose frames by looking at them. */
    outlook: optional(OutlookSchema),
    /** What was weighed: the answer as it came this time, and its parts, the heaviest first. Absent when nothing was. */
    weighed: optional(object({ text: string, evidence: array(EvidenceSchema) })),
  }),
  errors: ["notebook-unreadable", ...ASK_ERRORS],
} as const satisfies Message;

export const Probe = {
  method: "vqa/probe",
  kind: "request",
  direction: "client to server",
  when: "To learn a video's duration, streams and digest. Does not wait for questions that are being answered.",
  params: object({
    /** An absolute path or a file: URI. */
    video: text,
  }),
  result: MediaInfoSchema,
  errors: [...VIDEO_ERRORS, "worker-crashed", "worker-unavailable"],
} as const satisfies Message;

export const Frames = {
  method: "vqa/frames",
  kind: "request",
  direction: "client to server",
  when: "To show small pictures of moments of a video, in the order of the times. Does not wait for questions that are being answered.",
  params: object({
    /** An absolute path or a file: URI. */
    video: text,
    timesMs: array(number, MAX_PICTURES),
    width: PICTURE_WIDTH,
  }),
  result: object({ pictures: array(PictureSchema) }),
  errors: [...VIDEO_ERRORS, "worker-crashed", "worker-unavailable"],
} as const satisfies Message;

export const FrameTimes = {
  method: "vqa/frameTimes",
  kind: "request",
  direction: "client to server",
  when:
    "To step through a film frame by frame, whatever its rate: when each frame from one time to another begins, and the one after. At most 4096 of them. " +
    "The first time that a long film is asked about, all of its packets are read. Does not wait for questions that are being answered.",
  params: object({
    /** An absolute path or a file: URI. */
    video: text,
    fromMs: number,
    toMs: number,
  }),
  result: object({ timesMs: FRAME_TIMES }),
  errors: [...VIDEO_ERRORS, "worker-crashed", "worker-unavailable"],
} as const satisfies Message;

export const Waveform = {
  method: "vqa/waveform",
  kind: "request",
  direction: "client to server",
  when: "To draw how loud a video is over its length. Does not wait for questions that are being answered.",
  params: object({
    /** An absolute path or a file: URI. */
    video: text,
    buckets: WAVEFORM_BUCKETS,
  }),
  result: object({
    /** The largest sample of each of the equal parts, from 0 to 1; none without sound. */
    peaks: array(between(0, 1)),
  }),
  errors: [...VIDEO_ERRORS, "worker-crashed", "worker-unavailable"],
} as const satisfies Message;

export const Proxy = {
  method: "vqa/proxy",
  kind: "request",
  direction: "client to server",
  when:
    "When an editor cannot play a video: to have a copy made that it can, or to find the one that was made before. " +
    "The copy is kept in the server's cache folder. `sound` copies the picture as it is. Does not wait for questions that are being answered.",
  params: object({
    /** An absolute path or a file: URI. */
    video: text,
    kind: ProxyKindSchema,
    partialResultToken: optional(token),
  }),
  result: object({
    /** The copy's absolute path. */
    path: text,
  }),
  partial: object({ fraction: between(0, 1) }),
  errors: [...VIDEO_ERRORS, "worker-crashed", "worker-unavailable"],
} as const satisfies Message;

export const Scenes = {
  method: "vqa/scenes",
  kind: "request",
  direction: "client to server",
  when:
    "To learn where a film cuts from one shot to the next. `keyframe` looks at keyframes only: far faster, but it finds a cut at the next keyframe. " +
    "Does not wait for questions that are being answered.",
  params: object({
    /** An absolute path or a file: URI. */
    video: text,
    mode: optional(SceneModeSchema),
    /** Lower finds more; 10 by default, 15 for keyframes. */
    threshold: optional(SCENE_THRESHOLD),
    partialResultToken: optional(token),
    workDoneToken: optional(token),
  }),
  result: ScenesSchema,
  partial: object({ fraction: between(0, 1) }),
  errors: [...VIDEO_ERRORS, "worker-crashed", "worker-unavailable"],
} as const satisfies Message;

export const SpriteSheet = {
  method: "vqa/sprites",
  kind: "request",
  direction: "client to server",
  when: "To have thumbnails over the length of a film as one picture, made from keyframes and kept in the server's cache folder. Does not wait for questions that are being answered.",
  params: object({
    /** An absolute path or a file: URI. */
    video: text,
    count: SPRITE_COUNT,
    width: PICTURE_WIDTH,
    partialResultToken: optional(token),
  }),
  result: SpritesSchema,
  partial: object({ fraction: between(0, 1) }),
  errors: [...VIDEO_ERRORS, "worker-crashed", "worker-unavailable"],
} as const satisfies Message;

export const Transcribe = {
  method: "vqa/transcribe",
  kind: "request",
  direction: "client to server",
  when:
    "To write down what is said in a video. Subtitles of the video are not looked at. Cues come as they are recognised, in time order; " +
    "the result holds all of them. Does not wait for questions that are being answered; `$/cancelRequest` stops it within a second.",
  params: object({
    /** An absolute path or a file: URI. */
    video: text,
    /** Parts of the video; all of it when absent. */
    scope: optional(array(SpanSchema, MAX_SPANS)),
    /** A model pack with a speech recogniser; the server's default model when absent. */
    model: optional(text),
    /** ISO 639-1 codes, best first; the model finds out by itself when absent. */
    languages: optional(array(text, 100)),
    partialResultToken: optional(token),
    workDoneToken: optional(token),
  }),
  result: object({
    cues: array(CueSchema),
    /** For provenance, such as "speech: whisper-micro". */
    source: string,
    /** Whether there was any speech, and why not. */
    outcome: SpeechOutcomeSchema,
    language: optional(string),
    /** The same and what else the user should know, in words. */
    notes: array(words),
  }),
  partial: TranscribePartialSchema,
  errors: [...VIDEO_ERRORS, "model-missing", "model-damaged", "model-unsupported", "worker-crashed", "worker-unavailable"],
} as const satisfies Message;

export const Index = {
  method: "vqa/index",
  kind: "request",
  direction: "client to server",
  when:
    "To have the clips of a long video summarised ahead of questions, which the first question about it would do. What is there already is not made again; after a stop the next " +
    "request goes on. Does not wait for questions that are being answered; they get their turn between two clips.",
  params: object({
    /** The video is an absolute path or a file: URI. */
    request: IndexRequestSchema,
    model: optional(text),
    partialResultToken: optional(token),
    workDoneToken: optional(token),
  }),
  /** None for a video that is a single clip. */
  result: object({ clips: array(SummarisedClipSchema) }),
  partial: IndexPartialSchema,
  errors: ASK_ERRORS,
} as const satisfies Message;

export const GetStatus = {
  method: "vqa/status",
  kind: "request",
  direction: "client to server",
  when: "To learn what the server is doing. Starts no worker.",
  params: object({}),
  result: StatusSchema,
  errors: [],
} as const satisfies Message;

export const StatusChanged = {
  method: "vqa/statusChanged",
  kind: "notification",
  direction: "server to client",
  when: "Whenever the worker starts, is ready, ends, or the number of waiting or running questions changes.",
  params: StatusSchema,
  errors: [],
} as const satisfies Message;

export const Playhead = {
  method: "vqa/playhead",
  kind: "notification",
  direction: "client to server",
  when: "When a video is paused, moved or played on, a few times a second at most: completion offers the time first. Without a time the player was closed.",
  params: object({
    /** An absolute path or a file: URI. */
    video: text,
    timeMs: optional(between(0, Number.MAX_SAFE_INTEGER)),
  }),
  errors: [],
} as const satisfies Message;

export const Stop = {
  method: "vqa/stop",
  kind: "request",
  direction: "client to server",
  when: "To stop every question that waits or runs; each ends with `cancelled`, by force after a second at the latest.",
  params: object({}),
  result: object({ stopped: whole(0) }),
  errors: [],
} as const satisfies Message;

export const Restart = {
  method: "vqa/restart",
  kind: "request",
  direction: "client to server",
  when: "To end the worker now, failing what runs, and to forget that earlier starts failed. The next question starts a new one.",
  params: object({}),
  result: object({}),
  errors: [],
} as const satisfies Message;

export const MESSAGES = { Ask, Run, Check, Probe, Frames, FrameTimes, Cache, ClearCache, Waveform, Proxy, Scenes, SpriteSheet, Transcribe, Index, GetStatus, StatusChanged, Playhead, Stop, Restart, Models, Catalogue, PullModel, RemoveModel, Hardware, Evidence, ImportDataset, ExportNotebooks, Survey, Agreement, Evaluation } as const;

/** workspace/executeCommand. Prefixed, because editors have one name space for all servers. */
export const AskCommand = {
  command: "vqa.ask",
  when:
    "From a code lens or a menu, with one argument: answers questions of an open notebook and stores the answers with `workspace/applyEdit`, " +
    "for the version that was read, so that the user can undo it. Refused when the document changed meanwhile.",
  argument: object({ textDocument: DocumentSchema, questions: SelectionSchema, model: optional(text) }),
  result: object({ results: array(QuestionResultSchema), score: ScoreSchema, stopped: boolean, applied: boolean }),
  errors: ["notebook-unreadable", "notebook-changed", "worker-unavailable"],
} as const satisfies Command;

/** Of an open notebook, cell of cues, `.srt` or `.vtt`: the cues that the range touches, all of them without one. */
const cues = { textDocument: DocumentSchema, range: optional(range) };
const edited = object({ edits: array(EditSchema), applied: boolean });

export const ShiftCues = {
  command: "vqa.shiftCues",
  when: "Adds to the times of subtitles, with `workspace/applyEdit`. Refused where one would lie before the video.",
  argument: object({ ...cues, byMs: whole(Number.MIN_SAFE_INTEGER) }),
  result: edited,
  errors: ["notebook-changed"],
} as const satisfies Command;

const point = object({ fromMs: whole(0), toMs: whole(0) });

export const ScaleCues = {
  command: "vqa.scaleCues",
  when: "Stretches the times of subtitles so that what is at `fromMs` comes to `toMs`, for both points, with `workspace/applyEdit`.",
  argument: object({ ...cues, first: point, second: point }),
  result: edited,
  errors: ["notebook-changed"],
} as const satisfies Command;

export const RenumberCues = {
  command: "vqa.renumberCues",
  when: "Counts subtitles anew, with `workspace/applyEdit`. Names of cues that are no numbers stay.",
  argument: object(cues),
  result: edited,
  errors: ["notebook-changed"],
} as const satisfies Command;

export const DescribeScenes = {
  command: "vqa.describeScenes",
  when:
    "Proposes subtitles that say what is seen, where the document has none; with `listen` also what is said. The edit comes with `workspace/applyEdit` and a change " +
    "annotation that needs confirmation; for a client without change annotations nothing is applied, and the result holds the edit. What is there stays. " +
    "A stop by way of the progress bar proposes what had been described by then.",
  argument: object({
    textDocument: DocumentSchema,
    /** Parts of the video; all of it when absent. */
    spans: optional(array(SpanSchema, 10_000)),
    /** The longest part that one cue describes. 5 seconds when absent. */
    windowMs: optional(whole(1000, 60_000)),
    /** Also writes down what is said; what is seen is then described where nothing is said, in square brackets. */
    listen: optional(boolean),
    model: optional(text),
  }),
  result: object({ cues: array(CueSchema), edits: array(EditSchema), stopped: boolean, applied: boolean }),
  errors: ["notebook-changed", ...ASK_ERRORS],
} as const satisfies Command;

export const COMMANDS = { AskCommand, ShiftCues, ScaleCues, RenumberCues, DescribeScenes } as const;

const limit = optional(between(0, 1_000_000));

/** What subtitles are checked for; 0 switches a limit off. The defaults are those of the Netflix Timed Text Style Guide, for English. */
const CaptionStyleSchema = named(
  "CaptionStyle",
  object({
    check: optional(boolean),
    minGapMs: limit,
    minDurationMs: limit,
    maxDurationMs: limit,
    maxCharactersPerSecond: limit,
    maxLineLength: limit,
    maxLines: limit,
  }),
);

/** `initializationOptions` of the LSP initialize request. */
export const InitializationOptionsSchema = named(
  "InitializationOptions",
  object({
    /** "micro", or the folder of a model pack. */
    model: optional(text),
    /** Folder for cached features. */
    cacheDir: optional(text),
    /** Threads for the model; from the machine when absent. */
    threads: optional(whole(1, 256)),
    /** Where models run; `auto` when absent. */
    device: optional(DeviceSettingSchema),
    /** Most positions of a context; the model's own when absent. */
    contextSize: optional(CONTEXT_SIZE),
    /** The ffmpeg program, as the user set it for this machine. */
    ffmpeg: optional(text),
    /** Whether videos without subtitles are listened to where a request or its notebook says nothing of it; `auto` when absent. */
    listen: optional(oneOf("auto", "off")),
    /** How questions about long videos are answered where a request or its notebook says nothing of it; `auto` when absent. */
    long: optional(LongSchema),
    /** The worker is ended after this time without a question; 0 keeps it. */
    idleMs: optional(whole(0)),
    captions: optional(CaptionStyleSchema),
    /** Folder of installed model packs; the user's data folder when absent. */
    modelsDir: optional(text),
    /** Address of the hub that models come from, and of the proxy on the way; the environment's when absent. */
    modelHub: optional(text),
    proxy: optional(text),
    /** Hosts that the proxy is not for. */
    noProxy: optional(array(text, 1000)),
    /** Models whose speech recogniser and sentence embedder take the place of the answering model's own. */
    speechModel: optional(text),
    embedderModel: optional(text),
    /** Only after the user agreed to it for this workspace. */
    remote: optional(RemoteConfigSchema),
  }),
);

export type AskParams = TypeOf<typeof Ask.params>;
export type AskPartial = TypeOf<typeof AskPartialSchema>;
export type RunParams = TypeOf<typeof Run.params>;
export type RunResult = TypeOf<typeof Run.result>;
export type FramesParams = TypeOf<typeof Frames.params>;
export type FramesResult = TypeOf<typeof Frames.result>;
export type FrameTimesResult = TypeOf<typeof FrameTimes.result>;
export type WaveformResult = TypeOf<typeof Waveform.result>;
export type ProxyParams = TypeOf<typeof Proxy.params>;
export type ProxyPartial = TypeOf<typeof Proxy.partial>;
export type ProxyResult = TypeOf<typeof Proxy.result>;
export type ScenesPartial = TypeOf<typeof Scenes.partial>;
export type ScenesResult = TypeOf<typeof Scenes.result>;
export type SpritesPartial = TypeOf<typeof SpriteSheet.partial>;
export type SpritesResult = TypeOf<typeof SpriteSheet.result>;
export type TranscribeParams = TypeOf<typeof Transcribe.params>;
export type TranscribePartial = TypeOf<typeof TranscribePartialSchema>;
export type TranscribeResult = TypeOf<typeof Transcribe.result>;
export type IndexParams = TypeOf<typeof Index.params>;
export type IndexPartial = TypeOf<typeof IndexPartialSchema>;
export type IndexResult = TypeOf<typeof Index.result>;
export type QuestionState = TypeOf<typeof QuestionStateSchema>;
export type CheckParams = TypeOf<typeof Check.params>;
export type CheckResult = TypeOf<typeof Check.result>;
export type EvidenceParams = TypeOf<typeof Evidence.params>;
export type EvidenceResult = TypeOf<typeof Evidence.result>;
export type RunPartial = TypeOf<typeof RunPartialSchema>;
export type QuestionResult = TypeOf<typeof QuestionResultSchema>;
export type Selection = TypeOf<typeof SelectionSchema>;
export type Status = TypeOf<typeof StatusSchema>;
export type InitializationOptions = TypeOf<typeof InitializationOptionsSchema>;
