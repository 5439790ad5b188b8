/**
 * The rows of `token_embd.weight` that stand for visual positions, and what is written in them.
 * llama.cpp maps the file shared and reads input embeddings from the map, so a row written into the
 * file is the embedding that the slot's token id stands for from then on.
 */
import * as fs from "node:fs";
import { VqaError } from "../../engine/errors.js";
import { toFloat16Bits } from "./float16.js";
import { GGML_F16, GGML_F32 } from "./ggml.js";
import type { GgufArray, GgufHeader } from "./gguf.js";

export interface SlotRange {
  /** Token id of the first slot. */
  readonly first: number;
  readonly count: number;
}

/** Where rows lie in the file. */
export interface RowLayout {
  readonly offset: number;
  readonly width: number;
  readonly vocabulary: number;
  readonly type: typeof GGML_F32 | typeof GGML_F16;
  readonly rowBytes: number;
  readonly slots: SlotRange;
  /** What the model multiplies the rows of tokens by: a slot holds the embedding divided by it. */
  readonly scale: number;
}

/** The key under which a prepared model tells `RowLayout.scale`. */
export const SCALE_KEY = "vqa.slots.scale";

/** Errors: model-unsupported when the file has no such rows or rows of a type that cannot be written. */
export function rowLayout(header: GgufHeader, file: string, width: number, slots: SlotRange): RowLayout {
  const unsupported = (why: string): VqaError =>
    new VqaError("model-unsupported", `${file}: ${why}.`, "Use a model pack that was made for visual slots.", { data: { file } });
  const tensor = header.tensors.get("token_embd.weight");
  if (tensor === undefined) throw unsupported("it has no token_embd.weight");
  const [columns, rows] = tensor.dimensions;
  if (tensor.dimensions.length !== 2 || columns === undefined || rows === undefined) {
    throw unsupported("token_embd.weight is not a matrix");
  }
  if (columns !== width) throw unsupported(`its embeddings are ${columns} wide, the manifest says ${width}`);
  if (tensor.type !== GGML_F32 && tensor.type !== GGML_F16) {
    throw unsupported(`token_embd.weight has type ${tensor.type}; slots can be written in F32 (0) and F16 (1) only`);
  }
  if (slots.first + slots.count > rows) {
    throw unsupported(`slots ${slots.first} to ${slots.first + slots.count - 1} lie outside its vocabulary of ${rows}`);
  }
  const tokens = header.metadata.get("tokenizer.ggml.tokens") as GgufArray | undefined;
  if (tokens === undefined || tokens.arrayLength !== rows) {
    throw unsupported(`it names ${tokens?.arrayLength ?? 0} tokens for ${rows} embeddings`);
  }
  const rowBytes = width * (tensor.type === GGML_F32 ? 4 : 2);
  const scale = header.metadata.get(SCALE_KEY) ?? 1;
  if (typeof scale !== "number" || !(scale > 0)) throw unsupported(`${SCALE_KEY} is not a number above 0`);
  return { offset: tensor.offset, width, vocabulary: rows, type: tensor.type, rowBytes, slots, scale };
}

/** Writes slots into one file and remembers what each holds. */
export class SlotRows {
  private readonly fd: number;
  /** Content by slot; NaN where nothing is known, which equals no embedding. */
  private readonly content: Float32Array;

  constructor(
    file: string,
    readonly layout: RowLayout,
  ) {
    this.fd = fs.openSync(file, "r+");
    this.content = new Float32Array(layout.slots.count * layout.width).fill(NaN);
  }

  /** Whether slots 0..n-1 already hold `embeddings` (n rows). */
  holds(embeddings: Float32Array): boolean {
    return this.firstDifferent(embeddings) === embeddings.length / this.layout.width;
  }

  /** Writes row i of `embeddings` into slot i; rows that are there already are not written again. */
  write(embeddings: Float32Array): void {
    const { width, slots } = this.layout;
    const from = this.firstDifferent(embeddings);
    const rows = embeddings.length / width;
    if (from === rows) return;
    const changed = embeddings.subarray(from * width);
    this.writeAll(encodeRows(changed, this.layout.type, this.layout.scale), slots.first + from);
    this.content.set(changed, from * width);
  }

  /** The bytes of any token's row. */
  readRaw(token: number): Buffer {
    const row = Buffer.alloc(this.layout.rowBytes);
    const got = fs.readSync(this.fd, row, 0, row.length, this.layout.offset + token * this.layout.rowBytes);
    if (got !== row.length) throw new VqaError("internal", `Row ${token} of the private model file cannot be read.`);
    return row;
  }

  /** Writes bytes as they are into slot 0; for the check at load. */
  writeRaw(row: Buffer): void {
    this.content.fill(NaN, 0, this.layout.width);
    this.writeAll(row, this.layout.slots.first);
  }

  close(): void {
    fs.closeSync(this.fd);
  }

  private writeAll(bytes: Buffer, token: number): void {
    const start = this.layout.offset + token * this.layout.rowBytes;
    for (let done = 0; done < bytes.length; ) {
      done += fs.writeSync(this.fd, bytes, done, bytes.length - done, start + done);
    }
  }

  private firstDifferent(embeddings: Float32Array): number {
    const { width } = this.layout;
    for (let i = 0; i < embeddings.length; i++) {
      if (embeddings[i] !== this.content[i]) return Math.floor(i / width);
    }
    return embeddings.length / width;
  }
}

/** Error: model-damaged for values that are not finite in the type of the rows. */
function encodeRows(embeddings: Float32Array, type: RowLayout["type"], scale = 1): Buffer {
  const bytes = Buffer.alloc(embeddings.length * (type === GGML_F32 ? 4 : 2));
  for (let i = 0; i < embeddings.length; i++) {
    const value = embeddings[i]! / scale;
    if (!Number.isFinite(value) || (type === GGML_F16 && Math.abs(value) > 65504)) {
      throw new VqaError("model-damaged", `A visual embedding holds ${value}.`, "Install the model pack again.");
    }
    if (type === GGML_F32) bytes.writeFloatLE(value, i * 4);
    else bytes.writeUInt16LE(toFloat16Bits(value), i * 2);
  }
  return bytes;
}
