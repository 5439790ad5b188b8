/** The parts of sequence and picture parameter sets that slice headers depend on (ITU-T H.264, 7.3.2.1 and 7.3.2.2). */
import { BitReader, NotUnderstood } from "./bits.js";

export interface SequenceParameters {
  readonly frameNumBits: number;
  /** Of pic_order_cnt_lsb; undefined for order counts that follow the order of decoding (type 2). */
  readonly orderBits: number | undefined;
  readonly maxReferences: number;
  /** ChromaArrayType is not 0. */
  readonly chroma: boolean;
}

export interface PictureParameters {
  readonly sequence: number;
  readonly cabac: boolean;
  readonly bottomOrder: boolean;
  /** Active references in a slice that does not say, of lists 0 and 1. */
  readonly references: readonly [number, number];
  readonly weightedP: boolean;
  readonly explicitB: boolean;
  readonly deblockingControl: boolean;
  readonly redundant: boolean;
}

export interface ParameterSets {
  readonly sequences: Map<number, SequenceParameters>;
  readonly pictures: Map<number, PictureParameters>;
}

/** Profiles whose sequence parameter sets tell the chroma format. */
const HIGH = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

const SEQUENCE = 7;
const PICTURE = 8;

/**
 * Takes a parameter set, or nothing of another kind of NAL unit. Throws NotUnderstood for fields, slice groups and
 * order counts of type 1, and for a set that is another one than before under the same number.
 */
export function takeParameters(sets: ParameterSets, nal: Uint8Array): void {
  const kind = (nal[0] ?? 0) & 31;
  if (kind === SEQUENCE) {
    keep(sets.sequences, ...sequenceOf(nal));
  } else if (kind === PICTURE) {
    keep(sets.pictures, ...pictureOf(nal));
  }
}

function keep<T>(known: Map<number, T>, id: number, set: T): void {
  const before = known.get(id);
  if (before !== undefined && JSON.stringify(before) !== JSON.stringify(set)) throw new NotUnderstood("A parameter set changes.");
  known.set(id, set);
}

function sequenceOf(nal: Uint8Array): readonly [id: number, SequenceParameters] {
  const bits = new BitReader(nal);
  const profile = bits.bits(8);
  bits.bits(16);
  const id = bits.unsigned();
  let [format, separate] = [1, false];
  if (HIGH.has(profile)) {
    format = bits.unsigned();
    if (format === 3) separate = bits.flag();
    bits.unsigned();
    bits.unsigned();
    bits.flag();
    if (bits.flag()) skipScaling(bits, format === 3 ? 12 : 8);
  }
  // Their slices come in three colour planes, each with lists of its own.
  if (separate) throw new NotUnderstood("Colour planes are coded apart.");
  const frameNumBits = bits.unsigned() + 4;
  const orderType = bits.unsigned();
  const orderBits = orderType === 0 ? bits.unsigned() + 4 : undefined;
  if (orderType === 1) throw new NotUnderstood("Order counts are of type 1.");
  const maxReferences = bits.unsigned();
  bits.flag();
  bits.unsigned();
  bits.unsigned();
  if (!bits.flag()) throw new NotUnderstood("Pictures may be fields.");
  return [id, { frameNumBits, orderBits, maxReferences, chroma: format !== 0 }];
}

function skipScaling(bits: BitReader, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (!bits.flag()) continue;
    let [last, next] = [8, 8];
    for (let i = 0; i < (list < 6 ? 16 : 64); i++) {
      if (next !== 0) next = (last + bits.signed() + 256) % 256;
      if (next !== 0) last = next;
    }
  }
}

function pictureOf(nal: Uint8Array): readonly [id: number, PictureParameters] {
  const bits = new BitReader(nal);
  const id = bits.unsigned();
  const sequence = bits.unsigned();
  const cabac = bits.flag();
  const bottomOrder = bits.flag();
  if (bits.unsigned() > 0) throw new NotUnderstood("Pictures have slice groups.");
  const references = [bits.unsigned() + 1, bits.unsigned() + 1] as const;
  const weightedP = bits.flag();
  const explicitB = bits.bits(2) === 1;
  bits.signed();
  bits.signed();
  bits.signed();
  const deblockingControl = bits.flag();
  bits.flag();
  return [id, { sequence, cabac, bottomOrder, references, weightedP, explicitB, deblockingControl, redundant: bits.flag() }];
}
