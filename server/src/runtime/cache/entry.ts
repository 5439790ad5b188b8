/**
 * One cache entry as a file: magic, version, shape, digest, then the floats (little endian). The
 * digest covers the key, so a file under a wrong name is as corrupt as one with a flipped bit.
 */
import { createHash } from "node:crypto";
import type { FrameFeatures } from "../../engine/ports.js";

const MAGIC = 0x46415156; // "VQAF"
const VERSION = 1;
const DIGEST_AT = 20;
const HEADER_BYTES = 52;

export function encodeEntry(key: string, value: FrameFeatures): Buffer {
  const floats = Buffer.from(value.data.buffer, value.data.byteOffset, value.data.byteLength);
  const header = Buffer.alloc(HEADER_BYTES);
  [MAGIC, VERSION, value.frames, value.tokens, value.width].forEach((n, i) => header.writeUInt32LE(n, i * 4));
  digest(key, header, floats).copy(header, DIGEST_AT);
  return Buffer.concat([header, floats]);
}

/** Undefined for anything that is not exactly what `encodeEntry` made for this key. */
export function decodeEntry(key: string, bytes: Buffer): FrameFeatures | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32LE(0) !== MAGIC || bytes.readUInt32LE(4) !== VERSION) return undefined;
  const [frames, tokens, width] = [8, 12, 16].map((at) => bytes.readUInt32LE(at)) as [number, number, number];
  const floats = bytes.subarray(HEADER_BYTES);
  if (floats.length !== frames * tokens * width * 4) return undefined;
  if (!digest(key, bytes, floats).equals(bytes.subarray(DIGEST_AT, HEADER_BYTES))) return undefined;
  // A copy: floats must lie at a multiple of four.
  const data = new Float32Array(frames * tokens * width);
  floats.copy(Buffer.from(data.buffer));
  return { frames, tokens, width, data };
}

function digest(key: string, header: Buffer, floats: Buffer): Buffer {
  return createHash("sha256").update(header.subarray(0, DIGEST_AT)).update(key).update("\0").update(floats).digest();
}
