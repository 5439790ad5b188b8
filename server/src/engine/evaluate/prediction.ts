/** What a model said to a question, with what is known of the question: one line of a predictions file. */
import type { Span } from "../../format/index.js";

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
  /** A verdict that the file brings with it. */
  readonly judged?: { readonly right: boolean; readonly score: number };
}

/** What two files call the same question by. */
export function questionKey({ video, id, question }: Pick<Prediction, "video" | "id" | "question">): string {
  return JSON.stringify([video, id ?? "", question]);
}
