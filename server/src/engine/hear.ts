import type { Span } from "./answer.js";
import { digestOf } from "./digest.js";
import { throwIfAborted, VqaError } from "./errors.js";
import type { AudioBranch } from "./pack.js";
import type { AudioSource, FeatureCache, FrameFeatures, MediaInfo } from "./ports.js";

export interface HearRequest {
  readonly media: MediaInfo;
  readonly clips: readonly Span[];
  /** Identity of the model whose encoder it is. */
  readonly modelDigest: string;
}

export interface HearParts {
  readonly audio: AudioSource | undefined;
  readonly cache: FeatureCache;
}

/** What was heard, or in words why nothing was. */
export type Heard = { readonly features: FrameFeatures; readonly cached: boolean } | { readonly why: string };

/**
 * Decodes and encodes the clips of a video's sound: (clips, tokens, width). Whatever keeps it from
 * that, but for a stop, becomes words for the answer's provenance. (Video-LLaMA's code goes on with
 * vision alone and tells nobody.)
 */
export async function hearClips(
  { media, clips, modelDigest }: HearRequest,
  branch: AudioBranch,
  { audio, cache }: HearParts,
  signal?: AbortSignal,
): Promise<Heard> {
  if (media.audio.length === 0) return { why: "the video has no sound track" };
  if (clips.length === 0) return { why: "a moment holds no sound" };
  if (!audio) return { why: "no decoder for sound is there" };
  const { tokens, width } = branch.encoder;
  const key = digestOf({ sound: media.digest, clips: clips.map((c) => [c.startMs, c.endMs]), tokens, width, modelDigest });
  try {
    const known = await cache.get(key);
    throwIfAborted(signal);
    if (known) return { features: known, cached: true };
    const waves: Float32Array[] = [];
    for (const { startMs, endMs } of clips) {
      const samples = await audio.pcm16k(media.path, startMs, endMs, signal);
      throwIfAborted(signal);
      if (samples === undefined) return { why: "the video has no sound track" };
      waves.push(samples);
    }
    if (waves.every((wave) => wave.length === 0)) return { why: "the sound track holds nothing there" };
    const features = await branch.encoder.encode(waves, signal);
    throwIfAborted(signal);
    await cache.set(key, features);
    return { features, cached: false };
  } catch (thrown) {
    throwIfAborted(signal);
    const error = VqaError.from(thrown);
    if (error.code === "cancelled") throw error;
    return { why: `its sound could not be used: ${error.message}` };
  }
}
