import type { Span } from "../answer.js";
import { throwIfAborted } from "../errors.js";
import type { AudioBranch, AudioClips } from "../pack.js";
import type { FrameFeatures } from "../ports.js";
import type { Segment, SegmentShape } from "./port.js";
import { addPositions, flatten } from "./videoLlama.js";

/** The published settings: 8 clips of 2 seconds. */
export const VIDEO_LLAMA_CLIPS: AudioClips = { count: 8, most: 8, seconds: 2 };

/** What is known of a sound branch before anything is heard. */
export interface SoundShape {
  readonly tokens: number;
  readonly width: number;
  readonly qformer?: { readonly queries: number; readonly width: number };
}

export function soundShape({ encoder, qformer }: AudioBranch): SoundShape {
  return { tokens: encoder.tokens, width: encoder.width, ...(qformer ? { qformer } : {}) };
}

/** Width of the rows that the `audio` projector is given. */
export function soundWidth({ width, qformer }: SoundShape): number {
  return qformer?.width ?? width;
}

/** One segment for all of the sound where a Q-former sums it up, otherwise one a clip. */
export function soundOutline({ tokens, qformer }: SoundShape, clips: number): readonly SegmentShape[] {
  if (clips === 0) return [];
  if (qformer) return [{ projector: "audio", rows: qformer.queries }];
  return Array.from({ length: clips }, (_, clip) => ({ clip, projector: "audio", rows: tokens }));
}

/**
 * The clips of Video-LLaMA's audio branch (arXiv 2306.02858, section 2.1.2 and its code): n clips of
 * the same length, the i-th beginning at i * (duration - length) / (n - 1), so that the first begins
 * with the sound and the last ends with it. Where the pack allows more than `count`, as many as the
 * sound is long.
 *
 * @param spans Ascending and disjoint: what the question may hear, laid end to end. A clip ends where
 *   its span does. Moments hold no sound.
 */
export function soundClips(spans: readonly Span[], { count, most, seconds }: AudioClips): readonly Span[] {
  const total = spans.reduce((sum, s) => sum + s.endMs - s.startMs, 0);
  if (total === 0) return [];
  const length = seconds * 1000;
  const n = Math.min(most, Math.max(count, Math.ceil(total / length)));
  return Array.from({ length: n }, (_, i) => {
    let offset = n === 1 ? 0 : Math.max(0, (i * (total - length)) / (n - 1));
    for (const { startMs, endMs } of spans) {
      if (offset < endMs - startMs) return { startMs: startMs + offset, endMs: Math.min(endMs, startMs + offset + length) };
      offset -= endMs - startMs;
    }
    const last = spans.at(-1)!;
    return { startMs: last.endMs, endMs: last.endMs };
  });
}

/** (clips, tokens, width) of the audio encoder -> the segments of {@link soundOutline}, before their projector. */
export async function composeSound(features: FrameFeatures, branch: AudioBranch, signal?: AbortSignal): Promise<readonly Segment[]> {
  const placed = branch.positions ? addPositions(features, branch.positions, "The audio branch") : features;
  const { frames: clips, tokens, width, data } = placed;
  if (clips === 0) return [];
  if (branch.qformer) {
    const { queries, width: wide } = branch.qformer;
    const heard = await branch.qformer.query(flatten(placed), signal);
    throwIfAborted(signal);
    return [{ projector: "audio", tokens: { rows: queries, width: wide, data: heard.data } }];
  }
  const size = tokens * width;
  return Array.from({ length: clips }, (_, clip) => ({
    clip,
    projector: "audio" as const,
    tokens: { rows: tokens, width, data: data.subarray(clip * size, (clip + 1) * size) },
  }));
}
