/**
 * Rows of a token table as float32, bit by bit what llama.cpp's own look-up of a row gives. Layouts of
 * the blocks: ggml-common.h, arithmetic: `dequantize_row_*` of ggml-quants.c, llama.cpp v0.5.0, where
 * every step is rounded to float32; `Math.fround` keeps to that.
 */
import { fromFloat16Bits } from "../float16.js";
import { blockOf, GGML_BF16, GGML_F16, GGML_F32 } from "../ggml.js";

/** Writes the values of one block that begins at `at`, to `out` from `to`. */
type ReadBlock = (bytes: Buffer, at: number, out: Float32Array, to: number) => void;

const round = Math.fround;
const half = (bytes: Buffer, at: number): number => fromFloat16Bits(bytes.readUInt16LE(at));
const signed = (byte: number): number => (byte << 24) >> 24;

const floats: ReadonlyMap<number, ReadBlock> = new Map<number, ReadBlock>([
  [GGML_F32, (bytes, at, out, to) => void (out[to] = bytes.readFloatLE(at))],
  [GGML_F16, (bytes, at, out, to) => void (out[to] = half(bytes, at))],
  [GGML_BF16, (bytes, at, out, to) => {
    word.setUint32(0, bytes.readUInt16LE(at) << 16 >>> 0);
    out[to] = word.getFloat32(0);
  }],
]);
const word = new DataView(new ArrayBuffer(4));

/** 32 values in 4 bits: the low halves are the first 16, the high halves the rest. */
function nibbles(bytes: Buffer, at: number, value: (nibble: number, i: number) => number, out: Float32Array, to: number): void {
  for (let i = 0; i < 16; i++) {
    out[to + i] = value(bytes[at + i]! & 15, i);
    out[to + i + 16] = value(bytes[at + i]! >> 4, i + 16);
  }
}

/** What IQ4 formats' four bits stand for: `kvalues_iq4nl`. */
const IQ4 = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

const legacy: ReadonlyMap<number, ReadBlock> = new Map<number, ReadBlock>([
  [2, (bytes, at, out, to) => {
    const d = half(bytes, at);
    nibbles(bytes, at + 2, (n) => (n - 8) * d, out, to);
  }],
  [3, (bytes, at, out, to) => {
    const [d, m] = [half(bytes, at), half(bytes, at + 2)];
    nibbles(bytes, at + 4, (n) => round(n * d) + m, out, to);
  }],
  [6, (bytes, at, out, to) => {
    const [d, high] = [half(bytes, at), bytes.readUInt32LE(at + 2)];
    nibbles(bytes, at + 6, (n, i) => ((n | (((high >>> i) & 1) << 4)) - 16) * d, out, to);
  }],
  [7, (bytes, at, out, to) => {
    const [d, m, high] = [half(bytes, at), half(bytes, at + 2), bytes.readUInt32LE(at + 4)];
    nibbles(bytes, at + 8, (n, i) => round((n | (((high >>> i) & 1) << 4)) * d) + m, out, to);
  }],
  [8, (bytes, at, out, to) => {
    const d = half(bytes, at);
    for (let i = 0; i < 32; i++) out[to + i] = signed(bytes[at + 2 + i]!) * d;
  }],
  [20, (bytes, at, out, to) => {
    const d = half(bytes, at);
    nibbles(bytes, at + 2, (n) => d * IQ4[n]!, out, to);
  }],
]);

/** Six-bit scales and minima of Q4_K and Q5_K, eight of each in 12 bytes. */
function scaleAndMin(bytes: Buffer, at: number, j: number): readonly [number, number] {
  const q = (i: number): number => bytes[at + i]!;
  if (j < 4) return [q(j) & 63, q(j + 4) & 63];
  return [(q(j + 4) & 15) | ((q(j - 4) >> 6) << 4), (q(j + 4) >> 4) | ((q(j) >> 6) << 4)];
}

/** Six-bit scales of Q3_K, sixteen in 12 bytes, with their offset of 32. */
function q3Scale(bytes: Buffer, at: number, j: number): number {
  const low = j < 8 ? bytes[at + j]! & 15 : bytes[at + j - 8]! >> 4;
  const high = (bytes[at + 8 + (j & 3)]! >> (2 * (j >> 2))) & 3;
  return (low | (high << 4)) - 32;
}

const kQuants: ReadonlyMap<number, ReadBlock> = new Map<number, ReadBlock>([
  [10, (bytes, at, out, to) => {
    const [d, min] = [half(bytes, at + 80), half(bytes, at + 82)];
    for (let group = 0; group < 16; group++) {
      const scale = bytes[at + group]!;
      const [dl, ml] = [round(d * (scale & 15)), round(min * (scale >> 4))];
      const from = at + 16 + (group >> 3) * 32 + (group & 1) * 16;
      const shift = 2 * ((group >> 1) & 3);
      for (let l = 0; l < 16; l++) out[to + group * 16 + l] = round(dl * ((bytes[from + l]! >> shift) & 3)) - ml;
    }
  }],
  [11, (bytes, at, out, to) => {
    const d = half(bytes, at + 108);
    for (let group = 0; group < 16; group++) {
      const dl = round(d * q3Scale(bytes, at + 96, group));
      const within = (group & 1) * 16;
      const from = at + 32 + (group >> 3) * 32 + within;
      const shift = 2 * ((group >> 1) & 3);
      const bit = 1 << (group >> 1);
      for (let l = 0; l < 16; l++) {
        const low = (bytes[from + l]! >> shift) & 3;
        out[to + group * 16 + l] = dl * (low - ((bytes[at + within + l]! & bit) !== 0 ? 0 : 4));
      }
    }
  }],
  [12, (bytes, at, out, to) => {
    const [d, min] = [half(bytes, at), half(bytes, at + 2)];
    for (let group = 0; group < 8; group++) {
      const [scale, m] = scaleAndMin(bytes, at + 4, group);
      const [dl, ml] = [round(d * scale), round(min * m)];
      const from = at + 16 + (group >> 1) * 32;
      const shift = 4 * (group & 1);
      for (let l = 0; l < 32; l++) out[to + group * 32 + l] = round(dl * ((bytes[from + l]! >> shift) & 15)) - ml;
    }
  }],
  [13, (bytes, at, out, to) => {
    const [d, min] = [half(bytes, at), half(bytes, at + 2)];
    for (let group = 0; group < 8; group++) {
      const [scale, m] = scaleAndMin(bytes, at + 4, group);
      const [dl, ml] = [round(d * scale), round(min * m)];
      const from = at + 48 + (group >> 1) * 32;
      const shift = 4 * (group & 1);
      for (let l = 0; l < 32; l++) {
        const q = ((bytes[from + l]! >> shift) & 15) + (((bytes[at + 16 + l]! >> group) & 1) << 4);
        out[to + group * 32 + l] = round(dl * q) - ml;
      }
    }
  }],
  [14, (bytes, at, out, to) => {
    const d = half(bytes, at + 208);
    for (let i = 0; i < 256; i++) {
      const [part, within] = [i >> 7, i & 127];
      const [lane, l] = [within >> 5, within & 31];
      const low = (bytes[at + part * 64 + (lane & 1) * 32 + l]! >> (4 * (lane >> 1))) & 15;
      const high = (bytes[at + 128 + part * 32 + l]! >> (2 * lane)) & 3;
      const scale = signed(bytes[at + 192 + (i >> 4)]!);
      out[to + i] = round(d * scale) * ((low | (high << 4)) - 32);
    }
  }],
  [23, (bytes, at, out, to) => {
    const [d, scalesHigh] = [half(bytes, at), bytes.readUInt16LE(at + 2)];
    for (let group = 0; group < 8; group++) {
      const low = (bytes[at + 4 + (group >> 1)]! >> (4 * (group & 1))) & 15;
      const dl = round(d * ((low | (((scalesHigh >> (2 * group)) & 3) << 4)) - 32));
      nibbles(bytes, at + 8 + group * 16, (n) => dl * IQ4[n]!, out, to + group * 32);
    }
  }],
]);

/** Reads `values` (a multiple of the type's block) from `bytes`. */
export type ReadValues = (bytes: Buffer, values: number) => Float32Array;

/** Undefined for a type whose blocks are not known here. */
export function valueReader(type: number): ReadValues | undefined {
  const read = floats.get(type) ?? legacy.get(type) ?? kQuants.get(type);
  const block = blockOf(type);
  if (read === undefined || block === undefined) return undefined;
  return (bytes, values) => {
    const out = new Float32Array(values);
    for (let to = 0, at = 0; to < values; to += block.values, at += block.bytes) read(bytes, at, out, to);
    return out;
  };
}
