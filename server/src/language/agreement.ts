/** Whether a machine's answer is the one that people gave, where that can be told from the text alone. */
import { choiceOf, formatChoice, type MachineAnswer, type Question } from "../format/index.js";

export type Agreement =
  | { readonly kind: "none" }
  | { readonly kind: "right" }
  /** `gold`: what would have been right. */
  | { readonly kind: "wrong"; readonly gold: string }
  /** Other words than those of the reference: they may still mean the same. */
  | { readonly kind: "unclear"; readonly gold: string };

export function agreementOf({ choices, gold, references }: Question, answer: MachineAnswer): Agreement {
  const [first] = gold;
  if (first !== undefined) {
    const named = choiceOf(answer.text, choices.map(({ text }) => text));
    if (named !== undefined && gold.includes(named)) return { kind: "right" };
    return { kind: "wrong", gold: formatChoice(first, choices[first]?.text ?? "") };
  }
  const reference = references.find(({ text }) => text !== "");
  if (reference === undefined) return { kind: "none" };
  const given = normal(answer.text);
  if (references.some(({ text }) => text !== "" && normal(text) === given)) return { kind: "right" };
  return { kind: "unclear", gold: reference.text };
}

/** Case, punctuation and blanks do not make an answer another one. */
function normal(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
