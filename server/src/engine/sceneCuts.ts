import { digestOf } from "./digest.js";
import { throwIfAborted } from "./errors.js";
import { packTimes, unpackTimes } from "./packedTimes.js";
import type { FrameMode, MediaInfo } from "./ports.js";
import type { SamplingParts } from "./sampling.js";

/** Longer films are looked through by their keyframes: a cut is then known to the next of them. */
const LOOKED_THROUGH_MS = 120_000;

export interface SceneCuts {
  /** First times of new scenes, ascending, ms. */
  readonly cuts: readonly number[];
  /** How they were found; undefined when nobody looked. */
  readonly mode: FrameMode | undefined;
}

/** The cuts of a film, looked for once and kept in the cache. Errors: those of `SceneSource`. */
export async function sceneCuts(media: MediaInfo, { scenes, cache }: SamplingParts, onFraction: (fraction: number) => void, signal?: AbortSignal): Promise<SceneCuts> {
  if (!scenes) return { cuts: [], mode: undefined };
  const mode: FrameMode = media.durationMs > LOOKED_THROUGH_MS ? "keyframe" : "exact";
  const key = digestOf({ scenes: media.digest, mode });
  const kept = await cache.get(key);
  throwIfAborted(signal);
  const cuts = kept ? unpackTimes(kept).slice(0, -1) : await look();
  return { cuts, mode };

  async function look(): Promise<readonly number[]> {
    const found = await scenes!.scenes({ path: media.path, mode }, onFraction, signal);
    throwIfAborted(signal);
    const times = found.cuts.map(({ timeMs }) => timeMs);
    // The end stands behind them: a film without cuts is an entry, too.
    const entry = packTimes([...times, found.durationMs]);
    await cache.set(key, entry);
    // As they come out of the cache later: the same frames, whoever looked.
    return unpackTimes(entry).slice(0, -1);
  }
}
