import { VqaError, throwIfAborted } from "../../engine/errors.js";
import type { Frame, FrameFeatures, FrameRequest, VisionEncoder } from "../../engine/ports.js";
import { toTensor, type Normalisation } from "./preprocess.js";
import { OnnxSession } from "./session.js";

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
  /** The output begins with a class token, which is dropped. */
  readonly cls: boolean;
  /** Name of the mask of pixels; makes the layout that of `OnnxModel.pictures`. */
  readonly mask?: string | undefined;
  readonly threads: number;
  /** Frames that go through at once, 1 to 8; default 4. On a CPU more costs memory and brings nothing. */
  readonly batch?: number;
}

const DEFAULT_BATCH = 4;
const MOST_BATCH = 8;

/** A vision transformer on onnxruntime: (n, 3, height, width) in, (n, tokens, width) out. */
export class OnnxVisionEncoder implements VisionEncoder {
  readonly input: VisionEncoder["input"];
  readonly tokens: number;
  readonly width: number;

  private constructor(
    private readonly session: OnnxSession,
    private readonly options: OnnxEncoderOptions,
  ) {
    this.input = { width: options.width, height: options.height, resize: options.resize };
    this.tokens = options.tokens;
    this.width = options.tokenWidth;
  }

  /** Errors: model-damaged, model-unsupported. */
  static async open(options: OnnxEncoderOptions): Promise<OnnxVisionEncoder> {
    const session = await OnnxSession.open(
      {
        file: options.file,
        input: options.input,
        output: options.output,
        inputShape: [3, options.height, options.width],
        outputShape: [options.tokens + (options.cls ? 1 : 0), options.tokenWidth],
        ...(options.mask === undefined ? {} : { pictures: { mask: options.mask } }),
      },
      options.threads,
    );
    return new OnnxVisionEncoder(session, options);
  }

  /** Errors: model-damaged for output that is not a number, cancelled between two batches. */
  async encode(frames: readonly Frame[], signal?: AbortSignal): Promise<FrameFeatures> {
    const { tokens, width } = this;
    const size = tokens * width;
    const batch = Math.min(MOST_BATCH, Math.max(1, this.options.batch ?? DEFAULT_BATCH));
    const data = new Float32Array(frames.length * size);
    for (let at = 0; at < frames.length; at += batch) {
      throwIfAborted(signal);
      const part = frames.slice(at, at + batch);
      const out = await this.session.run(toTensor(part, this.options), part.length);
      const skip = this.options.cls ? width : 0;
      part.forEach((_, t) => {
        const start = t * (size + skip) + skip;
        data.set(out.subarray(start, start + size), (at + t) * size);
      });
    }
    throwIfAborted(signal);
    if (!data.every(Number.isFinite)) {
      throw new VqaError("model-damaged", `${this.options.file} gave values that are not numbers.`, "Install the model pack again.", {
        data: { file: this.options.file },
      });
    }
    return { frames: frames.length, tokens, width, data };
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }
}
