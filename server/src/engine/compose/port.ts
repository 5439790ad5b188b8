import type { EncodedFrames, GlobalShape, Matrix, QFormer, QFormerShape, VisualGrid } from "../ports.js";

/** Which projector brings a segment into the language model's space. */
export const PROJECTORS = ["visual", "temporal", "global", "audio"] as const;
export type ProjectorName = (typeof PROJECTORS)[number];

/** Size of one segment, known before any frame is decoded: for budgets. */
export interface SegmentShape {
  /** Index of the sampled frame that it shows. */
  readonly frame?: number;
  /** First and last of the sampled frames that it covers. Without this and `frame` it stands for all of them. */
  readonly frames?: readonly [first: number, last: number];
  /** Index of the clip of sound that it carries; only of segments that go through the `audio` projector. */
  readonly clip?: number;
  readonly projector: ProjectorName;
  /** Positions that it takes in the prompt. */
  readonly rows: number;
  /** How they lie in the picture, where the composer keeps that; their product is `rows`. */
  readonly grid?: VisualGrid;
}

/** One run of tokens, still in the encoder's space: its projector comes after. */
export interface Segment extends Omit<SegmentShape, "rows"> {
  /** (rows, width), the width that the composer declares for the projector. */
  readonly tokens: Matrix;
}

/** The learned parts that some composers have between encoder and projector. */
export interface LearnedParts {
  readonly imageQformer?: QFormer;
  readonly videoQformer?: QFormer;
  /** (count, width): row t is added to every query of the t-th frame. */
  readonly framePositions?: Matrix;
  /** (1, width of the language model): ends the video, behind the last frame. */
  readonly newline?: Matrix;
}

/** Their sizes alone: enough to plan with, and to check a manifest. */
export interface PartShapes {
  readonly imageQformer?: QFormerShape;
  readonly videoQformer?: QFormerShape;
  readonly framePositions?: Pick<Matrix, "rows" | "width">;
  readonly newline?: Pick<Matrix, "width">;
}

/** What a composer is made for: the sizes of the encoder and of the learned parts. */
export interface ComposerShapes {
  readonly tokens: number;
  readonly width: number;
  readonly grid: readonly [rows: number, columns: number];
  readonly global?: GlobalShape;
  readonly parts?: PartShapes;
}

/**
 * How a video becomes visual tokens: the difference between the published systems. A composer turns
 * the encoder's output of T frames, shape (T, N, D), into an ordered list of segments. A per-frame
 * system yields T of them, which the prompt interleaves with times and subtitles; a system that
 * mixes time (Q-former, pooled axes, merged segments) yields one or a few for the whole video.
 */
export interface Composer {
  readonly name: string;
  /** The projectors that its segments go through, and the width of the rows that each is given. */
  readonly widths: Readonly<Partial<Record<ProjectorName, number>>>;
  /** Most frames that it can take; any number when absent. */
  readonly maxFrames?: number;
  /** The segments that `compose` will yield for `frames` frames, in its order. */
  outline(frames: number): readonly SegmentShape[];
  compose(features: EncodedFrames, parts: LearnedParts, signal?: AbortSignal): Promise<readonly Segment[]>;
}
