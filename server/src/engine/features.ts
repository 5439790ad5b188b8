import { digestOf } from "./digest.js";
import { throwIfAborted, VqaError } from "./errors.js";
import type {
  FeatureCache,
  Frame,
  FrameFeatures,
  FrameMode,
  FrameSource,
  MediaInfo,
  Progress,
  VisionEncoder,
} from "./ports.js";

export interface FeatureRequest {
  readonly media: MediaInfo;
  readonly timesMs: readonly number[];
  readonly mode: FrameMode;
  /** Identity of the model whose encoder it is. */
  readonly modelDigest: string;
}

export interface FeatureParts {
  readonly source: FrameSource;
  readonly encoder: VisionEncoder;
  readonly cache: FeatureCache;
  readonly now: () => number;
}

export interface SeenFrames {
  /** (T, N, D) of the encoder. */
  readonly features: FrameFeatures;
  /** Real times of the T frames. With `keyframe` there may be fewer than were asked for: each once. */
  readonly timesMs: readonly number[];
  readonly cached: boolean;
  readonly framesMs: number;
  readonly encodeMs: number;
}

/** Frames a call of the encoder: few enough to stop soon and to say how far it is. */
const BATCH = 8;

/** Decodes and encodes frames, unless the same ones of the same video were encoded by this model before. */
export async function seeFrames(
  request: FeatureRequest,
  { source, encoder, cache, now }: FeatureParts,
  onProgress: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<SeenFrames> {
  const key = featureKey(request, encoder);
  const known = await Promise.all([cache.get(key), cache.get(timesKey(key))]);
  throwIfAborted(signal);
  const times = known[1] && unpackTimes(known[1]);
  if (known[0] && times?.length === known[0].frames) {
    return { features: known[0], timesMs: times, cached: true, framesMs: 0, encodeMs: 0 };
  }

  const begun = now();
  onProgress({ stage: "frames" });
  const decoded = await source.frames(
    { path: request.media.path, timesMs: request.timesMs, ...encoder.input, mode: request.mode },
    signal,
  );
  throwIfAborted(signal);
  const frames = request.mode === "keyframe" ? distinct(decoded) : decoded;
  const decodedAt = now();
  const features = await encodeAll(frames, encoder, onProgress, signal);
  const timesMs = frames.map((f) => roundMicro(f.timeMs));
  const seen: SeenFrames = {
    features,
    timesMs,
    cached: false,
    framesMs: decodedAt - begun,
    encodeMs: now() - decodedAt,
  };
  await Promise.all([cache.set(key, features), cache.set(timesKey(key), packTimes(timesMs))]);
  throwIfAborted(signal);
  return seen;
}

/** Everything that the features of a set of frames depend on. */
export function featureKey(
  { media, timesMs, mode, modelDigest }: FeatureRequest,
  { input, tokens, width }: VisionEncoder,
): string {
  return digestOf({ video: media.digest, timesMs, mode, input, tokens, width, modelDigest });
}

/** Only the frames at `indices`, which ascend and are distinct. */
export function selectFrames(features: FrameFeatures, indices: readonly number[]): FrameFeatures {
  if (indices.length === features.frames) return features;
  const size = features.tokens * features.width;
  const data = new Float32Array(indices.length * size);
  indices.forEach((from, to) => data.set(features.data.subarray(from * size, (from + 1) * size), to * size));
  return { ...features, frames: indices.length, data };
}

async function encodeAll(
  frames: readonly Frame[],
  encoder: VisionEncoder,
  onProgress: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<FrameFeatures> {
  const { tokens, width } = encoder;
  const size = tokens * width;
  const data = new Float32Array(frames.length * size);
  for (let from = 0; from < frames.length; from += BATCH) {
    onProgress({ stage: "encode", fraction: from / frames.length });
    const batch = await encoder.encode(frames.slice(from, from + BATCH), signal);
    throwIfAborted(signal);
    if (batch.tokens !== tokens || batch.width !== width) {
      throw new VqaError(
        "model-unsupported",
        `The vision encoder gave (${batch.frames}, ${batch.tokens}, ${batch.width}) where (T, ${tokens}, ${width}) was declared.`,
        "Check the model pack, or download it again.",
      );
    }
    data.set(batch.data, from * size);
  }
  onProgress({ stage: "encode", fraction: 1 });
  return { frames: frames.length, tokens, width, data };
}

function distinct(frames: readonly Frame[]): readonly Frame[] {
  return frames.filter((frame, i) => frames.findIndex((f) => f.timeMs === frame.timeMs) === i);
}

// The cache holds features alone, so the real times of the frames go in beside them as a (T, 1, 2)
// entry of whole seconds and the rest: one float32 would be off by a millisecond after four hours.
const timesKey = (key: string): string => `${key}-times`;

function packTimes(timesMs: readonly number[]): FrameFeatures {
  const data = Float32Array.from(timesMs.flatMap((ms) => [Math.floor(ms / 1000), ms - Math.floor(ms / 1000) * 1000]));
  return { frames: timesMs.length, tokens: 1, width: 2, data };
}

function unpackTimes({ frames, data }: FrameFeatures): number[] {
  return Array.from({ length: frames }, (_, i) => roundMicro((data[2 * i] ?? 0) * 1000 + (data[2 * i + 1] ?? 0)));
}

const roundMicro = (ms: number): number => Math.round(ms * 1000) / 1000;
