/** From one question that waits for an answer to the next one. Pure. */

export interface Stop {
  /** Of its first character, in the whole text. */
  readonly start: number;
  readonly waits: boolean;
}

export interface Step {
  /** Number of the question, from 0. */
  readonly question: number;
  /** The end of the notebook lies between. */
  readonly wrapped: boolean;
  /** Questions that wait, this one among them. */
  readonly waiting: number;
}

/**
 * The question to go to from `at`, an offset, in order of the text and around its end. The one at
 * `at` itself comes last, so that a step always moves where it can. Undefined when none waits.
 */
export function nextWaiting(questions: readonly Stop[], at: number, direction: 1 | -1): Step | undefined {
  const waiting = questions.flatMap(({ waits }, i) => (waits ? [i] : []));
  const here = questions.findLastIndex(({ start }) => start <= at);
  const ordered = direction === 1 ? waiting : waiting.toReversed();
  const ahead = ordered.find((i) => (direction === 1 ? i > here : i < here));
  const question = ahead ?? ordered[0];
  return question === undefined ? undefined : { question, wrapped: ahead === undefined, waiting: waiting.length };
}
