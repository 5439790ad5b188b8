import type { FrameFeatures, Matrix } from "../ports.js";

/** Size of one visual segment, known before any frame is decoded: for budgets. */
export interface SegmentShape {
  /** Index of the sampled frame that it shows; absent when it stands for the whole video. */
  readonly frame?: number;
  /** Positions that it takes in the prompt. */
  readonly rows: number;
}

/** One run of visual tokens, still in the encoder's space: the projector comes after. */
export interface VisualSegment {
  readonly frame?: number;
  /** (rows, outputWidth) */
  readonly tokens: Matrix;
}

/**
 * How a video becomes visual tokens: the difference between the published systems. A composer turns
 * the encoder's output of T frames, shape (T, N, D), into an ordered list of segments. A per-frame
 * system yields T of them, which the prompt interleaves with times and subtitles; a system that
 * mixes time (Q-former, pooled axes, merged segments) yields one or a few for the whole video.
 */
export interface Composer {
  readonly name: string;
  /** Width of the rows of every segment: the projector's input width. */
  readonly outputWidth: number;
  /** The segments that `compose` will yield for `frames` frames, in its order. */
  outline(frames: number): readonly SegmentShape[];
  compose(features: FrameFeatures, signal?: AbortSignal): Promise<readonly VisualSegment[]>;
}

/** What a composer is made for: the encoder's tokens a frame and their width, and the pack's merge factor. */
export interface ComposerSettings {
  readonly tokens: number;
  readonly width: number;
  readonly merge: number;
}

/** Error: `model-unsupported` when the settings do not go together. */
export type ComposerFactory = (settings: ComposerSettings) => Composer;
