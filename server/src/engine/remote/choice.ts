/** Which choice a reply names: by the likelihood of the letters where the engine tells it, by what is said otherwise. */
import { choiceLetter } from "../../format/index.js";
import type { ChatReply } from "./port.js";

export interface Chosen {
  readonly choice: number;
  /** Only by likelihood: they add up to 1. */
  readonly probabilities?: readonly number[];
}

/** Undefined when the reply names none of the choices, or several. */
export function chosen({ text, alternatives }: Pick<ChatReply, "text" | "alternatives">, choices: readonly string[]): Chosen | undefined {
  const letters = choices.map((_, i) => choiceLetter(i));
  // The token at which the letter is said; before it may stand a bracket or a blank.
  for (const tokens of alternatives ?? []) {
    const found = letters.map((letter) => tokens.filter(({ text: token }) => bare(token) === letter).map(({ logProb }) => logProb));
    const [said] = [...tokens].sort((a, b) => b.logProb - a.logProb);
    if (said === undefined || !letters.includes(bare(said.text))) {
      if (said !== undefined && bare(said.text) === "") continue;
      break;
    }
    const weights = found.map((logProbs) => logProbs.reduce((sum, logProb) => sum + Math.exp(logProb), 0));
    const sum = weights.reduce((a, b) => a + b, 0);
    const probabilities = weights.map((weight) => weight / sum);
    return { choice: probabilities.indexOf(Math.max(...probabilities)), probabilities };
  }
  const said = text.trim();
  // "A" may also begin a sentence.
  const letter = (/^\(([A-Z])\)/.exec(said) ?? /^([A-Z])(?:[).:,]|$)/.exec(said))?.[1];
  const byLetter = letter === undefined ? -1 : letters.indexOf(letter);
  if (byLetter >= 0) return { choice: byLetter };
  const lower = said.toLowerCase().replace(/[.!]$/, "");
  const named = choices.flatMap((choice, i) => (choice.toLowerCase() === lower ? [i] : []));
  return named.length === 1 ? { choice: named[0]! } : undefined;
}

function bare(token: string): string {
  return token.replace(/^[\s▁Ġ(]+/, "").replace(/[\s).:]+$/, "");
}
