import { inputId, type AnswerInputs } from "../format/index.js";
import type { AskRequest, LongProvenance, Provenance } from "./answer.js";

/** The part of an answer's provenance that its inputs are made of. */
export type SeenInputs = Pick<
  Provenance,
  "videoDigest" | "cuesUsed" | "modelDigest" | "composer" | "promptId" | "requestedFrames" | "strategy" | "rate"
> & {
  /** Of a long video. Which clips are found follows from it: so it stands for them, and for the subtitles in them. */
  readonly long?: Pick<LongProvenance, "way" | "recipe" | "cues">;
};

/**
 * What the answer to a request depends on, but for the decoding, which its RUN records. The same
 * before the answer, from a plan, and after it, from its provenance: that is how a stored answer is
 * found fresh or stale.
 */
export function answerInputs(request: AskRequest, seen: SeenInputs): AnswerInputs {
  return {
    video: seen.videoDigest,
    scope: request.scope ?? [],
    question: request.question,
    choices: request.choices ?? [],
    cues: seen.long ? [] : seen.cuesUsed,
    sampling: {
      strategy: seen.strategy ?? "uniform",
      frames: seen.requestedFrames,
      mode: request.frameMode ?? "exact",
      ...(seen.rate === undefined ? {} : { rate: seen.rate }),
      ...(seen.long ? { long: { way: seen.long.way, recipe: seen.long.recipe, cues: seen.long.cues } } : {}),
    },
    model: seen.modelDigest,
    prompt: `${seen.promptId} ${seen.composer}`,
  };
}

/** `in12` of inputs that may come from another process. */
export function inputIdOf(dependsOn: Readonly<Record<string, unknown>>): string {
  return inputId(dependsOn as unknown as AnswerInputs);
}
