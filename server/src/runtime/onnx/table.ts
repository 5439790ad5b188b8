import type { Matrix } from "../../engine/ports.js";
import { expectFinite, OnnxSession } from "./session.js";

export interface OnnxTableOptions {
  /** Absolute path. */
  readonly file: string;
  readonly input: string;
  readonly output: string;
  readonly count: number;
  readonly width: number;
}

/**
 * The rows 0 to count - 1 of a learned table, an ONNX model of one embedding layer: int64 (n) in,
 * float32 (n, width) out. Errors: model-damaged, model-unsupported.
 */
export async function readOnnxTable({ file, input, output, count, width }: OnnxTableOptions): Promise<Matrix> {
  const session = await OnnxSession.open({ file, input, inputType: "int64", inputShape: [], outputs: [{ name: output, shape: [width] }] }, 1);
  try {
    const [data] = await session.run(BigInt64Array.from({ length: count }, (_, i) => BigInt(i)), count);
    expectFinite(data!, file);
    // The session's memory goes with it.
    return { rows: count, width, data: Float32Array.from(data!) };
  } finally {
    await session.dispose();
  }
}
