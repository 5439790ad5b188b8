/** Pictures of the videos that were answered wrong. What cannot be decoded has none; the report goes on. */
import { throwIfAborted } from "../../engine/errors.js";
import { isRight, type Row } from "../../engine/evaluate/score.js";
import { encodePng } from "../../runtime/ffmpeg/png.js";
import type { Supervisor } from "../../runtime/worker/supervisor.js";
import type { Thumbnails } from "./report.js";

const WIDTH = 132;
const PICTURES = 3;

/** @param pathOf the file of a video by its name; undefined where it is not known */
export async function thumbnailsOf(rows: readonly Row[], most: number, pathOf: (video: string) => string | undefined, supervisor: Supervisor, signal: AbortSignal): Promise<Thumbnails> {
  const thumbnails = new Map<Row, readonly { timeMs: number; width: number; height: number; png: Buffer }[]>();
  const wrong = rows.filter((row) => row.error === undefined && row.grade !== "ungraded" && !isRight(row));
  const bad = new Set<string>();
  for (const row of wrong) {
    if (thumbnails.size >= most) break;
    const path = pathOf(row.video);
    if (path === undefined || bad.has(path)) continue;
    try {
      const { durationMs } = await supervisor.probe(path, signal);
      const part = row.grounding?.[0] ?? { startMs: 0, endMs: durationMs };
      const times = Array.from({ length: PICTURES }, (_, i) => Math.min(durationMs - 1, part.startMs + ((i + 0.5) / PICTURES) * (part.endMs - part.startMs)));
      const pictures = await supervisor.pictures(path, times, WIDTH, signal);
      thumbnails.set(row, await Promise.all(pictures.map(async ({ timeMs, width, height, rgb }) => ({ timeMs, width, height, png: await encodePng(Buffer.from(rgb, "base64"), width, height) }))));
    } catch {
      throwIfAborted(signal);
      bad.add(path);
    }
  }
  return thumbnails;
}
