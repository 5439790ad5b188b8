/** Containers that name other files as a part of them. */
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { box, edit, element, u16, u32 } from "../boxes.js";
import { CLOSED, type Ground, type HostileCase } from "../case.js";

const DREF = "moov/trak/mdia/minf/dinf/dref";

/** A film whose data are said to lie in another file. */
const elsewhere = (type: string, payload: (lure: string, address: string) => Buffer): HostileCase["make"] => (ground) => {
  const lure = ground.lure("lure.mp4");
  // No flag: the data are not in this file.
  const entry = box(type, u32(0), payload(lure, ground.address));
  return written(ground, edit(ground.film, DREF, () => Buffer.concat([u32(0, 1), entry])));
};

function written({ folder }: Ground, bytes: Buffer, name = "clip.mp4"): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** An alias record of the Macintosh (version 2) with an absolute path, written with colons. */
function alias(path: string): Buffer {
  const name = Buffer.alloc(64);
  name.write(basename(path), 1);
  name[0] = basename(path).length;
  const volume = Buffer.alloc(28);
  volume.write("\u0001x", "latin1");
  const body = Buffer.concat([u16(0), volume, u32(0), Buffer.from("H+"), u16(0), u32(0), name, u32(0, 0), Buffer.alloc(8), u16(1, 1), u32(0), u16(0), Buffer.alloc(10)]);
  const colons = `x${path.replaceAll("/", ":")}`;
  const tag = Buffer.concat([u16(2, colons.length), Buffer.from(colons), Buffer.alloc(colons.length % 2)]);
  const end = u16(0xffff, 0);
  return Buffer.concat([u32(0), u16(8 + body.length + tag.length + end.length, 2), body, tag, end]);
}

/** Matroska that names the next file of a series and its segment (RFC 9559, 17), in room that its muxer left. */
const linked = ({ lure, folder, matroska }: Ground): string => {
  const next = basename(lure("next.mkv"));
  const info = element("1549a966", element("73a4", Buffer.alloc(16, 7)), element("3eb923", Buffer.alloc(16, 9)), element("3e83bb", next));
  // The first element that means nothing: an id of one byte and a length of eight.
  const at = matroska.indexOf(Buffer.from("ec01", "hex"), matroska.indexOf(Buffer.from("18538067", "hex")));
  const room = matroska.readUInt32BE(at + 5) + 9;
  const rest = Buffer.concat([Buffer.from([0xec, 0x80 | (room - info.length - 2)]), Buffer.alloc(room - info.length - 2)]);
  const chapter = element("b6", element("73c4", Buffer.from([1])), element("91", Buffer.from([0])), element("92", u32(2_000_000_000)), element("6e67", Buffer.alloc(16, 9)));
  const chapters = element("1043a770", element("45b9", element("45dd", Buffer.from([1])), chapter));
  const attachments = element("1941a469", element("61a7", element("466e", "../../lure.ttf"), element("4660", "font/ttf"), element("465c", Buffer.alloc(64)), element("46ae", Buffer.from([5]))));
  const path = join(folder, "clip.mkv");
  writeFileSync(path, Buffer.concat([matroska.subarray(0, at), info, rest, matroska.subarray(at + room), chapters, attachments]));
  return path;
};

export const REFERENCES: readonly HostileCase[] = [
  { kind: "reference", name: "mp4, data in a file: address (dref url)", make: elsewhere("url ", (lure) => Buffer.from(`${pathToFileURL(lure).href}\0`)), expect: "harmless" },
  { kind: "reference", name: "mp4, data in an http: address (dref url)", make: elsewhere("url ", (_, address) => Buffer.from(`${address}/lure.mp4\0`)), expect: "harmless" },
  { kind: "reference", name: "mp4, data by a name (dref urn)", make: elsewhere("urn ", (lure) => Buffer.from(`urn:x\0${pathToFileURL(lure).href}\0`)), expect: "harmless" },
  { kind: "reference", name: "mov, data in a Macintosh alias (dref alis)", make: elsewhere("alis", (lure) => alias(lure)), expect: "harmless" },
  {
    kind: "reference",
    name: "QuickTime reference movie (rmra)",
    make: (ground) => {
      const url = `${pathToFileURL(ground.lure("lure.mp4")).href}\0`;
      return written(ground, Buffer.concat([box("ftyp", "qt  ", u32(0), "qt  "), box("moov", box("rmra", box("rmda", box("rdrf", u32(0), "url ", u32(url.length), url))))]));
    },
    expect: CLOSED,
  },
  { kind: "reference", name: "Matroska, linked segments and an attachment", make: linked, expect: "itself" },
  {
    kind: "reference",
    name: "mp4 whose meta data hold a playlist",
    make: (ground) => written(ground, Buffer.concat([ground.film, box("udta", "#EXTM3U\n", `${basename(ground.lure("lure.mp4"))}\n`)])),
    expect: "itself",
  },
];
