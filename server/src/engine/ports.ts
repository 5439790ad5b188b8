/**
 * What the engine needs from the outside, and nothing about who provides it. The adapters live
 * in `runtime/`; the engine knows no file format of weights, no program and no editor.
 *
 * Units: times are milliseconds from the first frame of the video (numbers, fractions allowed);
 * tensors are row-major Float32Array with their shape beside them.
 */

import type { Span } from "./answer.js";

/** A video file as the caller names it: an absolute path. */
export type VideoPath = string;

export interface VideoStreamInfo {
  readonly index: number;
  readonly codec: string;
  /** Displayed size: after rotation and sample aspect ratio. */
  readonly width: number;
  readonly height: number;
  /** Average frames a second as a rational; den is never 0. */
  readonly frameRate: { readonly num: number; readonly den: number };
  readonly rotation: 0 | 90 | 180 | 270;
}

export interface AudioStreamInfo {
  readonly index: number;
  readonly codec: string;
  readonly sampleRate: number;
  readonly channels: number;
  readonly language?: string;
}

export interface SubtitleStreamInfo {
  readonly index: number;
  readonly codec: string;
  readonly language?: string;
  readonly title?: string;
}

export interface MediaInfo {
  readonly path: VideoPath;
  /** sha256 of the file's bytes, lower-case hex: the identity of the video everywhere. */
  readonly digest: string;
  readonly bytes: number;
  readonly container: string;
  readonly durationMs: number;
  /** Stream time of the first frame; all other times are relative to it. */
  readonly startMs: number;
  readonly video?: VideoStreamInfo;
  readonly audio: readonly AudioStreamInfo[];
  readonly subtitles: readonly SubtitleStreamInfo[];
  /** What was wrong but bearable, in words for the user: "truncated after 12.3 s". */
  readonly warnings: readonly string[];
}

/** One decoded picture, RGB, 8 bits a channel, rows without padding. */
export interface Frame {
  /** The real time of the frame that was decoded, not of the one that was asked for. */
  readonly timeMs: number;
  readonly width: number;
  readonly height: number;
  /** width * height * 3 bytes. */
  readonly rgb: Uint8Array;
}

export type FrameMode =
  /** The frame on screen at the time: the last one whose timestamp is not after it. */
  | "exact"
  /** The nearest keyframe before: several times cheaper, for previews. */
  | "keyframe";

export interface FrameRequest {
  readonly path: VideoPath;
  /** Ascending or not; the answer keeps this order. One frame a time. */
  readonly timesMs: readonly number[];
  readonly width: number;
  readonly height: number;
  /** `squash` ignores the aspect, `crop` keeps it and cuts the longer side, `pad` adds black. */
  readonly resize: "squash" | "crop" | "pad";
  readonly mode: FrameMode;
}

/** Decodes video files. Implementations enforce the media limits and whitelists themselves. */
export interface FrameSource {
  /** Name and version for provenance, e.g. "ffmpeg 5.1.9" or "node-av 6.1.1". */
  describe(signal?: AbortSignal): Promise<string>;
  /** Errors: video-not-found, video-empty, video-unreadable, video-refused, decoder-missing. */
  probe(path: VideoPath, signal?: AbortSignal): Promise<MediaInfo>;
  /** Errors: those of `probe`, no-video-stream, time-out-of-range, decoder-failed, cancelled. */
  frames(request: FrameRequest, signal?: AbortSignal): Promise<readonly Frame[]>;
}

/** The times of a film's frames, one by one. */
export interface FrameTimes {
  /**
   * Real times of the frames on screen from `fromMs` to `toMs`, ascending, and of the one after: at most
   * `MAX_FRAME_TIMES`. The first time that a long film is asked about, all of its packets are read.
   * Errors: those of `FrameSource.frames` but `decoder-failed`.
   */
  frameTimes(path: VideoPath, fromMs: number, toMs: number, signal?: AbortSignal): Promise<readonly number[]>;
}

export const MAX_FRAME_TIMES = 4096;

export interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  /** Plain text: no markup, lines joined by "\n". */
  readonly text: string;
}

export interface CueTrack {
  /** For provenance: "clip.srt", "stream 2 (mov_text, eng)", "notebook". */
  readonly source: string;
  readonly cues: readonly Cue[];
  readonly warnings: readonly string[];
}

export interface CueSource {
  /**
   * Sidecar first (same name; .vtt, .srt, .ass, then with a language tag), then an embedded stream,
   * by preferred languages. Undefined when there are none: that is not an error.
   */
  cues(media: MediaInfo, languages: readonly string[], signal?: AbortSignal): Promise<CueTrack | undefined>;
}

export interface SceneCut {
  /** The first frame of the new scene. */
  readonly timeMs: number;
  /** How sure: 0 to 100, at least the threshold. */
  readonly score: number;
}

export interface SceneRequest {
  readonly path: VideoPath;
  /**
   * `exact` looks at all pictures that others depend on and then finds each cut's own frame;
   * `keyframe` looks at keyframes only: far faster, but a cut is only found at the next keyframe.
   */
  readonly mode: FrameMode;
  /** 1 to 100; lower finds more. Default 10, or 15 for keyframes. */
  readonly threshold?: number;
}

export interface SceneList {
  /** Ascending; the start of the film is no cut. */
  readonly cuts: readonly SceneCut[];
  readonly durationMs: number;
}

/** Finds where a film cuts from one shot to the next. */
export interface SceneSource {
  /** @param onFraction how much of the film was looked at. Errors: those of `FrameSource.frames`. */
  scenes(request: SceneRequest, onFraction?: (fraction: number) => void, signal?: AbortSignal): Promise<SceneList>;
}

export interface AudioSource {
  /** Mono 16 kHz float samples in [-1, 1] of a range. Undefined when the file has no audio. */
  pcm16k(path: VideoPath, startMs: number, endMs: number, signal?: AbortSignal): Promise<Float32Array | undefined>;
}

/** What was found where speech was looked for. */
export type SpeechOutcome =
  | "speech"
  /** The file has no sound track. */
  | "no-sound"
  /** There is a sound track, and nothing in it is loud enough to be speech. */
  | "silence"
  /** There is sound, and no words were made out in it: music, noise, or a language the model does not know. */
  | "no-speech";

/** Speech as cues in time order; times are those of the video. The warnings say in words what `outcome` says. */
export interface Transcript extends CueTrack {
  readonly outcome: SpeechOutcome;
  /** ISO 639-1 code of what is spoken, where the model says so. */
  readonly language?: string;
}

export interface SpeechEvents {
  /** Cues as they are recognised, in time order; together they are the transcript's. */
  readonly onCues?: ((cues: readonly Cue[]) => void) | undefined;
  /** How much of the sound was listened to, 0 to 1. */
  readonly onFraction?: ((fraction: number) => void) | undefined;
}

/** Speech to text of video files. */
export interface SpeechSource {
  /** For provenance: the source of its transcripts, e.g. "speech: whisper-micro". */
  readonly source: string;
  /**
   * `spans` are the parts to listen to, all of the video when there are none; a cue lies within one
   * of them. `languages` are ISO 639 codes, best first: the first that the model knows is expected,
   * and without any the model finds out by itself. A file without sound or speech is no error.
   * Errors: those of AudioSource, model-damaged, model-unsupported, cancelled.
   */
  transcribe(
    media: MediaInfo,
    spans: readonly Span[],
    languages: readonly string[],
    events?: SpeechEvents,
    signal?: AbortSignal,
  ): Promise<Transcript>;
}

/** Words and their times in one window of sound. Times are milliseconds from the beginning of the window. */
export interface HeardWindow {
  readonly cues: readonly Cue[];
  /** The window is settled up to here: the next one begins there. Above 0, at most the window's length. */
  readonly settledMs: number;
  readonly language?: string;
}

/** A speech-to-text model: one window of sound at a time. */
export interface SpeechRecogniser {
  /** For provenance, e.g. "whisper-micro". */
  readonly name: string;
  /** sha256 of what decides its output: the identity of cached transcripts. */
  readonly digest: string;
  /** Longest window, milliseconds. */
  readonly windowMs: number;
  /** `samples` are mono, 16 kHz, at most a window long. Errors: model-damaged, model-unsupported, cancelled. */
  hear(samples: Float32Array, languages: readonly string[], signal?: AbortSignal): Promise<HeardWindow>;
  dispose(): Promise<void>;
}

/** Texts to vectors whose dot product says how much they are about the same. */
export interface Embedder {
  readonly width: number;
  /** For provenance and cache keys: sha256 of what decides its output. */
  readonly digest: string;
  /** One row of length 1 a text. Errors: model-damaged, model-unsupported, cancelled. */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<Matrix>;
}

/** Row-major matrix: `rows` rows of `width` floats. */
export interface Matrix {
  readonly rows: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** Encoder output for T frames: shape (T, tokens, width). */
export interface FrameFeatures {
  readonly frames: number;
  readonly tokens: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** What a vision encoder makes of T frames: its tokens, and where it has them its layers' own summaries. */
export interface EncodedFrames extends FrameFeatures {
  /** (T, layers, width): for each frame one token a layer, first layer first. */
  readonly global?: FrameFeatures;
}

/** One summary of a frame a layer: a class token, or for encoders without one the layer's mean token. */
export interface GlobalShape {
  readonly layers: number;
  readonly width: number;
  readonly kind: "class" | "pooled";
}

export interface VisionEncoder {
  /** Size and resize rule that `encode` expects of its frames. */
  readonly input: { readonly width: number; readonly height: number; readonly resize: FrameRequest["resize"] };
  /** Tokens a frame and their width. The class token is excluded, but where the pack says to keep it: then it is the first. */
  readonly tokens: number;
  readonly width: number;
  /** Rows and columns of the patches. */
  readonly grid: readonly [rows: number, columns: number];
  /** Present when `encode` gives `global`. */
  readonly global?: GlobalShape;
  encode(frames: readonly Frame[], signal?: AbortSignal): Promise<EncodedFrames>;
}

/** Sizes of a query transformer: however many rows of `inputWidth` go in, `queries` of `width` come out. */
export interface QFormerShape {
  readonly inputWidth: number;
  readonly queries: number;
  readonly width: number;
}

/** A query transformer (BLIP-2's Q-Former): learned queries that read a sequence of tokens. */
export interface QFormer extends QFormerShape {
  /** (n, rows, inputWidth) -> (n, queries, width): each of the n sequences by itself. */
  query(tokens: FrameFeatures, signal?: AbortSignal): Promise<FrameFeatures>;
}

/** Encodes clips of sound, each by itself. */
export interface AudioEncoder {
  readonly tokens: number;
  readonly width: number;
  /** Mono 16 kHz samples a clip; shorter clips count as followed by silence. Returns (clips, tokens, width). */
  encode(clips: readonly Float32Array[], signal?: AbortSignal): Promise<FrameFeatures>;
}

export interface Projector {
  readonly inputWidth: number;
  /** The language model's embedding width. */
  readonly width: number;
  project(tokens: Matrix, signal?: AbortSignal): Promise<Matrix>;
}

/** A prompt is a sequence of pieces; each text piece is tokenised on its own. */
export type Piece =
  /** Template text of the pack: control tokens such as `[INST]` are recognised in it. */
  | { readonly kind: "template"; readonly text: string }
  /** Text of the user or of the video: never parsed for control tokens. */
  | { readonly kind: "text"; readonly text: string }
  /** Projected embeddings: one position a row. `grid` says where in the video each row lies, where that is known. */
  | { readonly kind: "visual"; readonly embeddings: Matrix; readonly grid?: VisualGrid };

/**
 * How the rows of a visual piece lie in time and picture: `times` pictures one after the other, each of `rows` rows
 * of `columns` tokens, from the left; the product is the number of embeddings. Language models with one number a
 * position take them as they come; those with several (multi-dimensional RoPE) need it, see `positions.ts`.
 */
export interface VisualGrid {
  readonly times: number;
  readonly rows: number;
  readonly columns: number;
}

export interface DecodeOptions {
  /** 0 is greedy. */
  readonly temperature: number;
  readonly seed: number;
  readonly maxTokens: number;
  /** 1 is off. */
  readonly repetitionPenalty: number;
}

export type StopReason = "end" | "max-tokens" | "stopped";

export interface Generation {
  readonly text: string;
  readonly tokens: number;
  readonly stop: StopReason;
  /** Time from the call to the first token, and to the end. */
  readonly firstTokenMs: number;
  readonly totalMs: number;
}

export interface PrefillStats {
  /** Positions of the prompt, and how many of them had to be evaluated now. */
  readonly positions: number;
  readonly evaluated: number;
  readonly ms: number;
}

/**
 * One conversation slot of a loaded model. The state is a prefix (the video) that stays in the KV
 * cache, and a question that is rolled back after each answer: N questions on one video prefill
 * the video once. Calls are serial: a session is used by one question at a time.
 */
export interface LanguageSession {
  /** Makes `pieces` the prefix. Free when they equal the present prefix. Error: context-overflow. */
  setPrefix(pieces: readonly Piece[], signal?: AbortSignal): Promise<PrefillStats>;
  /** Answers after prefix + `pieces`; `onText` receives the text as it grows, in order. */
  generate(
    pieces: readonly Piece[],
    options: DecodeOptions,
    onText?: (delta: string) => void,
    signal?: AbortSignal,
  ): Promise<Generation>;
  /** Log-likelihood and token count of each continuation after prefix + `pieces`. */
  score(pieces: readonly Piece[], continuations: readonly string[], signal?: AbortSignal): Promise<readonly ContinuationScore[]>;
  dispose(): Promise<void>;
}

export interface ContinuationScore {
  readonly logProb: number;
  readonly tokens: number;
}

export interface LanguageModel {
  /** For provenance: engine name and version, e.g. "node-llama-cpp 3.22.1 (cpu)". */
  readonly engine: string;
  readonly width: number;
  readonly contextSize: number;
  /** Largest number of visual positions in one prompt. */
  readonly maxVisual: number;
  /** Number of positions that the pieces take: for budgets. Exact. */
  countTokens(pieces: readonly Piece[]): number;
  session(): Promise<LanguageSession>;
  dispose(): Promise<void>;
}

/** Bytes by content key. A miss is always right: the cache may be emptied at any time. */
export interface FeatureCache {
  get(key: string): Promise<FrameFeatures | undefined>;
  set(key: string, value: FrameFeatures): Promise<void>;
}

/** Texts by content key, such as the summaries of clips. A miss is always right: it may be emptied at any time. */
export interface TextCache {
  get(key: string): Promise<string | undefined>;
  set(key: string, text: string): Promise<void>;
}

/** Progress of one request; `fraction` is 0..1 within the stage, absent where it cannot be known. */
export interface Progress {
  readonly stage: "probe" | "frames" | "subtitles" | "speech" | "encode" | "prefill" | "generate" | "load" | "index";
  readonly fraction?: number;
}
