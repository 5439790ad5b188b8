import { crc32, deflate } from "node:zlib";
import { promisify } from "node:util";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const compress = promisify(deflate) as (data: Uint8Array, options: { level: number }) => Promise<Buffer>;

/** Colour type 2: red, green, blue. Each row is stored as its difference from the row above (filter 2), which films compress best with. */
export async function encodePng(rgb: Uint8Array, width: number, height: number): Promise<Buffer> {
  const stride = width * 3;
  const rows = new Uint8Array((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    const to = y * (stride + 1);
    rows[to] = 2;
    for (let x = 0; x < stride; x++) rows[to + 1 + x] = (rgb[y * stride + x] as number) - (y === 0 ? 0 : (rgb[(y - 1) * stride + x] as number));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([SIGNATURE, chunk("IHDR", header), chunk("IDAT", await compress(rows, { level: 6 })), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}
