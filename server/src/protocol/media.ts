/** Messages about videos: what is in them, and what is seen, shown and said. */
import { token, VIDEO_ERRORS, type Message } from "./message.js";
import { array, between, named, number, object, optional, string, tagged, text, words, type TypeOf } from "./schema.js";
import { CueSchema, FRAME_TIMES, MAX_PICTURES, MAX_SPANS, MediaInfoSchema, PICTURE_WIDTH, PictureSchema, ProgressSchema, ProxyKindSchema, SCENE_THRESHOLD, SceneModeSchema, ScenesSchema, SpanSchema, SpeechOutcomeSchema, SPRITE_COUNT, SpritesSchema, WAVEFORM_BUCKETS } from "./values.js";

/** Cues that were recognised just now, or how far it is. */
export const TranscribePartialSchema = named(
  "TranscribePartial",
  tagged("kind", { cues: object({ cues: array(CueSchema) }), progress: object({ progress: ProgressSchema }) }),
);

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
