import { throwIfAborted } from "../../engine/errors.js";
import type { EncoderDevice } from "../../engine/hardware/devices.js";
import type { EncodedFrames, Frame, FrameRequest, GlobalShape, VisionEncoder } from "../../engine/ports.js";
import { toTensor, type Normalisation } from "./preprocess.js";
import { expectFinite, OnnxSession } from "./session.js";

export interface OnnxEncoderOptions extends Normalisation {
  /** Absolute path. */
  readonly file: string;
  readonly input: string;
  readonly output: string;
  readonly resize: FrameRequest["resize"];
  /** Patch tokens a frame, class token excluded. */
  readonly tokens: number;
  /** Width of a token. */
  readonly tokenWidth: number;
  /** Rows and columns of the patches; their product is `tokens`. */
  readonly grid: readonly [rows: number, columns: number];
  /** The output begins with a class token. */
  readonly cls: boolean;
  /** It is kept, as the first token; otherwise it is dropped. */
  readonly keepCls: boolean;
  /** A second output: (n, layers, width). */
  readonly global?: (GlobalShape & { readonly output: string }) | undefined;
  /** Name of the mask of pixels; makes the layout that of `OnnxModel.pictures`. */
  readonly mask?: string | undefined;
  readonly threads: number;
  /** Default: the processor. */
  readonly device?: EncoderDevice;
  /** Frames that go through at once, 1 to 8; default 4. On a CPU more costs memory and brings nothing. */
  readonly batch?: number;
}

const DEFAULT_BATCH = 4;
const MOST_BATCH = 8;

/** A vision transformer on onnxruntime: (n, 3, height, width) in, (n, tokens, width) and perhaps (n, layers, width) out. */
export class OnnxVisionEncoder implements VisionEncoder {
  readonly input: VisionEncoder["input"];
  readonly tokens: number;
  readonly width: number;
  readonly grid: VisionEncoder["grid"];
  readonly global?: GlobalShape;

  private constructor(
    private readonly session: OnnxSession,
    private readonly options: OnnxEncoderOptions,
  ) {
    this.input = { width: options.width, height: options.height, resize: options.resize };
    this.tokens = options.tokens + (options.cls && options.keepCls ? 1 : 0);
    this.width = options.tokenWidth;
    this.grid = options.grid;
    if (options.global) {
      const { layers, width, kind } = options.global;
      this.global = { layers, width, kind };
    }
  }

  /** Errors: model-damaged, model-unsupported. */
  static async open(options: OnnxEncoderOptions): Promise<OnnxVisionEncoder> {
    const { file, input, output, tokens, tokenWidth, cls, global, mask } = options;
    const outputs = [
      { name: output, shape: [tokens + (cls ? 1 : 0), tokenWidth] },
      ...(global ? [{ name: global.output, shape: [global.layers, global.width] }] : []),
    ];
    const session = await OnnxSession.open({ file, input, inputShape: [3, options.height, options.width], outputs, pictures: mask === undefined ? undefined : { mask } }, options.threads, options.device);
    return new OnnxVisionEncoder(session, options);
  }

  /** Errors: model-damaged for output that is not a number, cancelled between two batches. */
  async encode(frames: readonly Frame[], signal?: AbortSignal): Promise<EncodedFrames> {
    const { tokens, width, global } = this;
    const size = tokens * width;
    const globalSize = global ? global.layers * global.width : 0;
    const skip = this.options.cls && !this.options.keepCls ? width : 0;
    const batch = Math.min(MOST_BATCH, Math.max(1, this.options.batch ?? DEFAULT_BATCH));
    const data = new Float32Array(frames.length * size);
    const globalData = new Float32Array(frames.length * globalSize);
    for (let at = 0; at < frames.length; at += batch) {
      throwIfAborted(signal);
      const part = frames.slice(at, at + batch);
      const [out, layers] = await this.session.run(toTensor(part, this.options), part.length);
      part.forEach((_, t) => {
        const start = t * (size + skip) + skip;
        data.set(out!.subarray(start, start + size), (at + t) * size);
      });
      if (layers) globalData.set(layers, at * globalSize);
    }
    throwIfAborted(signal);
    expectFinite(data, this.options.file);
    expectFinite(globalData, this.options.file);
    const features = { frames: frames.length, tokens, width, data };
    if (!global) return features;
    return { ...features, global: { frames: frames.length, tokens: global.layers, width: global.width, data: globalData } };
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }
}
