/**
 * What the engine knows of a model pack: the plain settings of its manifest and the opened parts.
 * Where the files lie and how they are loaded is the business of `runtime/packs`.
 */
import type { ChoiceStyle } from "./choices.js";
import type { LearnedParts, ProjectorName } from "./compose/port.js";
import type { ComposerSpec } from "./compose/registry.js";
import type { LongVideoSettings } from "./longVideo/settings.js";
import type { AudioEncoder, Embedder, LanguageModel, Matrix, Projector, QFormer, VisionEncoder } from "./ports.js";

/**
 * Templates with `{placeholders}`; text outside them is the pack's own and may hold control tokens.
 * They follow one another in this order; times are mm:ss (or h:mm:ss).
 */
export interface PromptTemplate {
  /** Before everything, the begin-of-sequence token included; may tell `{count}`, the frames in words, and `{duration}`, h:mm:ss. */
  readonly begin: string;
  /** Once for each sampled frame, before any token that was made of them: `{time}`. */
  readonly clock?: string | undefined;
  /** Sound: `{visual}` its tokens, `{time}` where its clip begins; `{visual}` alone when absent. */
  readonly audio?: string | undefined;
  /** Tokens of one sampled frame: `{visual}`, and its `{time}`. */
  readonly frame: string;
  /** Tokens of the whole video: `{visual}`; `frame` without a time when absent. */
  readonly video?: string | undefined;
  /** Tokens of a run of frames: `{visual}`, and the times `{from}` and `{to}` of its first and last; `{visual}` alone when absent. */
  readonly segment?: string | undefined;
  /** The new cues of a frame, directly after it: `{text}`. */
  readonly cue: string;
  /** After the video, in words: `{count}` frames at `{seconds}`, one decimal, commas between. */
  readonly times?: string | undefined;
  /** After all of that: `{question}`. */
  readonly end: string;
  /** Prepended to a continuation when choices are scored. */
  readonly answerPrefix: string;
  /** Touching texts of different parts are one when they are tokenised. */
  readonly join?: boolean | undefined;
  /** Texts that end the answer, besides the model's own end-of-sequence token. */
  readonly stop: readonly string[];
}

/** How frames are chosen; see `sample.ts`. */
export const SAMPLING_STRATEGIES = ["uniform", "fps", "segment", "scenes", "video-chatgpt", "video-llama"] as const;
export type SamplingStrategy = (typeof SAMPLING_STRATEGIES)[number];

export interface SamplingDefaults {
  readonly strategy: SamplingStrategy;
  /** Of the video, or with `segment` of each part of the scope; with `fps` the most. */
  readonly frames: number;
  /** With `fps`: frames a second. */
  readonly rate?: number | undefined;
  /** More frames than this were never seen in training; the planner does not exceed it. */
  readonly maxFrames: number;
}

export interface PackSpec {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** The system of the pack that this is, as users name it: "longvlm". */
  readonly system: string;
  /** All systems of the pack, the default first. */
  readonly systems: readonly string[];
  /** sha256 over the file digests of the system and the settings they are run with: its identity in provenance. */
  readonly digest: string;
  /** The same over the vision encoder alone: systems that share it share its features. */
  readonly encoderDigest: string;
  readonly composer: ComposerSpec;
  readonly sampling: SamplingDefaults;
  /** Most tokens that subtitles may take in a prompt. */
  readonly subtitles: { readonly tokenBudget: number };
  readonly prompt: PromptTemplate;
  /** How the model is given multiple choice; `texts` when absent. */
  readonly choices?: ChoiceStyle;
  /** For videos that its frames cannot cover; Goldfish's constants when absent. */
  readonly longVideo?: LongVideoSettings;
}

/** Which clips of a video's sound are heard. */
export interface AudioClips {
  /** As many as this at least, and `most` at most: as many in between as cover the sound. */
  readonly count: number;
  readonly most: number;
  readonly seconds: number;
}

/** The sound branch of a system (Video-LLaMA, arXiv 2306.02858, section 2.1.2). */
export interface AudioBranch {
  readonly clips: AudioClips;
  readonly encoder: AudioEncoder;
  /** (most clips, encoder width): row i is added to the tokens of clip i. */
  readonly positions?: Matrix;
  /** Without one, each clip's tokens go to the projector by themselves. */
  readonly qformer?: QFormer;
}

/** One system of a pack, ready to run. */
export interface OpenSystem {
  readonly spec: PackSpec;
  readonly encoder: VisionEncoder;
  readonly projectors: Readonly<Partial<Record<ProjectorName, Projector>>>;
  readonly parts: LearnedParts;
  readonly audio?: AudioBranch;
  readonly language: LanguageModel;
  /** What the user should know of how it was loaded: a device that could not be used, for example. */
  readonly notes?: readonly string[];
}

/** A pack: its default system, and the way to the others. */
export interface OpenPack extends OpenSystem {
  /** Loaded when it is first used. */
  readonly embedder?: Embedder;
  /**
   * The system of that name, loaded when it is first asked for and kept; parts that systems have in
   * common are loaded once. Errors: invalid-request for a name that is not among `spec.systems`, and
   * those of loading.
   */
  system(name: string, signal?: AbortSignal): Promise<OpenSystem>;
  dispose(): Promise<void>;
}
