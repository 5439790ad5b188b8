/**
 * A sheet of thumbnails over the length of a film, for the timeline of a player: keyframes, which
 * decode alone, side by side in one picture. Made once a film and kept in a bounded folder.
 */
import { writeFile } from "node:fs/promises";
import { throwIfAborted } from "../../engine/errors.js";
import type { Frame, FrameSource, MediaInfo } from "../../engine/ports.js";
import { FileCache } from "../cache/files.js";
import { noVideoStream } from "./errors.js";
import { encodePng } from "./png.js";

export interface SpriteRequest {
  readonly path: string;
  /** How many thumbnails, evenly over the length. */
  readonly count: number;
  /** Of one thumbnail, pixels; its height follows the film's shape. */
  readonly width: number;
}

export interface SpriteSheet {
  /** Of a PNG file. */
  readonly path: string;
  readonly columns: number;
  readonly rows: number;
  /** Of one thumbnail. */
  readonly width: number;
  readonly height: number;
  /** Where on the timeline each thumbnail stands, row by row: the middle of its part of the length. */
  readonly timesMs: readonly number[];
}

/** Part of the name: grows when sheets are made in another way. */
const RECIPE = 1;
const MAX_BYTES = 2 ** 29;
const SHEET = /^[0-9a-f]{64}-\d+x\d+-\d+\.png$/;
const MAX_COLUMNS = 10;
const MAX_HEIGHT = 512;
/** Thumbnails between two reports of progress. */
const PER_REQUEST = 20;

export class Sprites {
  private readonly files: FileCache;

  constructor(
    private readonly source: () => Promise<FrameSource>,
    { folder, maxBytes = MAX_BYTES }: { readonly folder: string; readonly maxBytes?: number },
  ) {
    this.files = new FileCache({ folder, entries: SHEET, maxBytes });
  }

  /** @param onFraction how much of it is done. Errors: those of the frame source, cancelled. */
  async of({ path, count, width }: SpriteRequest, onFraction: (fraction: number) => void, signal?: AbortSignal): Promise<SpriteSheet> {
    const source = await this.source();
    const info = await source.probe(path, signal);
    throwIfAborted(signal);
    if (!info.video) throw noVideoStream(path);
    const height = Math.min(MAX_HEIGHT, Math.max(1, Math.round((width * info.video.height) / info.video.width)));
    const columns = Math.min(MAX_COLUMNS, count);
    const shape = { columns, rows: Math.ceil(count / columns), width, height, timesMs: middles(info, count) };
    const name = `${info.digest}-${count}x${width}-${RECIPE}.png`;
    const kept = await this.files.find(name);
    if (kept !== undefined) return { path: kept, ...shape };
    const made = await this.files.make(name, async (temporary) => {
      const sheet = new Uint8Array(shape.columns * width * shape.rows * height * 3);
      for (let from = 0; from < count; from += PER_REQUEST) {
        const timesMs = shape.timesMs.slice(from, from + PER_REQUEST);
        const frames = await source.frames({ path, timesMs, width, height, resize: "pad", mode: "keyframe" }, signal);
        throwIfAborted(signal);
        frames.forEach((frame, i) => place(frame, sheet, from + i, columns));
        onFraction(Math.min(1, (from + frames.length) / count));
      }
      await writeFile(temporary, await encodePng(sheet, columns * width, shape.rows * height), { mode: 0o600 });
      throwIfAborted(signal);
      return true;
    });
    return { path: made!, ...shape };
  }
}

const middles = ({ durationMs }: MediaInfo, count: number): number[] => Array.from({ length: count }, (_, i) => ((i + 0.5) * durationMs) / count);

function place({ rgb, width, height }: Frame, sheet: Uint8Array, index: number, columns: number): void {
  const left = (index % columns) * width * 3;
  const top = Math.floor(index / columns) * height;
  for (let y = 0; y < height; y++) sheet.set(rgb.subarray(y * width * 3, (y + 1) * width * 3), (top + y) * columns * width * 3 + left);
}
