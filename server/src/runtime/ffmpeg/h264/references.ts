/**
 * Which pictures a picture may refer to: the decoded picture buffer and its lists (ITU-T H.264, 8.2.1, 8.2.4
 * and 8.2.5), for frames without long-term references, from an IDR picture on.
 */
import { NotUnderstood } from "./bits.js";
import type { Modification, SliceHeader } from "./slice.js";

interface Reference {
  readonly id: number;
  readonly frameNum: number;
  readonly order: number;
}

export class ReferenceBuffer {
  private references: Reference[] = [];
  private previous: { readonly frameNum: number; readonly msb: number; readonly lsb: number } | undefined;
  /** Of order counts that follow the order of decoding: what wrapped frame numbers add. */
  private offset = 0;
  private lastFrameNum = 0;

  /**
   * The next picture in the order of decoding. Throws NotUnderstood when pictures before it are missing.
   * @param id of the caller's, told of later pictures that may refer to this one
   * @param slices of this picture, one at least
   * @returns what it may refer to
   */
  picture(id: number, slices: readonly SliceHeader[]): ReadonlySet<number> {
    const [first] = slices;
    if (first === undefined) throw new NotUnderstood("A picture has no slice.");
    const frames = 2 ** first.sequence.frameNumBits;
    if (first.idr) {
      this.references = [];
      this.offset = 0;
    } else if (this.previous === undefined || first.frameNum !== (this.previous.frameNum + 1) % frames) {
      throw new NotUnderstood("Frame numbers have a gap.");
    }
    const { order, msb } = this.orderOf(first, frames);
    const may = new Set<number>();
    for (const slice of slices) for (const reference of this.listsOf(slice, order, frames)) may.add(reference.id);
    if (first.reference) {
      this.mark(first, { id, frameNum: first.frameNum, order }, frames);
      this.previous = { frameNum: first.frameNum, msb, lsb: first.order[0] };
    }
    this.lastFrameNum = first.frameNum;
    return may;
  }

  /** 8.2.1.1 and 8.2.1.3. */
  private orderOf({ idr, reference, sequence, frameNum, order: [lsb, bottom] }: SliceHeader, frames: number): { readonly order: number; readonly msb: number } {
    if (sequence.orderBits === undefined) {
      if (!idr && this.lastFrameNum > frameNum) this.offset += frames;
      return { order: idr ? 0 : 2 * (this.offset + frameNum) - (reference ? 0 : 1), msb: 0 };
    }
    const range = 2 ** sequence.orderBits;
    const before = idr ? { msb: 0, lsb: 0 } : (this.previous ?? { msb: 0, lsb: 0 });
    let { msb } = before;
    if (lsb < before.lsb && before.lsb - lsb >= range / 2) msb += range;
    else if (lsb > before.lsb && lsb - before.lsb > range / 2) msb -= range;
    return { order: msb + lsb + Math.min(0, bottom), msb };
  }

  private listsOf({ type, frameNum, active, modifications }: SliceHeader, order: number, frames: number): readonly Reference[] {
    if (type === "I") return [];
    const number = ({ frameNum: of }: Reference): number => (of > frameNum ? of - frames : of);
    const modified = (initial: readonly Reference[], list: 0 | 1): readonly Reference[] => this.modify(initial, active[list], modifications[list], frameNum, frames, number);
    if (type === "P") return modified([...this.references].sort((a, b) => number(b) - number(a)), 0);
    const before = this.references.filter((reference) => reference.order < order).sort((a, b) => b.order - a.order);
    const after = this.references.filter((reference) => reference.order > order).sort((a, b) => a.order - b.order);
    const [first, second] = [[...before, ...after], [...after, ...before]];
    if (second.length > 1 && second.every((reference, i) => reference === first[i])) [second[0], second[1]] = [second[1]!, second[0]!];
    return [...modified(first, 0), ...modified(second, 1)];
  }

  /** 8.2.4.3.1. Entries without a picture are none that a slice refers to. */
  private modify(
    initial: readonly Reference[],
    active: number,
    steps: readonly Modification[] | undefined,
    frameNum: number,
    frames: number,
    numberOf: (reference: Reference) => number,
  ): readonly Reference[] {
    let list: (Reference | undefined)[] = initial.slice(0, active);
    let predicted = frameNum;
    for (const [index, { add, difference }] of (steps ?? []).entries()) {
      predicted = (predicted + (add ? difference : -difference) + frames) % frames;
      const number = predicted > frameNum ? predicted - frames : predicted;
      const moved = this.references.find((reference) => numberOf(reference) === number);
      if (moved === undefined) throw new NotUnderstood("A list names a picture that is not there.");
      while (list.length < index) list.push(undefined);
      list = [...list.slice(0, index), moved, ...list.slice(index).filter((reference) => reference !== moved)].slice(0, active);
    }
    return list.filter((reference) => reference !== undefined);
  }

  /** 8.2.5.3 and 8.2.5.4.1. */
  private mark({ sequence, frameNum, removed, idr }: SliceHeader, current: Reference, frames: number): void {
    const number = ({ frameNum: of }: Reference): number => (of > frameNum ? of - frames : of);
    for (const difference of removed ?? []) {
      const at = this.references.findIndex((reference) => number(reference) === frameNum - difference);
      if (at < 0) throw new NotUnderstood("A picture is removed that is not there.");
      this.references.splice(at, 1);
    }
    const most = Math.max(1, sequence.maxReferences);
    if (!idr && removed === undefined && this.references.length >= most) {
      const oldest = this.references.reduce((least, reference) => (number(reference) < number(least) ? reference : least));
      this.references = this.references.filter((reference) => reference !== oldest);
    }
    this.references.push(current);
    if (this.references.length > most) throw new NotUnderstood("More references are kept than allowed.");
  }
}
