import { digestOf } from "./digest.js";
import { throwIfAborted, VqaError } from "./errors.js";
import { packTimes, roundMicro, unpackTimes } from "./packedTimes.js";
import type {
  EncodedFrames,
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
  /** Identity of the encoder. */
  readonly encoderDigest: string;
}

export interface FeatureParts {
  readonly source: FrameSource;
  readonly encoder: VisionEncoder;
  readonly cache: FeatureCache;
  readonly now: () => number;
}

export interface SeenFrames {
  /** (T, N, D) of the encoder, with its global tokens where it has them. */
  readonly features: EncodedFrames;
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
  const known = await remembered(key, encoder, cache);
  throwIfAborted(signal);
  if (known) return { ...known, cached: true, framesMs: 0, encodeMs: 0 };

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
  await Promise.all([
    cache.set(key, features),
    cache.set(timesKey(key), packTimes(timesMs)),
    ...(features.global ? [cache.set(globalKey(key), features.global)] : []),
  ]);
  throwIfAborted(signal);
  return seen;
}

/** Everything that the features of a set of frames depend on. */
export function featureKey(
  { media, timesMs, mode, encoderDigest }: FeatureRequest,
  { input, tokens, width }: VisionEncoder,
): string {
  return digestOf({ video: media.digest, timesMs, mode, input, tokens, width, encoderDigest });
}

/** All that belongs together is there, or nothing is. */
async function remembered(
  key: string,
  encoder: VisionEncoder,
  cache: FeatureCache,
): Promise<Pick<SeenFrames, "features" | "timesMs"> | undefined> {
  const [features, times, global] = await Promise.all([
    cache.get(key),
    cache.get(timesKey(key)),
    encoder.global ? cache.get(globalKey(key)) : undefined,
  ]);
  if (!features || times?.frames !== features.frames) return undefined;
  if (encoder.global && global?.frames !== features.frames) return undefined;
  return { features: global ? { ...features, global } : features, timesMs: unpackTimes(times) };
}

/** Only the frames at `indices`, which ascend and are distinct. */
export function selectFrames(features: EncodedFrames, indices: readonly number[]): EncodedFrames {
  if (indices.length === features.frames) return features;
  const { global } = features;
  return { ...select(features, indices), ...(global ? { global: select(global, indices) } : {}) };
}

function select({ tokens, width, data: all }: FrameFeatures, indices: readonly number[]): FrameFeatures {
  const size = tokens * width;
  const data = new Float32Array(indices.length * size);
  indices.forEach((from, to) => data.set(all.subarray(from * size, (from + 1) * size), to * size));
  return { frames: indices.length, tokens, width, data };
}

async function encodeAll(
  frames: readonly Frame[],
  encoder: VisionEncoder,
  onProgress: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<EncodedFrames> {
  const { tokens, width, global } = encoder;
  const batches: EncodedFrames[] = [];
  for (let from = 0; from < frames.length; from += BATCH) {
    onProgress({ stage: "encode", fraction: from / frames.length });
    const batch = await encoder.encode(frames.slice(from, from + BATCH), signal);
    throwIfAborted(signal);
    expectGiven(batch, tokens, width);
    if (global) expectGiven(batch.global ?? { frames: batch.frames, tokens: 0, width: 0 }, global.layers, global.width);
    batches.push(batch);
  }
  onProgress({ stage: "encode", fraction: 1 });
  return {
    ...join(batches, tokens, width),
    ...(global ? { global: join(batches.map((batch) => batch.global!), global.layers, global.width) } : {}),
  };
}

function join(batches: readonly FrameFeatures[], tokens: number, width: number): FrameFeatures {
  const frames = batches.reduce((sum, batch) => sum + batch.frames, 0);
  const data = new Float32Array(frames * tokens * width);
  let at = 0;
  for (const batch of batches) {
    data.set(batch.data, at);
    at += batch.data.length;
  }
  return { frames, tokens, width, data };
}

function expectGiven(given: Omit<FrameFeatures, "data">, tokens: number, width: number): void {
  if (given.tokens === tokens && given.width === width) return;
  throw new VqaError(
    "model-unsupported",
    `The vision encoder gave (${given.frames}, ${given.tokens}, ${given.width}) where (T, ${tokens}, ${width}) was declared.`,
    "Check the model pack, or download it again.",
  );
}

function distinct(frames: readonly Frame[]): readonly Frame[] {
  return frames.filter((frame, i) => frames.findIndex((f) => f.timeMs === frame.timeMs) === i);
}

// The cache holds features alone, so the real times of the frames go in beside them.
const timesKey = (key: string): string => `${key}-times`;
const globalKey = (key: string): string => `${key}-global`;
