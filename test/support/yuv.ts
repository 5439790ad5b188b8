/** Films of given colours, made by ffmpeg from raw pixels without loss, and the colours that the standards give them. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolveFfmpeg } from "../../server/src/runtime/ffmpeg/resolve.js";

export interface Signalling {
  /** As ffmpeg calls it. */
  readonly matrix: "smpte170m" | "bt709" | "bt2020nc";
  readonly range: "tv" | "pc";
  readonly bits: 8 | 10;
}

/** Weights of red and blue in luma: BT.601 (2.5.1), BT.709 (3.2), BT.2020 (table 4). */
const WEIGHTS = { smpte170m: [0.299, 0.114], bt709: [0.2126, 0.0722], bt2020nc: [0.2627, 0.0593] } as const;

/** 8-bit RGB of a sample of 8-bit scale, by the formulas of those standards; full range by ITU-T H.273, 8.3. */
export function rgbOf([y, cb, cr]: readonly [number, number, number], { matrix, range }: Pick<Signalling, "matrix" | "range">): [number, number, number] {
  const [luma, u, v] = range === "tv" ? [(y - 16) / 219, (cb - 128) / 224, (cr - 128) / 224] : [y / 255, (cb - 128) / 255, (cr - 128) / 255];
  const [kr, kb] = WEIGHTS[matrix];
  const red = luma + 2 * (1 - kr) * v;
  const blue = luma + 2 * (1 - kb) * u;
  const green = (luma - kr * red - kb * blue) / (1 - kr - kb);
  return [red, green, blue].map((c) => Math.min(255, Math.max(0, Math.round(c * 255)))) as [number, number, number];
}

/**
 * Writes a film of one picture from planes of 4:2:0 samples, where there is none yet. False where this ffmpeg has no encoder for it.
 * @param planes Y, Cb and Cr of the 8-bit scale, one after the other
 */
export async function writeFilm(path: string, width: number, height: number, planes: Uint8Array, signalling?: Signalling): Promise<boolean> {
  if (existsSync(path)) return true;
  const ffmpeg = await resolveFfmpeg(undefined, process.env);
  if (!ffmpeg) return false;
  const bits = signalling?.bits ?? 8;
  const tags = signalling ? ["-colorspace", signalling.matrix, "-color_range", signalling.range] : [];
  const format = bits === 10 ? "yuv420p10le" : "yuv420p";
  const input = bits === 10 ? Buffer.from(Uint16Array.from(planes, (v) => v * 4).buffer) : planes;
  const args = [
    "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", format, "-s", `${width}x${height}`, "-r", "25", "-color_range", signalling?.range ?? "tv", "-i", "pipe:0",
    "-c:v", "libx264", "-qp", "0", "-x264-params", "threads=1", "-pix_fmt", format, ...tags, path,
  ];
  return spawnSync(ffmpeg.path, args, { input }).status === 0;
}
