/**
 * Reads the header of a GGUF file: metadata scalars and where each tensor lies. Made for files that
 * may be damaged: every length is checked against the bytes that are there before it is used.
 *
 * Source: the GGUF specification of the ggml project (version 2 and 3, little endian).
 */
import * as fs from "node:fs";
import { VqaError } from "../../engine/errors.js";
import { blockOf } from "./ggml.js";

/** Where a metadata entry lies in the file: its key with the key's length, then its type, then its value. */
export interface GgufEntry {
  readonly type: number;
  /** Of the elements; arrays only. */
  readonly elementType?: number;
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

export interface GgufTensor {
  readonly name: string;
  /** Innermost first, as the file has them: a (rows, width) matrix is [width, rows]. */
  readonly dimensions: readonly number[];
  /** ggml type number: see ggml.ts. */
  readonly type: number;
  /** From the start of the file. */
  readonly offset: number;
  /** Size of its data; 0 where its type is not known here. */
  readonly bytes: number;
}

export interface GgufHeader {
  readonly version: number;
  /** Scalars by key; an array is represented by its length only. */
  readonly metadata: ReadonlyMap<string, number | bigint | boolean | string | GgufArray>;
  readonly entries: ReadonlyMap<string, GgufEntry>;
  /** In the file's order. */
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  /** Tensor data begins at multiples of this. */
  readonly alignment: number;
  /** Where the header ends and where the tensors' data begin. */
  readonly headerEnd: number;
  readonly dataStart: number;
  /** Size of the file. */
  readonly bytes: number;
}

export interface GgufArray {
  readonly arrayLength: number;
  readonly elementType: number;
}

const SCALAR_BYTES: ReadonlyMap<number, number> = new Map([
  [0, 1], [1, 1], [2, 2], [3, 2], [4, 4], [5, 4], [6, 4], [7, 1], [10, 8], [11, 8], [12, 8],
]);
export const TYPE_STRING = 8;
export const TYPE_ARRAY = 9;

const FIRST_READ = 1 << 20;
/** More than any published model has; a larger count is damage, not data. */
const MOST_ENTRIES = 1 << 17;
const MOST_DIMENSIONS = 4;

class NeedMore extends Error {}
class Malformed extends Error {}

/**
 * Errors: model-missing, model-damaged (truncated or not a GGUF file), model-unsupported (a version
 * that this reader does not know).
 */
export function readGgufHeader(path: string): GgufHeader {
  let fd: number;
  try {
    fd = fs.openSync(path, "r");
  } catch (thrown) {
    throw new VqaError("model-missing", `Cannot open ${path}: ${(thrown as Error).message}`, "Install the model pack again.", {
      cause: thrown,
      data: { file: path },
    });
  }
  try {
    const bytes = fs.fstatSync(fd).size;
    for (let want = Math.min(FIRST_READ, bytes); ; want = Math.min(want * 2, bytes)) {
      const head = Buffer.alloc(want);
      const got = fs.readSync(fd, head, 0, want, 0);
      try {
        return parse(head.subarray(0, got), bytes);
      } catch (thrown) {
        if (thrown instanceof NeedMore && want < bytes) continue;
        throw thrown;
      }
    }
  } catch (thrown) {
    if (thrown instanceof VqaError) throw thrown;
    const why = thrown instanceof NeedMore ? "the file ends inside its header" : (thrown as Error).message;
    const code = thrown instanceof Unsupported ? "model-unsupported" : "model-damaged";
    throw new VqaError(code, `${path} is not a usable GGUF file: ${why}.`, "Install the model pack again.", {
      cause: thrown,
      data: { file: path },
    });
  } finally {
    fs.closeSync(fd);
  }
}

class Unsupported extends Error {}

/** Like `readGgufHeader`, of bytes that hold the whole header of a file of `fileBytes`. Throws plain errors. */
export function parseGgufHead(head: Buffer, fileBytes: number): GgufHeader {
  return parse(head, fileBytes);
}

function parse(head: Buffer, fileBytes: number): GgufHeader {
  const cursor = new Cursor(head, fileBytes);
  if (cursor.take(4).toString("latin1") !== "GGUF") throw new Malformed("it does not begin with GGUF");
  const version = cursor.u32();
  if (version !== 2 && version !== 3) throw new Unsupported(`GGUF version ${version} is not known`);
  const tensorCount = cursor.count(MOST_ENTRIES, "tensors");
  const entryCount = cursor.count(MOST_ENTRIES, "metadata entries");

  const metadata = new Map<string, number | bigint | boolean | string | GgufArray>();
  const entries = new Map<string, GgufEntry>();
  for (let i = 0; i < entryCount; i++) {
    const start = cursor.offset;
    const key = cursor.string();
    const type = cursor.u32();
    const valueStart = cursor.offset;
    const read = value(cursor, type);
    metadata.set(key, read);
    const elementType = typeof read === "object" ? { elementType: read.elementType } : {};
    entries.set(key, { type, ...elementType, start, valueStart, end: cursor.offset });
  }

  const alignment = metadata.get("general.alignment") ?? 32;
  if (typeof alignment !== "number" || alignment < 1 || alignment > 65536 || !Number.isInteger(alignment)) {
    throw new Malformed("general.alignment is not a number of bytes");
  }
  const relative: Omit<GgufTensor, "bytes">[] = [];
  for (let i = 0; i < tensorCount; i++) relative.push(tensorInfo(cursor));
  const headerEnd = cursor.offset;
  const dataStart = Math.ceil(headerEnd / alignment) * alignment;

  const tensors = new Map<string, GgufTensor>();
  for (const tensor of relative) {
    const offset = dataStart + tensor.offset;
    const size = tensorBytes(tensor);
    if (offset + size > fileBytes) {
      throw new Malformed(`the data of ${tensor.name} would end at byte ${offset + size}, the file has ${fileBytes}`);
    }
    if (tensors.has(tensor.name)) throw new Malformed(`it has two tensors named ${tensor.name}`);
    tensors.set(tensor.name, { ...tensor, offset, bytes: size });
  }
  return { version, metadata, entries, tensors, alignment, headerEnd, dataStart, bytes: fileBytes };
}

function tensorInfo(cursor: Cursor): Omit<GgufTensor, "bytes"> {
  const name = cursor.string();
  const rank = cursor.u32();
  if (rank > MOST_DIMENSIONS) throw new Malformed(`${name} has ${rank} dimensions`);
  const dimensions = Array.from({ length: rank }, () => cursor.count(Number.MAX_SAFE_INTEGER, `values in ${name}`));
  const type = cursor.u32();
  return { name, dimensions, type, offset: cursor.count(Number.MAX_SAFE_INTEGER, `bytes before ${name}`) };
}

/** Bytes that a tensor takes; 0 where its type is not known. */
function tensorBytes({ dimensions, type }: Omit<GgufTensor, "bytes">): number {
  const block = blockOf(type);
  if (block === undefined) return 0;
  return (dimensions.reduce((product, d) => product * d, 1) / block.values) * block.bytes;
}

function value(cursor: Cursor, type: number): number | bigint | boolean | string | GgufArray {
  switch (type) {
    case 0: return cursor.take(1).readUInt8();
    case 1: return cursor.take(1).readInt8();
    case 2: return cursor.take(2).readUInt16LE();
    case 3: return cursor.take(2).readInt16LE();
    case 4: return cursor.u32();
    case 5: return cursor.take(4).readInt32LE();
    case 6: return cursor.take(4).readFloatLE();
    case 7: return cursor.take(1).readUInt8() !== 0;
    case TYPE_STRING: return cursor.string();
    case TYPE_ARRAY: return array(cursor);
    case 10: return cursor.take(8).readBigUInt64LE();
    case 11: return cursor.take(8).readBigInt64LE();
    case 12: return cursor.take(8).readDoubleLE();
    default: throw new Malformed(`metadata of unknown type ${type}`);
  }
}

function array(cursor: Cursor): GgufArray {
  const type = cursor.u32();
  const arrayLength = cursor.count(Number.MAX_SAFE_INTEGER, "array entries");
  const size = SCALAR_BYTES.get(type);
  if (size !== undefined) cursor.take(arrayLength * size);
  else if (type === TYPE_STRING) for (let i = 0; i < arrayLength; i++) cursor.take(cursor.count(Number.MAX_SAFE_INTEGER, "bytes"));
  else throw new Malformed(`an array of unknown type ${type}`);
  return { arrayLength, elementType: type };
}

class Cursor {
  offset = 0;

  constructor(
    private readonly head: Buffer,
    private readonly fileBytes: number,
  ) {}

  take(bytes: number): Buffer {
    const end = this.offset + bytes;
    if (end > this.fileBytes) throw new Malformed("a length in its header runs past the end of the file");
    if (end > this.head.length) throw new NeedMore();
    const part = this.head.subarray(this.offset, end);
    this.offset = end;
    return part;
  }

  u32(): number {
    return this.take(4).readUInt32LE();
  }

  count(most: number, what: string): number {
    const n = this.take(8).readBigUInt64LE();
    if (n > BigInt(most)) throw new Malformed(`it claims ${n} ${what}`);
    return Number(n);
  }

  string(): string {
    return this.take(this.count(Number.MAX_SAFE_INTEGER, "bytes of text")).toString("utf8");
  }
}
