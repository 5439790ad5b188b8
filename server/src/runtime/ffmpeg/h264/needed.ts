/**
 * Which pictures of a group no wanted one needs, read from the headers of their slices alone. A decoder leaves
 * out by itself only those that nothing refers to; of the others it wants at least the headers, since frame
 * numbers, order and the marking of references go on with them.
 */
import { NotUnderstood } from "./bits.js";
import { joined, unitsOf, type Configuration } from "./nal.js";
import { takeParameters } from "./parameterSets.js";
import { ReferenceBuffer } from "./references.js";
import { IDR_SLICE, SLICE, sliceHeader, type SliceHeader } from "./slice.js";

/** What a decoder reads beyond a header before it looks whether anything is left. */
const SLACK_BYTES = 4;

/** Slices in parts (2 to 4). */
const PARTITIONS = [2, 3, 4];

interface Picture {
  readonly reference: boolean;
  readonly refersTo: ReadonlySet<number>;
}

export class GroupReader {
  private readonly pictures = new Map<number, Picture>();
  private readonly buffer = new ReferenceBuffer();

  constructor(private readonly configuration: Configuration) {}

  /**
   * The next packet in the order of decoding, from a keyframe on.
   * @param pts of the packet
   * @returns false when it is not understood: then nothing is told of the group
   */
  add(packet: Uint8Array, pts: number): boolean {
    try {
      const slices = slicesOf(packet, this.configuration);
      if (this.pictures.has(pts) || (this.pictures.size === 0 && slices[0]?.idr !== true)) return false;
      const refersTo = this.buffer.picture(pts, slices);
      this.pictures.set(pts, { reference: slices.some(({ reference }) => reference), refersTo });
      return true;
    } catch (thrown) {
      if (thrown instanceof NotUnderstood) return false;
      throw thrown;
    }
  }

  /** Times of the pictures that others refer to, but none of those that are wanted, nor any that these need. */
  unneeded(wanted: Iterable<number>): ReadonlySet<number> {
    const needed = new Set<number>();
    const open = [...wanted];
    for (let pts = open.pop(); pts !== undefined; pts = open.pop()) {
      if (needed.has(pts)) continue;
      needed.add(pts);
      open.push(...(this.pictures.get(pts)?.refersTo ?? []));
    }
    const [first] = this.pictures.keys();
    return new Set([...this.pictures].filter(([pts, { reference }]) => reference && pts !== first && !needed.has(pts)).map(([pts]) => pts));
  }
}

/** The packet with the headers of its slices and nothing behind them. */
export function headersOnly(packet: Uint8Array, { lengthBytes, sets }: Configuration): Uint8Array {
  const units: Uint8Array[] = [];
  for (const unit of unitsOf(packet, lengthBytes)) {
    const kind = (unit[0] ?? 0) & 31;
    if (kind !== SLICE && kind !== IDR_SLICE) {
      units.push(unit);
      continue;
    }
    const header = sliceHeader(unit, sets);
    units.push(header === undefined ? unit : unit.subarray(0, header.bytes + SLACK_BYTES));
  }
  return joined(units, lengthBytes);
}

function slicesOf(packet: Uint8Array, { lengthBytes, sets }: Configuration): readonly SliceHeader[] {
  const slices: SliceHeader[] = [];
  for (const unit of unitsOf(packet, lengthBytes)) {
    const kind = (unit[0] ?? 0) & 31;
    if (PARTITIONS.includes(kind)) throw new NotUnderstood("Slices come in parts.");
    takeParameters(sets, unit);
    if (kind !== SLICE && kind !== IDR_SLICE) continue;
    const slice = sliceHeader(unit, sets);
    if (slice !== undefined) slices.push(slice);
  }
  if (slices.some((slice) => !together(slice, slices[0]!))) throw new NotUnderstood("A packet holds several pictures.");
  return slices;
}

/** Slices of one picture (ITU-T H.264, 7.4.1.2.4). */
function together(a: SliceHeader, b: SliceHeader): boolean {
  return a.frameNum === b.frameNum && a.idr === b.idr && a.reference === b.reference && a.order[0] === b.order[0] && a.order[1] === b.order[1];
}
