import { alignCues } from "./align.js";
import type { NotebookCue, Span } from "./answer.js";
import type { SegmentShape } from "./compose/port.js";
import { VqaError } from "./errors.js";
import type { LayoutPiece, PromptClip, PromptRenderer } from "./interleave.js";
import type { LanguageModel, Piece } from "./ports.js";

export interface FitRequest {
  /** Frames to start from; fewer are taken when they do not fit. At least 1. */
  readonly frames: number;
  /** Times of a number of frames. May give fewer than it was asked for. */
  readonly sample: (frames: number) => readonly number[];
  readonly outline: (frames: number) => readonly SegmentShape[];
  /** The clips of sound that the outline's audio segments are of. */
  readonly clips?: readonly PromptClip[];
  readonly spans: readonly Span[];
  /** In time order, distinct, within the pack's own budget for subtitles. */
  readonly cues: readonly NotebookCue[];
  /** As it will stand in the prompt, choices included. */
  readonly question: string;
  /** Positions kept free for the answer. */
  readonly answerTokens: number;
}

export interface FittedPrompt {
  readonly timesMs: readonly number[];
  /** The cues of each frame. */
  readonly cues: readonly (readonly NotebookCue[])[];
  readonly segments: readonly SegmentShape[];
  /** The prompt up to the question. */
  readonly prefix: readonly LayoutPiece[];
  readonly question: readonly Piece[];
  /** Positions of prefix and question together. */
  readonly positions: number;
  readonly notes: readonly string[];
}

export type Limits = Pick<LanguageModel, "contextSize" | "maxVisual" | "countTokens">;

/** Room for the question is taken in steps, so that questions of like length see the same frames. */
const QUESTION_STEP = 32;

/**
 * Fits the prompt into the model: fewer frames first, down to one, then fewer subtitles, the latest
 * going first. A composer that gives as many tokens for one frame as for many keeps its frames. The instruction and the question are never cut. (MiniGPT4-Video's code keeps the last
 * embeddings of a prompt that is too long, and so loses its instruction and its first frames.)
 *
 * Error: `context-overflow` when not even one frame without subtitles fits.
 */
export function fitPrompt(request: FitRequest, renderer: PromptRenderer, limits: Limits): FittedPrompt {
  const question = renderer.question(request.question);
  const questionTokens = limits.countTokens(question);
  const count = memoisedCounter(limits);
  const stepped = Math.ceil(questionTokens / QUESTION_STEP) * QUESTION_STEP;
  for (const room of new Set([stepped, questionTokens])) {
    const attempt = (frames: number, cues: number): Layout | undefined => {
      const laid = layOut(request, renderer, frames, request.cues.slice(0, cues));
      const positions = laid.visual + count(laid.prefix);
      const fits = positions + room + request.answerTokens <= limits.contextSize && laid.visual <= limits.maxVisual;
      return fits ? { ...laid, positions: positions + questionTokens } : undefined;
    };
    const least = rowsOf(request, 1) < rowsOf(request, request.frames) ? 1 : request.frames;
    const fitted = fewerFrames(request.frames, least, (n) => attempt(n, request.cues.length)) ?? fewerCues(request, least, attempt);
    if (fitted) {
      const { visual: _, ...prompt } = fitted;
      return { ...prompt, question, notes: notesOn(request, fitted, limits) };
    }
  }
  throw overflow(request, questionTokens, limits);
}

type Layout = Omit<FittedPrompt, "question" | "notes"> & { readonly visual: number };

function layOut(
  request: FitRequest,
  renderer: PromptRenderer,
  frames: number,
  kept: readonly NotebookCue[],
): Omit<Layout, "positions"> {
  const timesMs = request.sample(frames);
  const cues = alignCues(kept, timesMs, request.spans);
  const segments = request.outline(timesMs.length);
  const prefix = renderer.prefix(timesMs.map((timeMs, i) => ({ timeMs, cues: cues[i]! })), segments, request.clips);
  return { timesMs, cues, segments, prefix, visual: segments.reduce((sum, s) => sum + s.rows, 0) };
}

function rowsOf({ outline }: FitRequest, frames: number): number {
  return outline(frames).reduce((sum, s) => sum + s.rows, 0);
}

function fewerFrames(most: number, least: number, attempt: (frames: number) => Layout | undefined): Layout | undefined {
  for (let frames = most; frames >= least; frames--) {
    const fitted = attempt(frames);
    if (fitted) return fitted;
  }
  return undefined;
}

/** The fewest frames and the longest beginning of the cues: halving, for an hour's subtitles are many. */
function fewerCues(
  { cues }: FitRequest,
  frames: number,
  attempt: (frames: number, cues: number) => Layout | undefined,
): Layout | undefined {
  let best = attempt(frames, 0);
  let [fits, over] = [0, cues.length];
  while (best && over - fits > 1) {
    const middle = (fits + over) >> 1;
    const fitted = attempt(frames, middle);
    if (fitted) [best, fits] = [fitted, middle];
    else over = middle;
  }
  return best;
}

/** Text pieces are counted once each, though the same ones are laid out for every number of frames. */
function memoisedCounter(limits: Limits): (layout: readonly LayoutPiece[]) => number {
  const known = new Map<string, number>();
  const one = (piece: Exclude<Piece, { kind: "visual" }>): number => {
    const key = `${piece.kind}:${piece.text}`;
    const tokens = known.get(key) ?? limits.countTokens([piece]);
    known.set(key, tokens);
    return tokens;
  };
  return (layout) => layout.reduce((sum, piece) => sum + (piece.kind === "slot" ? 0 : one(piece)), 0);
}

function notesOn(request: FitRequest, fitted: Layout, limits: Limits): string[] {
  const notes: string[] = [];
  const wanted = request.sample(request.frames).length;
  const [seen, heard] = [fitted.timesMs.length, fitted.cues.flat().length];
  const room = `the model's context of ${limits.contextSize} positions, ${limits.maxVisual} of them visual`;
  if (seen < wanted) notes.push(`Looked at ${seen} of ${wanted} frames: more do not fit ${room}.`);
  if (heard < request.cues.length) {
    notes.push(`Left out the last ${request.cues.length - heard} of ${request.cues.length} subtitles: more do not fit ${room}.`);
  }
  return notes;
}

function overflow(request: FitRequest, questionTokens: number, limits: Limits): VqaError {
  return new VqaError(
    "context-overflow",
    `The question takes ${questionTokens} tokens and its answer up to ${request.answerTokens}; with a single frame that is more than the model's ${limits.contextSize}.`,
    "Shorten the question or its choices, lower max-tokens, or use a model with a larger context.",
    { data: { questionTokens, answerTokens: request.answerTokens, contextSize: limits.contextSize } },
  );
}
