import type { AskRequest, Span } from "../answer.js";

/**
 * How a system answers about videos that its frames cannot cover: Goldfish (arXiv 2407.12679). A pack's
 * manifest may set each of them; the defaults are the constants of that paper's code.
 */
export interface LongVideoSettings {
  /** A longer scope is answered by way of its clips. */
  readonly afterMs: number;
  /** Longest clip; the shortest is half of it. */
  readonly clipMs: number;
  /** Clips that a question is asked again on (the paper's k, section 3.2). */
  readonly top: number;
  /** Clips that are less near than this share of the nearest one are left out: 0 to 1. The paper keeps all k. */
  readonly atLeast: number;
  /** What a clip is asked for its summary. */
  readonly summary: { readonly question: string; readonly maxTokens: number };
  /** Texts that part what happens in a summary, besides the ends of sentences: each part is a document of its own. */
  readonly events: readonly string[];
  /**
   * What the times in prompts count from. `video`: its beginning. `clips`: the beginning of the shown
   * clips, laid end to end, for models that never saw large times; what the model says is put back.
   */
  readonly clock: "video" | "clips";
}

export const LONG_VIDEO: LongVideoSettings = {
  afterMs: 180_000,
  clipMs: 80_000,
  top: 3,
  atLeast: 0,
  summary: { question: "Describe in detail what happens in this video.", maxTokens: 192 },
  events: [],
  clock: "video",
};

/** `clips`: retrieval, and the question again on what was found. `summaries`: the summaries of all clips. */
export type LongWay = "clips" | "summaries";

/** How a request is answered: undefined means by frames spread over its scope, as a short video is. */
export function wayOf({ long = "auto", question }: Pick<AskRequest, "long" | "question">, spans: readonly Span[], settings: LongVideoSettings): LongWay | undefined {
  if (long === "off") return undefined;
  const length = spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  // One clip is all that there is: nothing to choose from.
  if (length <= (long === "auto" ? settings.afterMs : settings.clipMs)) return undefined;
  if (long !== "auto") return long;
  return isAboutAll(question) ? "summaries" : "clips";
}

/**
 * Words that ask for the whole of a video. The paper tells such questions apart by their benchmark; here
 * it is by English words, and `long` says it where they do not.
 */
const ABOUT_ALL =
  /\bsummar(?:y|ies|i[sz]e[sd]?)\b|\b(?:over ?all|in total|altogether|in all)\b|\b(?:whole|entire|complete|full|all of the) (?:video|film|movie|recording|clip)\b|\bthroughout\b|\bwhat is (?:the|this) (?:video|film|movie) about\b|\b(?:describe|outline) (?:the|this) (?:video|film|movie)\b|\bmain (?:topic|theme|idea|point)s?\b/i;

export function isAboutAll(question: string): boolean {
  return ABOUT_ALL.test(question);
}
