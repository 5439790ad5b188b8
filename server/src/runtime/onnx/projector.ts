import { VqaError, throwIfAborted } from "../../engine/errors.js";
import type { Matrix, Projector } from "../../engine/ports.js";
import { OnnxSession } from "./session.js";

export interface OnnxProjectorOptions {
  /** Absolute path. */
  readonly file: string;
  readonly input: string;
  readonly output: string;
  readonly inputWidth: number;
  readonly width: number;
  readonly threads: number;
}

/** Merged vision tokens to the language model's embeddings: (n, inputWidth) in, (n, width) out. */
export class OnnxProjector implements Projector {
  readonly inputWidth: number;
  readonly width: number;

  private constructor(
    private readonly session: OnnxSession,
    options: OnnxProjectorOptions,
  ) {
    this.inputWidth = options.inputWidth;
    this.width = options.width;
  }

  /** Errors: model-damaged, model-unsupported. */
  static async open(options: OnnxProjectorOptions): Promise<OnnxProjector> {
    const { file, input, output, inputWidth, width } = options;
    const model = { file, input, inputShape: [inputWidth], outputs: [{ name: output, shape: [width] }] };
    return new OnnxProjector(await OnnxSession.open(model, options.threads), options);
  }

  async project(tokens: Matrix, signal?: AbortSignal): Promise<Matrix> {
    throwIfAborted(signal);
    if (tokens.width !== this.inputWidth || tokens.data.length !== tokens.rows * tokens.width) {
      throw new VqaError("internal", `The projector takes rows of ${this.inputWidth} values, not ${tokens.width}.`);
    }
    // onnxruntime takes no empty batch.
    if (tokens.rows === 0) return { rows: 0, width: this.width, data: new Float32Array(0) };
    const [data] = await this.session.run(tokens.data, tokens.rows);
    throwIfAborted(signal);
    return { rows: tokens.rows, width: this.width, data: data! };
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }
}
