/** The question that goes into the engine and the answer that comes out: JSON values only. */

export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

export interface NotebookCue extends Span {
  readonly text: string;
}

/** Ways of answering about a long video; see {@link AskRequest.long}. */
export const LONG_WAYS = ["auto", "clips", "summaries", "off"] as const;

export interface AskRequest {
  /** Absolute path of the video file. */
  readonly video: string;
  readonly question: string;
  /** The system of the model pack that answers, such as "longvlm"; the pack's default when absent. */
  readonly composer?: string;
  /** Multiple choice: the answer is one of these, by likelihood. */
  readonly choices?: readonly string[];
  /** Parts of the video to look at; empty or absent means all of it. */
  readonly scope?: readonly Span[];
  /** Frames to sample, or with `segment` of each part of the scope, or with `fps` at most; the pack's default when absent. */
  readonly frames?: number;
  /** How frames are chosen; by the pack's rule when absent. */
  readonly strategy?: "uniform" | "fps" | "segment" | "scenes";
  /** With `fps`: frames a second, above 0. */
  readonly rate?: number;
  readonly frameMode?: "exact" | "keyframe";
  /** `off` ignores subtitles; `auto` takes the notebook's cues, a sidecar or an embedded track. */
  readonly subtitles?: "auto" | "off";
  /** `off` hears nothing; `auto` takes the sound where the system has ears and the video a track. */
  readonly audio?: "auto" | "off";
  /** Also find out what the answer rests on, which costs a prefill for every frame and subtitle. */
  readonly evidence?: boolean;
  /** `auto` (default) listens where there are no subtitles; `off` never does. */
  readonly speech?: "auto" | "off";
  /**
   * `auto` (default) answers about a long video by way of its clips, and about the whole of it from their
   * summaries; `clips` and `summaries` choose one of these ways; `off` spreads frames over all of it.
   */
  readonly long?: (typeof LONG_WAYS)[number];
  /** Cues written in the notebook; they win over those of the file. */
  readonly cues?: readonly NotebookCue[];
  readonly decode?: {
    readonly temperature?: number;
    readonly seed?: number;
    readonly maxTokens?: number;
    readonly repetitionPenalty?: number;
  };
}

/** A long video of which its clips are to be summarised ahead of questions. */
export type IndexRequest = Pick<AskRequest, "video" | "composer" | "scope" | "audio" | "subtitles" | "speech">;

/** A clip of a long video and what the model says of it, with the times of the video. */
export interface SummarisedClip extends Span {
  readonly summary: string;
}

/** Everything that the answer depended on, so that it can be reproduced or called stale. */
export interface Provenance {
  readonly videoDigest: string;
  readonly modelId: string;
  readonly modelDigest: string;
  readonly composer: string;
  /** sha256 of the prompt template and of the way in which choices are put. */
  readonly promptId: string;
  /** Real times of the frames that were seen. */
  readonly frameTimesMs: readonly number[];
  /** See `AskRequest.frames`. */
  readonly requestedFrames: number;
  /** How the frames were chosen; `uniform` when absent. */
  readonly strategy?: string;
  /** With `fps`: frames a second. */
  readonly rate?: number;
  /** Clips of sound that were heard; absent when none was, which `notes` then explain. */
  readonly soundSpans?: readonly Span[];
  readonly cueSource?: string;
  readonly cuesUsed: readonly NotebookCue[];
  /** Present where a long video was answered by way of its clips. */
  readonly long?: LongProvenance;
  readonly decode: {
    readonly temperature: number;
    readonly seed: number;
    readonly maxTokens: number;
    readonly repetitionPenalty: number;
  };
  readonly engine: readonly string[];
  /** What the user should know: frames lowered to fit, cues dropped, truncated file. */
  readonly notes: readonly string[];
}

/** How a long video was answered; see `longVideo/`. */
export interface LongProvenance {
  /** The question was asked again on the clips nearest to it, or answered from the summaries of all. */
  readonly way: "clips" | "summaries";
  /** Clips that were looked through. */
  readonly clips: number;
  /** Identity of how clips are made, found and shown. */
  readonly recipe: string;
  /** sha256 of all subtitles that could be found. */
  readonly cues: string;
}

/**
 * Where the time of one question went. `firstTokenMs` and `totalMs` count from the beginning of the
 * question's turn; the others are the lengths of their own stages, 0 for what was kept from before.
 */
export interface Timings {
  readonly probeMs: number;
  /** Long videos: summaries that were missing, and finding the clips. */
  readonly indexMs?: number;
  readonly framesMs: number;
  readonly subtitlesMs: number;
  readonly encodeMs: number;
  readonly composeMs: number;
  readonly prefillMs: number;
  readonly firstTokenMs: number;
  readonly generateMs: number;
  readonly totalMs: number;
  /** Positions of the whole prompt: text and visual. */
  readonly promptTokens: number;
  /** Positions of the video's part of the prompt that had to be evaluated for this question. */
  readonly prefillEvaluated: number;
  /** Tokens said; for multiple choice, tokens scored. */
  readonly answerTokens: number;
  /** Features came from the cache. */
  readonly featuresCached: boolean;
}

/** A part of the video that an answer rests on. */
export interface Evidence extends Span {
  readonly kind: "frame" | "cue" | "clip";
  /**
   * Of frames and cues: by how much the answer's log-likelihood falls without it, in nats; below 0 it spoke
   * against. Of the clips of a long video: how near they are to the question, at most 1.
   */
  readonly score: number;
  readonly why: string;
}

export interface Answer {
  readonly text: string;
  /** Index into the request's choices. */
  readonly choice?: number;
  /** Multiple choice only: softmax over the choices' length-normalised log-likelihoods. */
  readonly probabilities?: readonly number[];
  readonly stop: "end" | "max-tokens" | "stopped";
  /** The clips of a long video; frames and cues where they were asked for. Clips first, of each the highest score first. */
  readonly evidence?: readonly Evidence[];
  readonly provenance: Provenance;
  readonly timings: Timings;
}
