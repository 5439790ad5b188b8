import type { AskRequest, NotebookCue, Span } from "./answer.js";
import type { FittedPrompt } from "./budget.js";
import type { Composer } from "./compose/port.js";
import { composeSound } from "./compose/sound.js";
import { digestOf } from "./digest.js";
import { throwIfAborted } from "./errors.js";
import { featureKey, seeFrames, selectFrames, type SeenFrames } from "./features.js";
import { hearClips } from "./hear.js";
import { fillSlots } from "./interleave.js";
import type { OpenSystem } from "./pack.js";
import { plan as makePlan, type Plan, type PlanParts, type View } from "./plan.js";
import type { AudioSource, Matrix, Piece, Progress } from "./ports.js";
import { Recent } from "./recent.js";
import { projectSegments, visualTokens } from "./visualTokens.js";

export interface WatchParts extends PlanParts {
  readonly system: OpenSystem;
  readonly composer: Composer;
  readonly audio?: AudioSource | undefined;
}

/** A video made ready for the language model: all of the prompt but the question's turn. */
export interface Watched {
  readonly plan: Plan;
  readonly prefix: readonly Piece[];
  readonly question: readonly Piece[];
  /** Real times of the frames in the prompt. */
  readonly frameTimesMs: readonly number[];
  /** Clips of sound in the prompt. */
  readonly soundSpans: readonly Span[];
  readonly cuesUsed: readonly NotebookCue[];
  /** The prompt up to the question with one frame (its index in `frameTimesMs`) or one of `cuesUsed` left out. */
  without(left: LeftOut, signal?: AbortSignal): Promise<readonly Piece[]>;
  readonly notes: readonly string[];
  readonly featuresCached: boolean;
  readonly framesMs: number;
  readonly encodeMs: number;
  readonly composeMs: number;
}

export type LeftOut = { readonly frame: number } | { readonly cue: NotebookCue };

export type Watch = (request: AskRequest, onProgress: (progress: Progress) => void, signal?: AbortSignal, view?: View) => Promise<Watched>;

/** Videos whose features and tokens stay in memory. */
const KEPT = 2;

/** Plan, frames, sound, features, tokens, prompt; what is the same as a moment ago is not made again. */
export function createWatch(parts: WatchParts): Watch {
  const { system, composer, now } = parts;
  const seenBefore = new Recent<SeenFrames>(KEPT);
  // Of each video, its pictures and its sound.
  const tokensBefore = new Recent<readonly Matrix[]>(2 * KEPT);

  /** The projected segments of a plan's clips, or in words why there are none. */
  async function listen(plan: Plan, signal?: AbortSignal): Promise<{ key: string; tokens: readonly Matrix[] } | { why: string }> {
    const { audio: branch, spec } = system;
    if (!branch) return { why: "" };
    const { media, clips } = plan;
    const heard = await hearClips({ media, clips, modelDigest: spec.digest }, branch, { audio: parts.audio, cache: parts.cache }, signal);
    throwIfAborted(signal);
    if ("why" in heard) return heard;
    const key = digestOf({ sound: media.digest, clips: clips.map((clip) => [clip.startMs, clip.endMs]) });
    const tokens = tokensBefore.get(key) ?? (await projectSegments(await composeSound(heard.features, branch, signal), system, signal));
    tokensBefore.set(key, tokens);
    return { key, tokens };
  }

  return async (request, onProgress, signal, view) => {
    const plan = await makePlan(request, parts, onProgress, signal, view);
    const features = { media: plan.media, timesMs: plan.prompt.timesMs, mode: plan.mode, encoderDigest: system.spec.encoderDigest };
    const key = featureKey(features, system.encoder);

    const before = seenBefore.get(key);
    const seen = before
      ? { ...before, cached: true, framesMs: 0, encodeMs: 0 }
      : await seeFrames(features, { ...parts, encoder: system.encoder }, onProgress, signal);
    seenBefore.set(key, seen);

    const begun = now();
    const sound = await soundFor(request, () => listen(plan, signal));
    throwIfAborted(signal);
    const { prompt, shown } = settle(plan, seen, sound.tokens.length > 0);
    const tokensKey = digestOf({ key, shown });
    const tokens = tokensBefore.get(tokensKey) ?? (await visualTokens(selectFrames(seen.features, shown), composer, system, signal));
    tokensBefore.set(tokensKey, tokens);

    const without = async (left: LeftOut, stop?: AbortSignal): Promise<readonly Piece[]> => {
      const kept = "frame" in left ? shown.filter((_, i) => i !== left.frame) : shown;
      const laid = plan.refit(kept.map((i) => prompt.timesMs[shown.indexOf(i)]!), sound.tokens.length > 0, "cue" in left ? left.cue : undefined);
      const rest = "frame" in left ? await visualTokens(selectFrames(seen.features, kept), composer, system, stop) : tokens;
      return fillSlots(laid.prefix, [...sound.tokens, ...rest]);
    };

    return {
      plan,
      without,
      prefix: fillSlots(prompt.prefix, [...sound.tokens, ...tokens]),
      question: prompt.question,
      frameTimesMs: shown.map((i) => seen.timesMs[i]!),
      soundSpans: sound.tokens.length > 0 ? plan.clips : [],
      cuesUsed: prompt.cues.flat(),
      notes: [...new Set([...plan.notes, ...prompt.notes, ...sound.notes])],
      featuresCached: seen.cached,
      framesMs: seen.framesMs,
      encodeMs: seen.encodeMs,
      composeMs: now() - begun,
    };
  };

  async function soundFor(
    request: AskRequest,
    hear: () => Promise<{ tokens: readonly Matrix[] } | { why: string }>,
  ): Promise<{ tokens: readonly Matrix[]; notes: readonly string[] }> {
    if (!system.audio || request.audio === "off") return { tokens: [], notes: [] };
    const heard = await hear();
    if ("tokens" in heard) return { tokens: heard.tokens, notes: [] };
    return { tokens: [], notes: [`Answered without sound: ${heard.why}.`] };
  }
}

/**
 * Which of the decoded frames go into the prompt, and with which times. An exact frame is what is on
 * screen at the time that was asked for. A keyframe may be seconds older, so the prompt is laid out
 * again on the times that the pictures really have.
 */
function settle(plan: Plan, seen: SeenFrames, heard: boolean): { prompt: FittedPrompt; shown: readonly number[] } {
  const all = seen.timesMs.map((_, i) => i);
  const exact = plan.mode === "exact";
  if (exact && heard === plan.clips.length > 0) return { prompt: plan.prompt, shown: all };
  // Without its sound the prompt is shorter, and still holds the frames that were decoded for it.
  const prompt = plan.refit(exact ? plan.prompt.timesMs : seen.timesMs, heard);
  if (exact) return { prompt, shown: all };
  return { prompt, shown: all.filter((i) => prompt.timesMs.includes(seen.timesMs[i]!)) };
}
