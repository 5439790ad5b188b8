import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "../../server/src/engine/ports.js";
import type { Decoder, ListedVideo, Size } from "../../server/src/runtime/ffmpeg/decoder.js";
import { openDecoders, openMedia, type DecoderChoice, type Media } from "../../server/src/runtime/ffmpeg/index.js";
import { DEFAULT_LIMITS, type MediaLimits } from "../../server/src/runtime/ffmpeg/limits.js";
import { checkFile, type CheckedFile } from "../../server/src/runtime/ffmpeg/file.js";
import type { Group } from "../../server/src/runtime/ffmpeg/plan.js";
import { repoRoot } from "../support/repo.js";

const FOLDER = join(repoRoot, "test/fixtures/media");

export const fixture = (name: string): string => join(FOLDER, name);

export interface Truth {
  readonly startMs: number;
  /** From the first frame. */
  readonly timesMs: readonly number[];
  /** The number burnt into each frame. */
  readonly numbers: readonly number[];
  /** Indices. */
  readonly keyframes: readonly number[];
}

interface Manifest {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly video: Readonly<Record<string, Truth>>;
}

export const manifest = JSON.parse(readFileSync(fixture("manifest.json"), "utf8")) as Manifest;

/** Reads the bar code of tools/fixtures/make-media.mjs. */
export function numberIn(frame: Frame): number {
  const bar = frame.width / (manifest.bits + 2);
  const y = Math.floor(frame.height * 0.75);
  let number = 0;
  for (let bit = 1; bit <= manifest.bits; bit++) {
    const [, green] = pixel(frame, Math.floor((bit + 0.5) * bar), y);
    number = number * 2 + (green > 117 ? 1 : 0);
  }
  return number;
}

export function pixel(frame: Frame, x: number, y: number): readonly [number, number, number] {
  const at = (y * frame.width + x) * 3;
  return [frame.rgb[at]!, frame.rgb[at + 1]!, frame.rgb[at + 2]!];
}

export const DECODERS: readonly DecoderChoice[] = ["ffmpeg", "node-av"];

/** Undefined where this machine lacks the decoder; a machine that lacks both fails the suite. */
export async function mediaWith(decoder: DecoderChoice, limits: Partial<MediaLimits> = {}, headMs?: number): Promise<Media | undefined> {
  try {
    return await openMedia({ decoder, threads: 1, limits, ...(headMs === undefined ? {} : { headMs }) });
  } catch {
    await openMedia();
    return undefined;
  }
}

/** The bare decoder: without the look at the first bytes that `openMedia` takes. */
export async function decoderWith(decoder: DecoderChoice): Promise<Decoder | undefined> {
  return (await mediaWith(decoder)) && (await openDecoders({ decoder, threads: 1 }, DEFAULT_LIMITS))[0];
}

/** All pictures of `Decoder.grab`, by timestamp. */
export async function grabbed(decoder: Decoder, file: CheckedFile, video: ListedVideo, groups: readonly Group[], size: Size, signal?: AbortSignal): Promise<Map<number, Uint8Array>> {
  const pictures = new Map<number, Uint8Array>();
  await decoder.grab(file, video, groups, size, (pts, rgb) => void pictures.set(pts, rgb), signal);
  return pictures;
}

export const checked = (path: string): Promise<CheckedFile> => checkFile(path, DEFAULT_LIMITS);

/**
 * One block of tests a decoder; skipped, and shown as such, where it is missing.
 * @param headMs makes fixtures count as long films, of which only both ends are read at first
 */
export function forEachDecoder(title: string, tests: (media: () => Media, decoder: DecoderChoice) => void, headMs?: number): void {
  for (const decoder of DECODERS) {
    describe(`${title} (${decoder})`, () => {
      let media: Media | undefined;
      before(async function () {
        media = await mediaWith(decoder, {}, headMs);
        if (!media) this.skip();
      });
      tests(() => media!, decoder);
    });
  }
}
