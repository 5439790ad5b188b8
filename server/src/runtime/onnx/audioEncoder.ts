import { throwIfAborted } from "../../engine/errors.js";
import type { EncoderDevice } from "../../engine/hardware/devices.js";
import type { AudioEncoder, FrameFeatures } from "../../engine/ports.js";
import { fbankTensor, type FbankInput } from "../audio/fbank.js";
import { expectFinite, OnnxSession } from "./session.js";

export interface OnnxAudioEncoderOptions {
  /** Absolute path. */
  readonly file: string;
  readonly input: string;
  readonly output: string;
  readonly tokens: number;
  readonly width: number;
  readonly seconds: number;
  readonly features: FbankInput;
  readonly threads: number;
  /** Default: the processor. */
  readonly device?: EncoderDevice;
}

const SAMPLE_RATE = 16_000;

/**
 * Clips of sound on onnxruntime: filter banks (n, 1, bins, frames) in, (n, tokens, width) out, which for
 * one token may come as (n, width). As in ImageBind and Video-LLaMA a clip's mean is taken off first,
 * and the filter banks are filled up with zeros to `frames` before they become (x - mean) / std.
 */
export class OnnxAudioEncoder implements AudioEncoder {
  readonly tokens: number;
  readonly width: number;

  private constructor(
    private readonly session: OnnxSession,
    private readonly options: OnnxAudioEncoderOptions,
  ) {
    this.tokens = options.tokens;
    this.width = options.width;
  }

  /** Errors: model-damaged, model-unsupported. */
  static async open(options: OnnxAudioEncoderOptions): Promise<OnnxAudioEncoder> {
    const { file, input, output, tokens, width, features } = options;
    const shape = tokens === 1 ? [width] : [tokens, width];
    const model = { file, input, inputShape: [1, features.bins, features.frames], outputs: [{ name: output, shape }] };
    return new OnnxAudioEncoder(await OnnxSession.open(model, options.threads, options.device), options);
  }

  async encode(clips: readonly Float32Array[], signal?: AbortSignal): Promise<FrameFeatures> {
    throwIfAborted(signal);
    const { features, file, seconds } = this.options;
    const size = features.bins * features.frames;
    const input = new Float32Array(clips.length * size);
    clips.forEach((clip, i) => input.set(clipFeatures(clip, seconds, features), i * size));
    const [data] = await this.session.run(input, clips.length);
    throwIfAborted(signal);
    expectFinite(data!, file);
    return { frames: clips.length, tokens: this.tokens, width: this.width, data: data! };
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }
}

/** (bins, frames) of one clip, normalised. A shorter clip is followed by silence, a longer one is cut. */
export function clipFeatures(clip: Float32Array, seconds: number, features: FbankInput): Float32Array {
  const samples = new Float32Array(Math.round(seconds * SAMPLE_RATE));
  samples.set(clip.subarray(0, samples.length));
  return fbankTensor(samples, features);
}
