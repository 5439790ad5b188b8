/**
 * The messages between the process that serves people (editor server, command line) and the worker
 * process that holds ffmpeg, onnxruntime and llama.cpp. They travel over Node's IPC channel with
 * structured clone ("advanced" serialization). Lifetime: `hello` once, `ready` once, then requests
 * in any number; the worker ends itself when the channel closes.
 */
import { RemoteConfigSchema } from "./remote.js";
import { anything, array, between, named, number, object, oneOf, optional, record, string, tagged, text, whole, type TypeOf } from "./schema.js";
import { AskRequestSchema, AnswerSchema, CONTEXT_SIZE, CueSchema, DeviceSettingSchema, ErrorSchema, IndexRequestSchema, LongSchema, MAX_PICTURES, MAX_SPANS, MediaInfoSchema, OutlookSchema, PICTURE_WIDTH, PictureSchema, ProgressSchema, ProxyKindSchema, SCENE_THRESHOLD, SceneModeSchema, ScenesSchema, SPRITE_COUNT, SpritesSchema, SpanSchema, SummarisedClipSchema, TranscriptSchema, WAVEFORM_BUCKETS, FRAME_TIMES } from "./values.js";

/** Grows when an older worker would misunderstand a newer parent. */
export const WORKER_PROTOCOL_VERSION = 1;

/** What a worker is started with. It does not change while the worker lives. */
export const WorkerConfigSchema = named(
  "WorkerConfig",
  object({
    /** Folder for cached features; none are kept on disk without it. */
    cacheDir: optional(text),
    /** Threads for the model; from the machine when absent. */
    threads: optional(whole(1, 256)),
    /** Where models run; `auto` when absent. */
    device: optional(DeviceSettingSchema),
    /** Most positions of a context; the model's own when absent. */
    contextSize: optional(CONTEXT_SIZE),
    /** The ffmpeg program, as the user set it for this machine; found by itself when absent. */
    ffmpeg: optional(text),
    /** Packs whose speech recogniser and sentence embedder take the place of the model's own: the folder of each, or the name of one that comes with the program. */
    speech: optional(text),
    embedder: optional(text),
    /** Whether videos without subtitles are listened to where a request says nothing of it; `auto` when absent. */
    listen: optional(oneOf("auto", "off")),
    /** How questions about long videos are answered where a request says nothing of it; `auto` when absent. */
    long: optional(LongSchema),
    /** Answers questions to the model "remote". */
    remote: optional(RemoteConfigSchema),
  }),
);

const id = whole(1);
const question = object({ request: AskRequestSchema, model: text });

export const ToWorkerSchema = named(
  "ToWorker",
  tagged("type", {
    hello: object({ protocol: whole(1), config: WorkerConfigSchema }),
    /** Answered by `answer`, after `text` and `progress` in any number. `model` is "micro" or a folder. */
    ask: object({ id, params: question }),
    /** Answered by `inputs`: what the answer to the question would depend on. */
    inputs: object({ id, params: question }),
    /** Answered by `media`. `path` is absolute. */
    probe: object({ id, params: object({ path: text }) }),
    /** Answered by `pictures`: the frames on screen at these times, small. */
    frames: object({ id, params: object({ path: text, timesMs: array(number, MAX_PICTURES), width: PICTURE_WIDTH }) }),
    /** Answered by `times`: when the frames from one time to another begin. */
    frameTimes: object({ id, params: object({ path: text, fromMs: number, toMs: number }) }),
    /** Answered by `peaks`: how loud equal parts of the video are. */
    waveform: object({ id, params: object({ path: text, buckets: WAVEFORM_BUCKETS }) }),
    /** Answered by `proxy`, after `made` in any number. */
    proxy: object({ id, params: object({ path: text, kind: ProxyKindSchema }) }),
    /** Answered by `scenes`, after `made` in any number. */
    scenes: object({ id, params: object({ path: text, mode: SceneModeSchema, threshold: optional(SCENE_THRESHOLD) }) }),
    /** Answered by `sprites`, after `made` in any number. */
    sprites: object({ id, params: object({ path: text, count: SPRITE_COUNT, width: PICTURE_WIDTH }) }),
    /** Answered by `transcript`, after `heard` and `progress` in any number. No spans: all of the video. */
    transcribe: object({ id, params: object({ path: text, model: text, spans: array(SpanSchema, MAX_SPANS), languages: array(text, 100) }) }),
    /** Answered by `indexed`, after `clip` and `progress` in any number. */
    index: object({ id, params: object({ request: IndexRequestSchema, model: text }) }),
    /** The request is still answered, with `failed` and the error `cancelled`. */
    cancel: object({ id }),
    /** Finish nothing, give everything back and exit with code 0. */
    bye: object({}),
  }),
);

export const FromWorkerSchema = named(
  "FromWorker",
  tagged("type", {
    ready: object({ protocol: whole(1) }),
    /** The worker cannot serve this parent and is about to exit. */
    unfit: object({ error: ErrorSchema }),
    text: object({ id, text: string }),
    progress: object({ id, progress: ProgressSchema }),
    answer: object({ id, answer: AnswerSchema }),
    /** `outlook` only where it is known before frames are decoded. */
    inputs: object({ id, dependsOn: record(anything), outlook: optional(OutlookSchema) }),
    media: object({ id, media: MediaInfoSchema }),
    pictures: object({ id, pictures: array(PictureSchema, MAX_PICTURES) }),
    times: object({ id, timesMs: FRAME_TIMES }),
    peaks: object({ id, peaks: array(between(0, 1), 4096) }),
    /** How much of a copy, of a sheet or of a search for cuts is done. */
    made: object({ id, fraction: between(0, 1) }),
    proxy: object({ id, path: text }),
    scenes: object({ id, scenes: ScenesSchema }),
    sprites: object({ id, sprites: SpritesSchema }),
    /** What was recognised just now. */
    heard: object({ id, cues: array(CueSchema) }),
    transcript: object({ id, transcript: TranscriptSchema }),
    /** A clip that was summarised, or had been before. */
    clip: object({ id, clip: SummarisedClipSchema, done: whole(0), total: whole(0) }),
    /** All of them in the order of time; none of a video that is a single clip. */
    indexed: object({ id, clips: array(SummarisedClipSchema) }),
    failed: object({ id, error: ErrorSchema }),
  }),
);

export type WorkerConfig = TypeOf<typeof WorkerConfigSchema>;
export type ToWorker = TypeOf<typeof ToWorkerSchema>;
export type FromWorker = TypeOf<typeof FromWorkerSchema>;

/** What an answer would depend on, as a record that can be hashed, and as what is shown of it. */
export type WorkerInputs = Pick<Extract<FromWorker, { readonly type: "inputs" }>, "dependsOn" | "outlook">;
