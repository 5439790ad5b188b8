/** What is said to each question, a JSON object a line: for `vqa eval` and for anybody's scripts. */
import type { Span } from "../../format/index.js";
import type { Outcome } from "../../engine/batch/item.js";
import type { PlannedItem } from "./plan.js";

export interface Prediction {
  readonly video: string;
  readonly id?: string;
  readonly type?: string;
  readonly question: string;
  readonly choices?: readonly string[];
  /** Indices of the right choices. */
  readonly gold?: readonly number[];
  /** Answers of people. */
  readonly answers?: readonly string[];
  /** Where the answer shows, by people. */
  readonly grounding?: readonly Span[];
  /** Empty when there was an error. */
  readonly pred: string;
  readonly choice?: number;
  /** Of each choice. */
  readonly p?: readonly number[];
  /** Where the answer shows, by the model. */
  readonly evidence?: readonly Span[];
  readonly model?: string;
  readonly modelDigest?: string;
  readonly ms?: number;
  readonly notes?: readonly string[];
  readonly error?: { readonly code: string; readonly message: string };
}

export function predictionLine({ video, request, facts }: PlannedItem, outcome: Outcome): Prediction {
  const { id, type, references = [], gold = [], grounding } = facts;
  const about = {
    video,
    ...(id === undefined ? {} : { id }),
    ...(type === undefined ? {} : { type }),
    question: request.question,
    ...(request.choices === undefined ? {} : { choices: request.choices }),
    ...(gold.length === 0 ? {} : { gold }),
    ...(references.length === 0 ? {} : { answers: references }),
    ...(grounding === undefined ? {} : { grounding }),
  };
  if ("error" in outcome) return { ...about, pred: "", error: { code: outcome.error.code, message: outcome.error.message } };
  const { text, choice, p, evidence, model, modelDigest, ms, notes } = outcome.ok;
  return {
    ...about,
    pred: text,
    ...(choice === undefined ? {} : { choice }),
    ...(p === undefined ? {} : { p }),
    ...(evidence === undefined ? {} : { evidence }),
    model,
    modelDigest,
    ms,
    ...(notes.length === 0 ? {} : { notes }),
  };
}
