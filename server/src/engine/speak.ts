import { chooseByLikelihood } from "./choices.js";
import { cancelled, isAbort, throwIfAborted, VqaError } from "./errors.js";
import type { DecodeOptions, LanguageModel, LanguageSession, Piece, StopReason } from "./ports.js";

/** What the model said, before it becomes an `Answer`. */
export interface Said {
  readonly text: string;
  readonly choice?: number;
  readonly probabilities?: readonly number[];
  readonly stop: StopReason;
  readonly tokens: number;
}

/**
 * An open answer, token by token. A stop after the first word is not an error: the text so far is
 * the answer, with `stop: "stopped"`, whether the session returns it or throws. A stop before that
 * is `cancelled`.
 */
export async function speak(
  session: LanguageSession,
  language: Pick<LanguageModel, "countTokens">,
  question: readonly Piece[],
  options: DecodeOptions,
  onText: (delta: string) => void,
  signal?: AbortSignal,
): Promise<Said> {
  let heard = "";
  const listen = (delta: string): void => {
    heard += delta;
    onText(delta);
  };
  try {
    const { text, tokens, stop } = await session.generate(question, options, listen, signal);
    if (stop === "stopped" && text.trim() === "") throw cancelled();
    return { text, tokens, stop };
  } catch (thrown) {
    const stopped = isAbort(thrown) || (thrown instanceof VqaError && thrown.code === "cancelled");
    if (!stopped || !signal?.aborted || heard.trim() === "") throw thrown;
    return { text: heard, tokens: language.countTokens([{ kind: "text", text: heard }]), stop: "stopped" };
  }
}

/** Multiple choice: the likeliest of the choices, all of which are scored; none is made up. */
export async function choose(
  session: LanguageSession,
  question: readonly Piece[],
  continuations: readonly string[],
  choices: readonly string[],
  onText: (delta: string) => void,
  signal?: AbortSignal,
): Promise<Said> {
  const scores = await session.score(question, continuations, signal);
  throwIfAborted(signal);
  const { choice, probabilities } = chooseByLikelihood(scores);
  const text = choices[choice]!;
  onText(text);
  return { text, choice, probabilities, stop: "end", tokens: scores.reduce((sum, s) => sum + s.tokens, 0) };
}
