import type { AskRequest, Span } from "./answer.js";
import type { SamplingDefaults, SamplingStrategy } from "./pack.js";
import type { FeatureCache, MediaInfo, Progress, SceneSource } from "./ports.js";
import { framesWithin, sampleTimes } from "./sample.js";
import { sceneCuts, type SceneCuts } from "./sceneCuts.js";
import { framesAtRate, scenesWithin } from "./strategies.js";

export interface ChosenSampling {
  readonly strategy: SamplingStrategy;
  readonly rate?: number;
  /** Of the video, of each part of it, or at most. */
  readonly requestedFrames: number;
}

/** What the request says goes before what the model's own rule says. */
export function chosenSampling(request: Pick<AskRequest, "frames" | "strategy" | "rate">, defaults: SamplingDefaults): ChosenSampling {
  const strategy = request.strategy ?? defaults.strategy;
  const requestedFrames = request.frames ?? (request.strategy === "fps" ? defaults.maxFrames : defaults.frames);
  return { strategy, requestedFrames, ...(strategy === "fps" ? { rate: request.rate ?? defaults.rate ?? 1 } : {}) };
}

/** Which frames a question wants, before anything else limits them. */
export interface SamplingPlan extends ChosenSampling {
  /** How many frames that is here. At least 1. */
  readonly count: number;
  /** Times of so many frames, or of fewer. */
  times(frames: number): readonly number[];
  readonly notes: readonly string[];
}

export interface SamplingParts {
  readonly cache: FeatureCache;
  /** Without it nobody looks for scenes, and frames are spread evenly. */
  readonly scenes?: SceneSource | undefined;
}

/** Looks for scenes where they are wanted. Errors: those of `SceneSource`. */
export async function planSampling(
  request: Pick<AskRequest, "frames" | "strategy" | "rate">,
  defaults: SamplingDefaults,
  media: MediaInfo,
  spans: readonly Span[],
  parts: SamplingParts,
  onProgress: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<SamplingPlan> {
  const chosen = chosenSampling(request, defaults);
  const { strategy, rate, requestedFrames } = chosen;
  const scenes = strategy === "scenes" && media.video ? await sceneCuts(media, parts, (fraction) => onProgress({ stage: "frames", fraction }), signal) : undefined;
  const wanted = strategy === "segment" ? requestedFrames * spans.length : requestedFrames;
  const held = media.video ? framesWithin(spans, media.video.frameRate) : wanted;
  const count = Math.min(rate === undefined ? wanted : Math.min(wanted, framesAtRate(spans, rate)), defaults.maxFrames, held);
  const known = { frameRate: media.video?.frameRate, rate, cuts: scenes?.cuts ?? [] };
  return {
    ...chosen,
    count,
    times: (frames) => sampleTimes(strategy, spans, frames, known),
    notes: [...(scenes ? spreadOver(spans, scenes) : []), ...(rate === undefined ? fewer(wanted, count, held, defaults.maxFrames) : slower(spans, rate, count))],
  };
}

function spreadOver(spans: readonly Span[], { cuts, mode }: SceneCuts): string[] {
  if (mode === undefined) return ["Frames were spread evenly: nobody here can look for scenes."];
  const count = scenesWithin(spans, cuts).length;
  return [`Frames were spread over ${count} scene${count === 1 ? "" : "s"}${mode === "keyframe" ? ", found by key pictures" : ""}.`];
}

function fewer(wanted: number, count: number, held: number, most: number): string[] {
  if (count === wanted) return [];
  const reason = held < most ? `the range holds no more` : `the model was not trained on more than ${most}`;
  return [`Sampled ${count} of ${wanted} frames: ${reason}.`];
}

function slower(spans: readonly Span[], rate: number, count: number): string[] {
  const wanted = framesAtRate(spans, rate);
  return count === wanted ? [] : [`Sampled ${count} frames, evenly spread: ${rate} a second would be ${wanted}.`];
}
