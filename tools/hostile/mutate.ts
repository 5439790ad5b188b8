/** Damage to files, the same for the same numbers. */

/** Numbers at which programs count wrongly. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

type Mutation = (bytes: Buffer, next: () => number, other: Buffer) => Buffer;

const at = (bytes: Buffer, next: () => number): number => Math.floor(next() * bytes.length);
/** Headers and indices stand at both ends: half of the hits go there. */
const place = (bytes: Buffer, next: () => number): number => {
  const part = next();
  if (part < 0.25) return Math.floor(next() * Math.min(bytes.length, 1024));
  if (part < 0.5) return bytes.length - 1 - Math.floor(next() * Math.min(bytes.length, 2048));
  return at(bytes, next);
};
const cut = (bytes: Buffer, next: () => number): readonly [from: number, to: number] => {
  const from = at(bytes, next);
  return [from, Math.min(bytes.length, from + 1 + Math.floor(next() ** 3 * 4096))];
};

const MUTATIONS: readonly Mutation[] = [
  function setBytes(bytes, next) {
    for (let hits = 1 + Math.floor(next() * 12); hits > 0; hits--) bytes[at(bytes, next)] = Math.floor(next() * 256);
    return bytes;
  },
  function flipBits(bytes, next) {
    for (let hits = 1 + Math.floor(next() * 4); hits > 0; hits--) bytes[place(bytes, next)]! ^= 1 << Math.floor(next() * 8);
    return bytes;
  },
  function setEdge(bytes, next) {
    const value = EDGES[Math.floor(next() * EDGES.length)]!;
    const width = [1, 2, 4][Math.floor(next() * 3)]!;
    const offset = Math.min(place(bytes, next), bytes.length - width);
    if (offset < 0) return bytes;
    const fitting = value % 2 ** (8 * width);
    if (next() < 0.5) bytes.writeUIntBE(fitting, offset, width);
    else bytes.writeUIntLE(fitting, offset, width);
    return bytes;
  },
  function truncate(bytes, next) {
    return bytes.subarray(0, 1 + at(bytes, next));
  },
  function remove(bytes, next) {
    const [from, to] = cut(bytes, next);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  function repeat(bytes, next) {
    const [from, to] = cut(bytes, next);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  function move(bytes, next) {
    const [from, to] = cut(bytes, next);
    const piece = Buffer.from(bytes.subarray(from, to));
    piece.copy(bytes, Math.min(at(bytes, next), Math.max(0, bytes.length - piece.length)));
    return bytes;
  },
  function blank(bytes, next) {
    const [from, to] = cut(bytes, next);
    return bytes.fill(next() < 0.5 ? 0 : 255, from, to);
  },
  function splice(bytes, next, other) {
    const [from, to] = cut(other, next);
    const offset = place(bytes, next);
    return Buffer.concat([bytes.subarray(0, offset), other.subarray(from, to), bytes.subarray(offset)]);
  },
];

/** @param next numbers in [0, 1). @param other a file to take pieces from. Never empty when `bytes` is not. */
export function mutate(bytes: Buffer, next: () => number, other: Buffer): Buffer {
  let out = Buffer.from(bytes);
  for (let rounds = 1 + Math.floor(next() ** 2 * 3); rounds > 0; rounds--) {
    const changed = MUTATIONS[Math.floor(next() * MUTATIONS.length)]!(out, next, other);
    out = Buffer.from(changed.length > 0 ? changed : out);
  }
  return out;
}
