/** NAL units in the packets of MP4, Matroska and FLV: each behind its length (ISO/IEC 14496-15, 5.3). */
import { NotUnderstood } from "./bits.js";
import { takeParameters, type ParameterSets } from "./parameterSets.js";

export interface Configuration {
  /** Bytes of a NAL unit's length. */
  readonly lengthBytes: number;
  readonly sets: ParameterSets;
}

/** Of `extradata`. Undefined when it is of another form, such as that of MPEG-TS, or beyond what is understood. */
export function configurationOf(extradata: Uint8Array): Configuration | undefined {
  if (extradata[0] !== 1 || extradata.length < 7) return undefined;
  const view = new DataView(extradata.buffer, extradata.byteOffset, extradata.byteLength);
  const sets: ParameterSets = { sequences: new Map(), pictures: new Map() };
  let at = 5;
  try {
    for (const mask of [31, 255]) {
      const count = view.getUint8(at++) & mask;
      for (let i = 0; i < count; i++) {
        const length = view.getUint16(at);
        takeParameters(sets, extradata.subarray(at + 2, at + 2 + length));
        at += 2 + length;
      }
    }
  } catch (thrown) {
    // RangeError: it ends too early.
    if (thrown instanceof NotUnderstood || thrown instanceof RangeError) return undefined;
    throw thrown;
  }
  return { lengthBytes: ((extradata[4] ?? 0) & 3) + 1, sets };
}

/** Throws NotUnderstood when the lengths do not add up. */
export function* unitsOf(packet: Uint8Array, lengthBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < packet.length; ) {
    let length = 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + (packet[at + i] ?? 0);
    const [start, end] = [at + lengthBytes, at + lengthBytes + length];
    if (length === 0 || end > packet.length) throw new NotUnderstood("A packet's lengths do not add up.");
    yield packet.subarray(start, end);
    at = end;
  }
}

export function joined(units: readonly Uint8Array[], lengthBytes: number): Uint8Array {
  const packet = new Uint8Array(units.reduce((sum, { length }) => sum + lengthBytes + length, 0));
  let at = 0;
  for (const unit of units) {
    for (let i = 0; i < lengthBytes; i++) packet[at + i] = Math.floor(unit.length / 256 ** (lengthBytes - 1 - i)) & 255;
    packet.set(unit, at + lengthBytes);
    at += lengthBytes + unit.length;
  }
  return packet;
}
