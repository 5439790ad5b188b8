/** Small files that ask for much: memory, time, or both. */
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { box, edit, element, u16, u32 } from "../boxes.js";
import { BOUNDED, type Ground, type HostileCase } from "../case.js";

const MAX = 0xffff_ffff;
const STBL = "moov/trak/mdia/minf/stbl";

const changed = (way: string, change: (payload: Buffer) => Buffer): HostileCase["make"] => (ground) => saved(ground, edit(ground.film, way, change));

function saved({ folder }: Ground, bytes: Buffer, name = "clip.mp4"): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const patched = (payload: Buffer, at: number, bytes: Buffer): Buffer => Buffer.concat([payload.subarray(0, at), bytes, payload.subarray(at + bytes.length)]);

/** A film of one picture that is not coded as H.264: `sample` is its data. */
const picture = (type: string, width: number, height: number, sample: Buffer): HostileCase["make"] => (ground) => {
  const moov = ground.film.subarray(ground.film.indexOf("moov") - 4);
  const entry = box(type, Buffer.alloc(6), u16(1), Buffer.alloc(16), u16(width, height), u32(0x480000, 0x480000, 0), u16(1), Buffer.alloc(32), u16(24, 0xffff));
  let index = edit(moov, `${STBL}/stsd`, () => Buffer.concat([u32(0, 1), entry]));
  const tables: Readonly<Record<string, Buffer>> = { stts: u32(0, 1, 1, 512), stss: u32(0, 1, 1), ctts: u32(0, 0), stsc: u32(0, 1, 1, 1, 1), stsz: u32(0, 0, 1, sample.length), stco: u32(0, 1, 40) };
  for (const [name, payload] of Object.entries(tables)) index = edit(index, `${STBL}/${name}`, () => payload);
  const head = box("ftyp", "isom", u32(512), "isomiso2");
  const free = box("free", Buffer.alloc(40 - head.length - 16));
  return saved(ground, Buffer.concat([head, free, box("mdat", sample), index]));
};

/** Signature, size and rows of zeros, as one deflated block. */
function png(width: number, height: number, rows: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => Buffer.concat([u32(data.length), Buffer.from(type), data, u32(0)]);
  const head = Buffer.concat([u32(width, height), Buffer.from([8, 2, 0, 0, 0])]);
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), chunk("IDAT", deflateSync(Buffer.alloc(rows * (3 * width + 1)))), chunk("IEND", Buffer.alloc(0))]);
}

const jpeg = (width: number, height: number): Buffer =>
  Buffer.concat([u16(0xffd8, 0xffc0, 17), Buffer.from([8]), u16(height, width), Buffer.from([3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]), u16(0xffda, 12), Buffer.from([3, 1, 0, 2, 0, 3, 0, 0, 63, 0]), Buffer.alloc(64), u16(0xffd9)]);

const nested = (depth: number): Buffer => {
  let inner: Buffer = Buffer.alloc(0);
  // From the inside out would copy all of it each time: heads only, then.
  const heads: Buffer[] = [];
  for (let i = depth; i > 0; i--) heads.push(Buffer.concat([u32(8 * i), Buffer.from("moov")]));
  inner = Buffer.concat(heads);
  return Buffer.concat([box("ftyp", "isom", u32(512), "isom"), inner]);
};

/** A compressed index (QuickTime's cmov) of zeros. */
const compressedIndex = (bytes: number): Buffer => {
  const data = deflateSync(Buffer.alloc(Math.min(bytes, 256 * 2 ** 20)));
  return Buffer.concat([box("ftyp", "qt  ", u32(0), "qt  "), box("moov", box("cmov", box("dcom", "zlib"), box("cmvd", u32(bytes), data)))]);
};

/** Matroska whose subtitles are deflated text: each block unfolds to a thousand times its size. */
function deflatedSubtitles({ folder }: Ground): string {
  const head = element("1a45dfa3", element("4286", Buffer.from([1])), element("4282", "matroska"), element("4287", Buffer.from([4])), element("4285", Buffer.from([2])));
  const info = element("1549a966", element("2ad7b1", u32(1_000_000)), element("4489", Buffer.from("412e848000000000", "hex")));
  const zlib = element("6d80", element("6240", element("5034", element("4254", Buffer.from([0])))));
  const track = element("1654ae6b", element("ae", element("d7", Buffer.from([1])), element("73c5", Buffer.from([1])), element("83", Buffer.from([0x11])), element("86", "S_TEXT/UTF8"), zlib));
  const block = element("a0", element("a1", Buffer.from([0x81, 0, 0, 0]), deflateSync(Buffer.alloc(9_000_000, "a"))), element("9b", u16(1000)));
  const cluster = element("1f43b675", element("e7", Buffer.from([0])), ...Array.from({ length: 64 }, () => block));
  const path = join(folder, "clip.mkv");
  writeFileSync(path, Buffer.concat([head, element("18538067", info, track, cluster)]));
  return path;
}

function wav(channels: number, rate: number, bits: number): Buffer {
  const format = Buffer.alloc(16);
  format.writeUInt16LE(1, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rate, 4);
  format.writeUInt32LE(MAX, 8);
  format.writeUInt16LE(MAX & 0xffff, 12);
  format.writeUInt16LE(bits, 14);
  const size = (n: number): Buffer => Buffer.from([n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >>> 24) & 255]);
  return Buffer.concat([Buffer.from("RIFF"), size(MAX), Buffer.from("WAVEfmt "), size(16), format, Buffer.from("data"), size(MAX), Buffer.alloc(4096)]);
}

/** A real stream, and then a hole of the disk up to two gigabytes. */
function stream({ folder }: Ground): string {
  const path = join(folder, "clip.mpegts");
  const packet = Buffer.concat([Buffer.from([0x47, 0x40, 0x00, 0x10, 0x00]), Buffer.alloc(183, 0xff)]);
  const file = openSync(path, "w");
  writeSync(file, Buffer.concat(Array.from({ length: 32 }, () => packet)));
  writeSync(file, packet, 0, packet.length, 2 * 2 ** 30);
  closeSync(file);
  return path;
}

export const BOMBS: readonly HostileCase[] = [
  { kind: "bomb", name: "mp4 that says it is 65535 x 65535", make: changed(`${STBL}/stsd`, (payload) => patched(payload, 8 + 32, u16(65535, 65535))), expect: "harmless" },
  { kind: "bomb", name: "raw pictures of 60000 x 60000", make: picture("raw ", 60000, 60000, Buffer.alloc(4096)), expect: BOUNDED },
  { kind: "bomb", name: "PNG of 60000 x 60000", make: picture("png ", 64, 64, png(60000, 60000, 16)), expect: BOUNDED },
  { kind: "bomb", name: "PNG of 11000 x 11000 in 350 kB", make: picture("png ", 64, 64, png(11000, 11000, 11000)), expect: "harmless", slow: true },
  { kind: "bomb", name: "JPEG of 65500 x 65500", make: picture("jpeg", 64, 64, jpeg(65500, 65500)), expect: BOUNDED },
  { kind: "bomb", name: "mp4 of 4 294 967 295 samples of one byte", make: changed(`${STBL}/stsz`, () => u32(0, 1, MAX)), expect: "harmless" },
  {
    kind: "bomb",
    name: "mp4 with 4 294 967 295 samples in a chunk",
    make: ({ film, ...ground }) => saved({ film, ...ground }, edit(edit(edit(film, `${STBL}/stsz`, () => u32(0, 1, MAX)), `${STBL}/stsc`, () => u32(0, 1, 1, MAX, 1)), `${STBL}/stts`, () => u32(0, 1, MAX, 1))),
    expect: "harmless",
  },
  { kind: "bomb", name: "mp4, 4 294 967 295 times announced", make: changed(`${STBL}/stts`, () => u32(0, MAX, 1, 1)), expect: "harmless" },
  { kind: "bomb", name: "mp4, 4 294 967 295 edits announced", make: changed("moov/trak/edts/elst", (payload) => patched(payload, 4, u32(MAX))), expect: "harmless" },
  { kind: "bomb", name: "mp4 of 272 years", make: changed(`${STBL}/stts`, () => u32(0, 1, 60, 0x7fff_ffff)), expect: "harmless" },
  { kind: "bomb", name: "mp4 without a clock (time scale 0)", make: changed("moov/trak/mdia/mdhd", (payload) => patched(payload, 12, u32(0))), expect: "harmless" },
  { kind: "bomb", name: "boxes in boxes, 100 000 deep", make: (ground) => saved(ground, nested(100_000)), expect: ["video-unreadable"] },
  { kind: "bomb", name: "mp4 with 20 000 tracks", make: (ground) => saved(ground, edit(ground.film, "moov", (payload) => Buffer.concat([payload, ...Array.from({ length: 20_000 }, () => box("trak", box("tkhd", Buffer.alloc(84))))]))), expect: "harmless" },
  { kind: "bomb", name: "QuickTime index that unfolds to 256 MiB", make: (ground) => saved(ground, compressedIndex(256 * 2 ** 20), "clip.mov"), expect: ["video-unreadable"], slow: true },
  { kind: "bomb", name: "QuickTime index that is said to unfold to 2 GiB", make: (ground) => saved(ground, compressedIndex(0x7fff_fff0), "clip.mov"), expect: ["video-unreadable"], slow: true },
  { kind: "bomb", name: "Matroska subtitles that unfold to 576 MB", make: deflatedSubtitles, expect: "harmless", cues: /limit|none/ },
  { kind: "bomb", name: "WAV with 65535 channels", make: (ground) => saved(ground, wav(65535, 48000, 16), "clip.wav"), expect: "harmless" },
  { kind: "bomb", name: "WAV at 4 294 967 295 Hz", make: (ground) => saved(ground, wav(1, MAX, 16), "clip.wav"), expect: "harmless" },
  { kind: "bomb", name: "MPEG-TS with a hole of 2 GiB", make: stream, expect: "harmless", slow: true },
];
