/** Boxes of ISO base media files (ISO/IEC 14496-12, 4.2): made, found and replaced. */

export const u16 = (...values: readonly number[]): Buffer => Buffer.concat(values.map((value) => Buffer.from([(value >>> 8) & 255, value & 255])));

export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, 4 * i));
  return bytes;
}

export function box(type: string, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, "latin1"), body]);
}

/**
 * Replaces the payload of the first box on a way such as `moov/trak/mdia`; the boxes around it grow with
 * it. Chunk offsets are left as they are: the box must stand behind the media data, or keep its size.
 * Error: there is no such box.
 */
export function edit(bytes: Buffer, way: string, change: (payload: Buffer) => Buffer): Buffer {
  const [type, ...rest] = way.split("/") as [string, ...string[]];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    if (size < 8) break;
    if (bytes.toString("latin1", at + 4, at + 8) === type) {
      const payload = bytes.subarray(at + 8, at + size);
      const next = rest.length === 0 ? change(payload) : edit(payload, rest.join("/"), change);
      return Buffer.concat([bytes.subarray(0, at), box(type, next), bytes.subarray(at + size)]);
    }
    at += size;
  }
  throw new Error(`There is no box ${way}.`);
}

/** Element of EBML, the syntax of Matroska (RFC 8794): an id as it is written, and a payload. */
export function element(id: string, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
  // A length of eight bytes, whatever it is.
  return Buffer.concat([Buffer.from(id, "hex"), Buffer.from([1, 0, 0]), Buffer.from([Math.floor(body.length / 2 ** 32)]), u32(body.length), body]);
}
