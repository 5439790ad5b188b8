/**
 * Reads safetensors files (https://github.com/huggingface/safetensors, "Format"): 8 bytes of header length,
 * a JSON header of names, types, shapes and offsets, then the data. Nothing but the header is kept in memory.
 */
import * as fs from "node:fs/promises";
import { VqaError, throwIfAborted } from "../../../engine/errors.js";
import { fromFloat16Bits } from "../float16.js";

export interface StoredTensor {
  readonly dtype: string;
  /** Outermost first. */
  readonly shape: readonly number[];
  /** From the beginning of the file. */
  readonly offset: number;
  readonly bytes: number;
}

/** Bytes a value. Others are not read. */
const SIZES: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2 };
const MOST_HEADER = 100_000_000;

export class SafetensorsFile {
  private constructor(
    readonly path: string,
    readonly tensors: ReadonlyMap<string, StoredTensor>,
    private readonly handle: fs.FileHandle,
  ) {}

  /** Errors: model-missing, model-damaged. */
  static async open(path: string): Promise<SafetensorsFile> {
    let handle: fs.FileHandle;
    try {
      handle = await fs.open(path, "r");
    } catch (thrown) {
      throw new VqaError("model-missing", `${path} cannot be read: ${(thrown as Error).message}`, "Download it again.", { cause: thrown, data: { file: path } });
    }
    try {
      const { size } = await handle.stat();
      const length = Number((await read(handle, path, 0, 8)).readBigUInt64LE());
      if (length > MOST_HEADER || 8 + length > size) throw damaged(path, `its header would be ${length} bytes long`);
      const header = parse((await read(handle, path, 8, length)).toString("utf8"), path);
      const tensors = new Map(Object.entries(header).flatMap(([name, value]) => (name === "__metadata__" ? [] : [[name, stored(name, value, 8 + length, size, path)] as const])));
      return new SafetensorsFile(path, tensors, handle);
    } catch (thrown) {
      await handle.close();
      throw thrown;
    }
  }

  /** Error: model-damaged when there is none of that name, or its type is none of F32, F16 and BF16. */
  tensor(name: string): StoredTensor {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw damaged(this.path, `it has no tensor ${name}`);
    if (SIZES[tensor.dtype] === undefined) throw damaged(this.path, `${name} is of type ${tensor.dtype}, which is not read`);
    return tensor;
  }

  /** The tensor's bytes in pieces of whole values. */
  async *pieces(name: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
    const { offset, bytes } = this.tensor(name);
    for (let at = 0; at < bytes; at += PIECE) {
      throwIfAborted(signal);
      yield await read(this.handle, this.path, offset + at, Math.min(PIECE, bytes - at));
    }
  }

  /** A small tensor whole. */
  async values(name: string, signal?: AbortSignal): Promise<Float32Array> {
    const parts: Buffer[] = [];
    for await (const piece of this.pieces(name, signal)) parts.push(piece);
    return toFloats(Buffer.concat(parts), this.tensor(name).dtype);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

const PIECE = 4 << 20;

/** Whole values of one of the types that are read. BF16 is the upper half of a float32. */
export function toFloats(bytes: Buffer, dtype: string): Float32Array {
  const count = bytes.length / SIZES[dtype]!;
  if (dtype === "F32") return Float32Array.from({ length: count }, (_, i) => bytes.readFloatLE(i * 4));
  if (dtype === "F16") return Float32Array.from({ length: count }, (_, i) => fromFloat16Bits(bytes.readUInt16LE(i * 2)));
  const words = new Uint32Array(count);
  for (let i = 0; i < count; i++) words[i] = bytes.readUInt16LE(i * 2) << 16;
  return new Float32Array(words.buffer);
}

function stored(name: string, value: unknown, base: number, size: number, path: string): StoredTensor {
  const { dtype, shape, data_offsets: offsets } = value as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  const whole = (list: unknown): list is number[] => Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (typeof dtype !== "string" || !whole(shape) || !whole(offsets) || offsets.length !== 2) throw damaged(path, `the entry of ${name} is not as it should be`);
  const [begin, end] = offsets as [number, number];
  const bytes = end - begin;
  const expected = shape.reduce((product, n) => product * n, 1) * (SIZES[dtype] ?? NaN);
  if (bytes < 0 || base + end > size || (expected >= 0 && bytes !== expected)) throw damaged(path, `${name} would lie at ${begin} to ${end}`);
  return { dtype, shape, offset: base + begin, bytes };
}

function parse(text: string, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below, as for JSON of another kind.
  }
  throw damaged(path, "its header is not JSON");
}

async function read(handle: fs.FileHandle, path: string, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) throw damaged(path, `it ends after ${offset + done} bytes`);
    done += bytesRead;
  }
  return bytes;
}

function damaged(path: string, why: string): VqaError {
  return new VqaError("model-damaged", `${path} cannot be used: ${why}.`, "Download it again.", { data: { file: path } });
}
