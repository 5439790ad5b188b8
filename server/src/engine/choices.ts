import { formatChoice, choiceLetter } from "../format/index.js";
import type { ContinuationScore } from "./ports.js";

/**
 * How a model is given the choices of a question.
 * - `texts`: it never sees them; each is scored as a full answer to the plain question. Needs no
 *   training on multiple choice.
 * - `letters`: they are listed under the question as `(A) ...`, and the letters are scored.
 */
export type ChoiceStyle = "texts" | "letters";

export interface ChoicePrompt {
  /** The question as it stands in the prompt. */
  readonly question: string;
  /** One for each choice: what the model is asked to have said. */
  readonly continuations: readonly string[];
}

export interface ChoiceResult {
  readonly choice: number;
  /** Softmax over the mean log-likelihood a token; they add up to 1. */
  readonly probabilities: readonly number[];
}

export function choicePrompt(
  question: string,
  choices: readonly string[],
  style: ChoiceStyle,
  answerPrefix: string,
): ChoicePrompt {
  if (style === "texts") return { question, continuations: choices.map((text) => answerPrefix + text) };
  return {
    question: [question, ...choices.map((text, i) => formatChoice(i, text))].join("\n"),
    continuations: choices.map((_, i) => `${answerPrefix}(${choiceLetter(i)})`),
  };
}

/** The likeliest choice; the earlier one of equals. The mean a token keeps long choices from losing by length. */
export function chooseByLikelihood(scores: readonly ContinuationScore[]): ChoiceResult {
  const means = scores.map(({ logProb, tokens }) => logProb / Math.max(1, tokens));
  const top = Math.max(...means);
  // A continuation of probability zero is -Infinity; when all are, none is better than another.
  const weights = means.map((mean) => (top === -Infinity ? 1 : Math.exp(mean - top)));
  const sum = weights.reduce((a, b) => a + b, 0);
  return { choice: means.indexOf(top), probabilities: weights.map((w) => w / sum) };
}
