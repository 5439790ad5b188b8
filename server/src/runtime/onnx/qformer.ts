import { throwIfAborted, VqaError } from "../../engine/errors.js";
import type { FrameFeatures, QFormer } from "../../engine/ports.js";
import { expectFinite, OnnxSession } from "./session.js";

export interface OnnxQFormerOptions {
  /** Absolute path. */
  readonly file: string;
  readonly input: string;
  readonly output: string;
  readonly inputWidth: number;
  readonly queries: number;
  readonly width: number;
  readonly threads: number;
}

/** Sequences that go through at once: as for pictures, more brings nothing on a CPU and costs memory. */
const BATCH = 4;

/** A query transformer on onnxruntime: (n, rows, inputWidth) in, `rows` free, (n, queries, width) out. */
export class OnnxQFormer implements QFormer {
  private constructor(
    private readonly session: OnnxSession,
    readonly inputWidth: number,
    readonly queries: number,
    readonly width: number,
  ) {}

  /** Errors: model-damaged, model-unsupported. */
  static async open({ file, input, output, inputWidth, queries, width, threads }: OnnxQFormerOptions): Promise<OnnxQFormer> {
    const model = { file, input, inputShape: [undefined, inputWidth], outputs: [{ name: output, shape: [queries, width] }] };
    return new OnnxQFormer(await OnnxSession.open(model, threads), inputWidth, queries, width);
  }

  /** Errors: model-damaged for output that is not a number, cancelled between two batches. */
  async query(sequences: FrameFeatures, signal?: AbortSignal): Promise<FrameFeatures> {
    const { frames: n, tokens: rows, width: inputWidth, data } = sequences;
    if (inputWidth !== this.inputWidth || data.length !== n * rows * inputWidth) {
      throw new VqaError("internal", `The Q-former takes tokens of ${this.inputWidth} values, not ${inputWidth}.`);
    }
    const { queries, width } = this;
    const out = new Float32Array(n * queries * width);
    const size = rows * inputWidth;
    for (let at = 0; at < n; at += BATCH) {
      throwIfAborted(signal);
      const batch = Math.min(BATCH, n - at);
      const [part] = await this.session.run(data.slice(at * size, (at + batch) * size), batch, [rows]);
      out.set(part!, at * queries * width);
    }
    throwIfAborted(signal);
    expectFinite(out, this.session.model.file);
    return { frames: n, tokens: queries, width, data: out };
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }
}
