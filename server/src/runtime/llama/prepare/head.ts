/** Writes GGUF headers, version 3: metadata entries as bytes, then where each tensor lies. */
import { blockOf } from "../ggml.js";
import { TYPE_ARRAY, TYPE_STRING } from "../gguf.js";

export interface HeadTensor {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly type: number;
}

const UINT8 = 0;
const UINT16 = 2;
const UINT32 = 4;
const INT32 = 5;
const FLOAT32 = 6;
const BOOL = 7;
const UINT64 = 10;

export class GgufHead {
  private readonly entries: Buffer[] = [];

  /** An entry as another file has it: key, type and value. */
  raw(entry: Buffer): void {
    this.entries.push(entry);
  }
  text(key: string, value: string): void {
    this.entry(key, TYPE_STRING, text(value));
  }
  uint16(key: string, value: number): void {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(value);
    this.entry(key, UINT16, bytes);
  }
  uint32(key: string, value: number): void {
    this.entry(key, UINT32, u32(value));
  }
  int32(key: string, value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    this.entry(key, INT32, bytes);
  }
  float32(key: string, value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    this.entry(key, FLOAT32, bytes);
  }
  boolean(key: string, value: boolean): void {
    this.entry(key, BOOL, Buffer.from([value ? 1 : 0]));
  }
  texts(key: string, values: readonly string[]): void {
    this.array(key, TYPE_STRING, values.length, Buffer.concat(values.map(text)));
  }
  bytes(key: string, value: Buffer): void {
    this.array(key, UINT8, value.length, value);
  }
  uint64s(key: string, values: readonly number[]): void {
    this.array(key, UINT64, values.length, Buffer.concat(values.map(u64)));
  }
  /** `content` holds `length` elements. */
  array(key: string, elementType: number, length: number, content: Buffer): void {
    this.entry(key, TYPE_ARRAY, Buffer.concat([u32(elementType), u64(length), content]));
  }

  /** The whole header, padded to where data begins, and each tensor's size with its padding. */
  finish(tensors: readonly HeadTensor[], alignment: number): { readonly head: Buffer; readonly sizes: readonly PaddedSize[] } {
    const sizes = tensors.map((tensor) => paddedSize(tensor, alignment));
    let offset = 0;
    const infos = tensors.map(({ name, dimensions, type }, i) => {
      const info = Buffer.concat([text(name), u32(dimensions.length), ...dimensions.map(u64), u32(type), u64(offset)]);
      offset += sizes[i]!.bytes + sizes[i]!.padding;
      return info;
    });
    const head = Buffer.concat([Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(this.entries.length), ...this.entries, ...infos]);
    return { head: Buffer.concat([head, Buffer.alloc(padding(head.length, alignment))]), sizes };
  }

  private entry(key: string, type: number, value: Buffer): void {
    this.entries.push(Buffer.concat([text(key), u32(type), value]));
  }
}

export interface PaddedSize {
  readonly bytes: number;
  readonly padding: number;
}

/** The type must be known. */
function paddedSize({ dimensions, type }: HeadTensor, alignment: number): PaddedSize {
  const block = blockOf(type)!;
  const bytes = (dimensions.reduce((product, d) => product * d, 1) / block.values) * block.bytes;
  return { bytes, padding: padding(bytes, alignment) };
}

function padding(bytes: number, alignment: number): number {
  return (alignment - (bytes % alignment)) % alignment;
}

export function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([u64(bytes.length), bytes]);
}
function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
