/**
 * The JSON values that messages carry: the engine's questions, answers, facts about a video and
 * errors, each with its guard. `satisfies` ties every guard to the engine's own type: a field that
 * is added or changed there does not compile here.
 */
import { LONG_WAYS, type Answer, type AskRequest, type Evidence, type IndexRequest, type LongProvenance, type NotebookCue, type Provenance, type Span, type SummarisedClip, type Timings } from "../engine/answer.js";
import { ERROR_CODES, type SerializedError } from "../engine/errors.js";
import type { MediaInfo, Progress, SceneCut, SceneList, Transcript } from "../engine/ports.js";
import { anything, array, between, boolean, named, number, object, oneOf, optional, record, string, text, whole, words, type FieldsOf, type Schema, type TypeOf } from "./schema.js";

export type { Answer, AskRequest, Evidence, MediaInfo, NotebookCue, Progress, Provenance, SerializedError, Span, Timings, Transcript };

/** More than this in one message is a mistake or an attack, and never a question. */
const MAX_LIST = 100_000;

export const SpanSchema = named("Span", object({ startMs: number, endMs: number } satisfies FieldsOf<Span>)) satisfies Schema<Span>;

export const CueSchema = named("NotebookCue", object({ startMs: number, endMs: number, text: string } satisfies FieldsOf<NotebookCue>)) satisfies Schema<NotebookCue>;

const DecodeSchema = object({
  temperature: optional(between(0, 10)),
  seed: optional(whole(0, 0xffff_ffff)),
  maxTokens: optional(whole(1, 4096)),
  repetitionPenalty: optional(between(0.1, 10)),
});

/** Ways of answering about a long video. */
export const LongSchema = oneOf(...LONG_WAYS);

export const AskRequestSchema = named(
  "AskRequest",
  object({
    video: text,
    question: text,
    composer: optional(text),
    choices: optional(array(text, 1000)),
    scope: optional(array(SpanSchema, MAX_LIST)),
    frames: optional(whole(1, 10_000)),
    strategy: optional(oneOf("uniform", "fps", "segment", "scenes")),
    rate: optional(between(0, 1000)),
    frameMode: optional(oneOf("exact", "keyframe")),
    subtitles: optional(oneOf("auto", "off")),
    audio: optional(oneOf("auto", "off")),
    evidence: optional(boolean),
    speech: optional(oneOf("auto", "off")),
    long: optional(LongSchema),
    cues: optional(array(CueSchema, MAX_LIST)),
    decode: optional(DecodeSchema),
  } satisfies FieldsOf<AskRequest>),
) satisfies Schema<AskRequest>;

const ProvenanceSchema = named(
  "Provenance",
  object({
    videoDigest: string,
    modelId: string,
    modelDigest: string,
    composer: string,
    promptId: string,
    frameTimesMs: array(number),
    requestedFrames: number,
    strategy: optional(string),
    rate: optional(number),
    soundSpans: optional(array(SpanSchema)),
    cueSource: optional(string),
    cuesUsed: array(CueSchema),
    long: optional(object({ way: oneOf("clips", "summaries"), clips: number, recipe: string, cues: string } satisfies FieldsOf<LongProvenance>)),
    decode: object({ temperature: number, seed: number, maxTokens: number, repetitionPenalty: number }),
    engine: array(string),
    notes: array(words),
  } satisfies FieldsOf<Provenance>),
) satisfies Schema<Provenance>;

const TimingsSchema = named(
  "Timings",
  object({
    probeMs: number,
    indexMs: optional(number),
    framesMs: number,
    subtitlesMs: number,
    encodeMs: number,
    composeMs: number,
    prefillMs: number,
    firstTokenMs: number,
    generateMs: number,
    totalMs: number,
    promptTokens: number,
    prefillEvaluated: number,
    answerTokens: number,
    featuresCached: boolean,
  } satisfies FieldsOf<Timings>),
) satisfies Schema<Timings>;

export const EvidenceSchema = named(
  "Evidence",
  object({ startMs: number, endMs: number, kind: oneOf("frame", "cue", "clip"), score: number, why: words } satisfies FieldsOf<Evidence>),
) satisfies Schema<Evidence>;

export const AnswerSchema = named(
  "Answer",
  object({
    text: string,
    choice: optional(whole(0)),
    probabilities: optional(array(number)),
    stop: oneOf("end", "max-tokens", "stopped"),
    evidence: optional(array(EvidenceSchema)),
    provenance: ProvenanceSchema,
    timings: TimingsSchema,
  } satisfies FieldsOf<Answer>),
) satisfies Schema<Answer>;

export const IndexRequestSchema = named(
  "IndexRequest",
  object({
    video: text,
    composer: optional(text),
    scope: optional(array(SpanSchema, MAX_LIST)),
    audio: optional(oneOf("auto", "off")),
    subtitles: optional(oneOf("auto", "off")),
    speech: optional(oneOf("auto", "off")),
  } satisfies FieldsOf<IndexRequest>),
) satisfies Schema<IndexRequest>;

/** A clip of a long video, in the model's own words. */
export const SummarisedClipSchema = named("SummarisedClip", object({ startMs: number, endMs: number, summary: string } satisfies FieldsOf<SummarisedClip>)) satisfies Schema<SummarisedClip>;

export const MediaInfoSchema = named(
  "MediaInfo",
  object({
    path: string,
    digest: string,
    bytes: number,
    container: string,
    durationMs: number,
    startMs: number,
    video: optional(
      object({
        index: number,
        codec: string,
        width: number,
        height: number,
        frameRate: object({ num: number, den: number }),
        rotation: oneOf(0, 90, 180, 270),
      }),
    ),
    audio: array(object({ index: number, codec: string, sampleRate: number, channels: number, language: optional(string) })),
    subtitles: array(object({ index: number, codec: string, language: optional(string), title: optional(string) })),
    warnings: array(words),
  } satisfies FieldsOf<MediaInfo>),
) satisfies Schema<MediaInfo>;

export const MAX_SPANS = 10_000;

export const SpeechOutcomeSchema = oneOf("speech", "no-sound", "silence", "no-speech");

export const TranscriptSchema = named(
  "Transcript",
  object({
    cues: array(CueSchema),
    source: string,
    warnings: array(words),
    outcome: SpeechOutcomeSchema,
    language: optional(string),
  } satisfies FieldsOf<Transcript>),
) satisfies Schema<Transcript>;

/** A small picture of a moment. */
export const PictureSchema = named(
  "Picture",
  object({
    /** Of the frame that was decoded. */
    timeMs: number,
    width: whole(1, 1024),
    height: whole(1, 1024),
    /** Rows of red, green and blue bytes, without padding, in base64. */
    rgb: string,
  }),
);
export type Picture = TypeOf<typeof PictureSchema>;

/** Pictures are for people: more of them at once nobody looks at. */
export const MAX_PICTURES = 128;
export const PICTURE_WIDTH = whole(16, 320);

/** What a question would be answered from: times that frames are asked for at, not yet those of the frames. */
export const OutlookSchema = named(
  "Outlook",
  object({
    frameTimesMs: array(number, MAX_LIST),
    /** `keyframe`: the frames are the key frames before these times. */
    mode: oneOf("exact", "keyframe"),
    cues: array(CueSchema, MAX_LIST),
    cueSource: optional(string),
    notes: array(words),
  }),
);

/** More than a screen has columns nobody sees. */
export const WAVEFORM_BUCKETS = whole(1, 4096);

/** What of a copy is made anew: the sound, or all. */
/** Where models run; `auto` chooses. */
export const DeviceSettingSchema = oneOf("auto", "cpu", "cuda", "vulkan", "metal", "directml", "coreml");
export type DeviceSetting = TypeOf<typeof DeviceSettingSchema>;
/** Positions of a language model's context. */
export const CONTEXT_SIZE = whole(512, 1_048_576);

export const ProxyKindSchema = oneOf("sound", "all");
export type ProxyKind = TypeOf<typeof ProxyKindSchema>;

/** How cuts are looked for: among all pictures, or far faster among keyframes only. */
export const SceneModeSchema = oneOf("exact", "keyframe");
/** Of one answer; what lies further is asked for again. */
export const FRAME_TIMES = array(number, 4096);

export const SCENE_THRESHOLD = between(1, 100);

/** Where a film cuts from one shot to the next. */
export const ScenesSchema = named(
  "Scenes",
  object({
    /** In time order. A cut's time is that of the first frame of the new scene; the start of the film is none. */
    cuts: array(object({ timeMs: number, score: between(0, 100) } satisfies FieldsOf<SceneCut>)),
    durationMs: number,
  } satisfies FieldsOf<SceneList>),
) satisfies Schema<SceneList>;

/** Thumbnails in one picture, row by row. */
export const SpritesSchema = named(
  "Sprites",
  object({
    /** Of a PNG file in the server's cache folder. */
    path: text,
    columns: whole(1, 10),
    rows: whole(1, 100),
    /** Of one thumbnail, in pixels. */
    width: whole(1, 1024),
    height: whole(1, 1024),
    /** Where on the timeline each thumbnail stands: the middle of its part of the film. */
    timesMs: array(number, 1000),
  }),
);
export type Sprites = TypeOf<typeof SpritesSchema>;
export const SPRITE_COUNT = whole(1, 400);

export const ProgressSchema = named(
  "Progress",
  object({
    stage: oneOf("probe", "frames", "subtitles", "speech", "encode", "prefill", "generate", "load", "index"),
    fraction: optional(number),
  } satisfies FieldsOf<Progress>),
) satisfies Schema<Progress>;

const ErrorCodeSchema = named("ErrorCode", oneOf(...ERROR_CODES));

export const ErrorSchema = named("SerializedError", object({ code: ErrorCodeSchema, message: words, next: words, data: record(anything) } satisfies FieldsOf<SerializedError>)) satisfies Schema<SerializedError>;
