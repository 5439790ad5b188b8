/** The token table in the number format of the slots. */
import { toFloat16Bits } from "../float16.js";
import { GGML_F32, blockOf } from "../ggml.js";
import { valueReader } from "./dequantise.js";
import type { RowType } from "./plan.js";

export class TableRows {
  /** Largest relative error of a value that was rounded to half precision. */
  largestError = 0;
  private readonly read;
  private readonly block;

  constructor(
    private readonly from: number,
    private readonly to: RowType,
  ) {
    // The plan refuses types that cannot be read.
    this.read = valueReader(from)!;
    this.block = blockOf(from)!;
  }

  /** `piece` holds whole blocks. */
  convert(piece: Buffer): Buffer {
    if (this.from === this.to) return piece;
    const values = this.read(piece, (piece.length / this.block.bytes) * this.block.values);
    if (this.to === GGML_F32) return Buffer.from(values.buffer);
    const bytes = Buffer.alloc(values.length * 2);
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      bytes.writeUInt16LE(toFloat16Bits(value), i * 2);
    }
    this.measure(values, bytes);
    return bytes;
  }

  private measure(values: Float32Array, bytes: Buffer): void {
    const rounded = valueReader(this.to)!(bytes, values.length);
    for (let i = 0; i < values.length; i++) {
      const error = values[i] === rounded[i] ? 0 : Math.abs((values[i]! - rounded[i]!) / values[i]!);
      if (error > this.largestError) this.largestError = error;
    }
  }
}
