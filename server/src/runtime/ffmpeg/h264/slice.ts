/** The header of a slice (ITU-T H.264, 7.3.3), as far as it tells which pictures the slice may refer to. */
import { BitReader, NotUnderstood } from "./bits.js";
import type { ParameterSets, PictureParameters, SequenceParameters } from "./parameterSets.js";

export const SLICE = 1;
export const IDR_SLICE = 5;

/** A step of a list's modification: the difference of picture numbers, subtracted or added. */
export interface Modification {
  readonly add: boolean;
  readonly difference: number;
}

export interface SliceHeader {
  readonly sequence: SequenceParameters;
  readonly idr: boolean;
  /** Later pictures may refer to this one. */
  readonly reference: boolean;
  readonly type: "P" | "B" | "I";
  readonly frameNum: number;
  /** pic_order_cnt_lsb and delta_pic_order_cnt_bottom. */
  readonly order: readonly [lsb: number, bottom: number];
  /** Of lists 0 and 1: how many entries count, and how they are put in order. */
  readonly active: readonly [number, number];
  readonly modifications: readonly [readonly Modification[] | undefined, readonly Modification[] | undefined];
  /** Pictures that are no reference any more after this one, by their difference in picture numbers; undefined: the oldest. */
  readonly removed: readonly number[] | undefined;
  /** Bytes of the NAL unit up to the first macroblock's. */
  readonly bytes: number;
}

/** Undefined for a redundant slice, which no decoder needs. Throws NotUnderstood for what is rare: switching slices, long-term references, partitions. */
export function sliceHeader(nal: Uint8Array, sets: ParameterSets): SliceHeader | undefined {
  const bits = new BitReader(nal);
  const [kind, reference] = [nal[0]! & 31, (nal[0]! & 96) !== 0];
  const idr = kind === IDR_SLICE;
  bits.unsigned();
  const type = (["P", "B", "I"] as const)[bits.unsigned() % 5];
  if (type === undefined) throw new NotUnderstood("A slice switches between streams.");
  const picture = sets.pictures.get(bits.unsigned());
  const sequence = picture && sets.sequences.get(picture.sequence);
  if (sequence === undefined || picture === undefined) throw new NotUnderstood("A slice names no parameter set.");
  const frameNum = bits.bits(sequence.frameNumBits);
  if (idr) bits.unsigned();
  const lsb = sequence.orderBits === undefined ? 0 : bits.bits(sequence.orderBits);
  const bottom = sequence.orderBits !== undefined && picture.bottomOrder ? bits.signed() : 0;
  if (picture.redundant && bits.unsigned() > 0) return undefined;
  if (type === "B") bits.flag();
  const active = activeOf(bits, type, picture);
  const modifications = [type === "I" ? undefined : modificationsOf(bits), type === "B" ? modificationsOf(bits) : undefined] as const;
  if ((picture.weightedP && type === "P") || (picture.explicitB && type === "B")) skipWeights(bits, sequence.chroma, active);
  const removed = reference ? removedOf(bits, idr) : undefined;
  if (picture.cabac && type !== "I") bits.unsigned();
  bits.signed();
  if (picture.deblockingControl && bits.unsigned() !== 1) {
    bits.signed();
    bits.signed();
  }
  return { sequence, idr, reference, type, frameNum, order: [lsb, bottom], active, modifications, removed, bytes: bits.read };
}

function activeOf(bits: BitReader, type: SliceHeader["type"], { references }: PictureParameters): readonly [number, number] {
  if (type === "I") return [0, 0];
  const [first, second] = bits.flag() ? [bits.unsigned() + 1, type === "B" ? bits.unsigned() + 1 : 0] : references;
  if (first > 32 || second > 32) throw new NotUnderstood("A list is too long.");
  return [first, type === "B" ? second : 0];
}

function modificationsOf(bits: BitReader): readonly Modification[] | undefined {
  if (!bits.flag()) return undefined;
  const steps: Modification[] = [];
  for (let kind = bits.unsigned(); kind !== 3; kind = bits.unsigned()) {
    if (kind > 1 || steps.length > 32) throw new NotUnderstood("A list holds long-term references.");
    steps.push({ add: kind === 1, difference: bits.unsigned() + 1 });
  }
  return steps;
}

function skipWeights(bits: BitReader, chroma: boolean, active: readonly [number, number]): void {
  bits.unsigned();
  if (chroma) bits.unsigned();
  for (let i = 0; i < active[0] + active[1]; i++) {
    for (const numbers of chroma ? [2, 4] : [2]) if (bits.flag()) for (let n = 0; n < numbers; n++) bits.signed();
  }
}

function removedOf(bits: BitReader, idr: boolean): readonly number[] | undefined {
  if (idr) {
    bits.flag();
    if (bits.flag()) throw new NotUnderstood("A keyframe is a long-term reference.");
    return undefined;
  }
  if (!bits.flag()) return undefined;
  const removed: number[] = [];
  for (let operation = bits.unsigned(); operation !== 0; operation = bits.unsigned()) {
    if (operation !== 1 || removed.length > 32) throw new NotUnderstood("References are marked in a rare way.");
    removed.push(bits.unsigned() + 1);
  }
  return removed;
}
