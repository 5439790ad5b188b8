/**
 * What the engine knows of a model pack: the plain settings of its manifest and the opened parts.
 * Where the files lie and how they are loaded is the business of `runtime/packs`.
 */
import type { ChoiceStyle } from "./choices.js";
import type { Embedder, LanguageModel, Projector, SpeechRecogniser, VisionEncoder } from "./ports.js";

/** Templates with `{placeholders}`; text outside them is the pack's own and may hold control tokens. */
export interface PromptTemplate {
  /** Before the first frame, the begin-of-sequence token included; may tell `{count}`, the frames in words, and `{duration}`, h:mm:ss. */
  readonly begin: string;
  /** A sampled frame: `{time}` is mm:ss (or h:mm:ss), `{visual}` its visual tokens. */
  readonly frame: string;
  /** The new cues of a frame, directly after it: `{text}`. */
  readonly cue: string;
  /** After the last frame: `{question}`. */
  readonly end: string;
  /** Prepended to a continuation when choices are scored. */
  readonly answerPrefix: string;
  /** Touching texts of different parts are one when they are tokenised. */
  readonly join?: boolean | undefined;
  /** Texts that end the answer, besides the model's own end-of-sequence token. */
  readonly stop: readonly string[];
}

export interface SamplingDefaults {
  readonly strategy: "uniform";
  readonly frames: number;
  /** More frames than this were never seen in training; the planner does not exceed it. */
  readonly maxFrames: number;
}

export interface PackSpec {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** sha256 over the file digests and the settings they are run with: the identity of the model in provenance. */
  readonly digest: string;
  readonly composer: { readonly name: string; readonly merge: number };
  readonly sampling: SamplingDefaults;
  /** Most tokens that subtitles may take in a prompt. */
  readonly subtitles: { readonly tokenBudget: number };
  readonly prompt: PromptTemplate;
  /** How the model is given multiple choice; `texts` when absent. */
  readonly choices?: ChoiceStyle;
}

export interface OpenPack {
  readonly spec: PackSpec;
  readonly encoder: VisionEncoder;
  readonly projector: Projector;
  readonly language: LanguageModel;
  /** Loaded when it is first used. */
  readonly speech?: SpeechRecogniser;
  /** Loaded when it is first used. */
  readonly embedder?: Embedder;
  dispose(): Promise<void>;
}
