import type { AskRequest, NotebookCue } from "./answer.js";
import type { FittedPrompt } from "./budget.js";
import { digestOf } from "./digest.js";
import { featureKey, seeFrames, selectFrames, type SeenFrames } from "./features.js";
import { fillSlots } from "./interleave.js";
import { plan as makePlan, type Plan, type PlanParts } from "./plan.js";
import type { FeatureCache, Matrix, Piece, Progress } from "./ports.js";
import { Recent } from "./recent.js";
import { visualTokens } from "./visualTokens.js";

export interface WatchParts extends PlanParts {
  readonly cache: FeatureCache;
}

/** A video made ready for the language model: all of the prompt but the question's turn. */
export interface Watched {
  readonly plan: Plan;
  readonly prefix: readonly Piece[];
  readonly question: readonly Piece[];
  /** Real times of the frames in the prompt. */
  readonly frameTimesMs: readonly number[];
  readonly cuesUsed: readonly NotebookCue[];
  readonly notes: readonly string[];
  readonly featuresCached: boolean;
  readonly framesMs: number;
  readonly encodeMs: number;
  readonly composeMs: number;
}

export type Watch = (request: AskRequest, onProgress: (progress: Progress) => void, signal?: AbortSignal) => Promise<Watched>;

/** Videos whose features and tokens stay in memory. */
const KEPT = 2;

/** Plan, frames, features, visual tokens, prompt; what is the same as a moment ago is not made again. */
export function createWatch(parts: WatchParts): Watch {
  const { pack, composer, now } = parts;
  const seenBefore = new Recent<SeenFrames>(KEPT);
  const tokensBefore = new Recent<readonly Matrix[]>(KEPT);

  return async (request, onProgress, signal) => {
    const plan = await makePlan(request, parts, onProgress, signal);
    const features = { media: plan.media, timesMs: plan.prompt.timesMs, mode: plan.mode, modelDigest: pack.spec.digest };
    const key = featureKey(features, pack.encoder);

    const before = seenBefore.get(key);
    const seen = before
      ? { ...before, cached: true, framesMs: 0, encodeMs: 0 }
      : await seeFrames(features, { ...parts, encoder: pack.encoder }, onProgress, signal);
    seenBefore.set(key, seen);

    const begun = now();
    const { prompt, shown } = settle(plan, seen);
    const tokensKey = digestOf({ key, shown });
    const tokens =
      tokensBefore.get(tokensKey) ??
      (await visualTokens(selectFrames(seen.features, shown), composer, pack.projector, signal));
    tokensBefore.set(tokensKey, tokens);

    return {
      plan,
      prefix: fillSlots(prompt.prefix, tokens),
      question: prompt.question,
      frameTimesMs: shown.map((i) => seen.timesMs[i]!),
      cuesUsed: prompt.cues.flat(),
      notes: [...new Set([...plan.notes, ...prompt.notes])],
      featuresCached: seen.cached,
      framesMs: seen.framesMs,
      encodeMs: seen.encodeMs,
      composeMs: now() - begun,
    };
  };
}

/**
 * Which of the decoded frames go into the prompt, and with which times. An exact frame is what is on
 * screen at the time that was asked for. A keyframe may be seconds older, so the prompt is laid out
 * again on the times that the pictures really have.
 */
function settle(plan: Plan, seen: SeenFrames): { prompt: FittedPrompt; shown: readonly number[] } {
  const all = seen.timesMs.map((_, i) => i);
  if (plan.mode === "exact") return { prompt: plan.prompt, shown: all };
  const prompt = plan.refit(seen.timesMs);
  return { prompt, shown: all.filter((i) => prompt.timesMs.includes(seen.timesMs[i]!)) };
}
