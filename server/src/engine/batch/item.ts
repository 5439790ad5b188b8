/** What a batch is made of: one question about one video, and what became of it. */
import { canonicalJson, type JsonValue, type NewAnswer, type Span } from "../../format/index.js";
import type { Answer, AskRequest } from "../answer.js";
import type { ErrorCode, SerializedError } from "../errors.js";

/** What is known of a question besides what is asked; for the results, not for the model. */
export interface ItemFacts {
  readonly id?: string;
  readonly type?: string;
  /** Answers of people. */
  readonly references?: readonly string[];
  /** The question itself, where the choices were written below it. */
  readonly question?: string;
  /** Choices that the model is not asked to weigh, but to name. */
  readonly choices?: readonly string[];
  /** Indices of the right choices. */
  readonly gold?: readonly number[];
  /** Where in the video the answer shows, when that is to be found and not told. */
  readonly grounding?: readonly Span[];
  readonly fields?: Readonly<Record<string, JsonValue>>;
}

export interface BatchItem {
  /** The same for the same question in every run of the batch, and another one's never. */
  readonly key: string;
  /** The video as results name it. */
  readonly video: string;
  readonly model: string;
  /** Its `video` is the absolute path here. */
  readonly request: AskRequest;
  readonly facts: ItemFacts;
  /** What cannot be asked at all says so here, in place of being left out. */
  readonly obstacle?: SerializedError;
}

/** An answer as the journal keeps it. */
export interface KeptAnswer {
  readonly text: string;
  readonly choice?: number;
  /** Of each choice. */
  readonly p?: readonly number[];
  readonly model: string;
  readonly modelDigest: string;
  readonly ms: number;
  readonly notes: readonly string[];
  /** Parts of the video that the answer rests on, where the model tells. */
  readonly evidence?: readonly Span[];
  /** How a notebook writes it. */
  readonly record: Omit<NewAnswer, "question" | "text"> & { readonly said: string };
}

export type Outcome = { readonly key: string; readonly ok: KeptAnswer } | { readonly key: string; readonly error: SerializedError };

/**
 * What identifies an item: canonical JSON of what is asked, the folder of the video left out, so that a
 * batch goes on where the files were moved to.
 */
export function identityOf(group: string, video: string, id: string | undefined, model: string, request: AskRequest): string {
  const { video: _path, ...asked } = request;
  return canonicalJson(JSON.parse(JSON.stringify({ group, video, id, model, asked })) as JsonValue);
}

/** Faults of the installation: the next item would meet them too, so they end a batch. */
const FATAL: ReadonlySet<ErrorCode> = new Set(["model-missing", "model-damaged", "model-unsupported", "decoder-missing", "worker-unavailable"]);
/** Faults that may be gone at the next try. */
const PASSING: ReadonlySet<ErrorCode> = new Set(["worker-crashed", "decoder-failed", "internal"]);

export const isFatal = (code: ErrorCode): boolean => FATAL.has(code);
export const mayPass = (code: ErrorCode): boolean => PASSING.has(code);

/**
 * Which of `of` shares, from 1, an item belongs to: by its video, so that the questions on one stay
 * together, and whatever other videos there are. `digest` is a hash of the video's name, as hex.
 */
export function shardOf(digest: string, of: number): number {
  return (Number.parseInt(digest.slice(0, 12), 16) % of) + 1;
}

/**
 * The parts of the video that an answer rests on, as one prediction: those that speak for it at least half
 * as strongly as the strongest does. Undefined where the model does not tell.
 */
export function evidenceOf({ evidence }: Answer): readonly Span[] | undefined {
  const finer = evidence?.filter(({ kind }) => kind !== "clip") ?? [];
  // How near a clip is to the question is another measure than what a frame is worth to the answer.
  const parts = finer.length > 0 ? finer : (evidence ?? []);
  const best = Math.max(0, ...parts.map(({ score }) => score));
  const spans = parts.filter(({ score }) => score > 0 && score >= best / 2).map(({ startMs, endMs }) => ({ startMs, endMs }));
  return spans.length === 0 ? undefined : spans;
}
