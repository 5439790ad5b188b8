/**
 * Copies of videos that editors can play: their players know few codecs and containers. A copy is
 * named by the digest of what it was made from, so it is made once; the folder is bounded, and may be
 * emptied at any time.
 */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import { join } from "node:path";
import { throwIfAborted } from "../../engine/errors.js";
import type { MediaInfo } from "../../engine/ports.js";
import { inputArgs, QUIET } from "./cli/args.js";
import { FfmpegProgram } from "./cli/program.js";
import { decoderFailed, noVideoStream } from "./errors.js";
import { checkFile } from "./file.js";
import { DEFAULT_LIMITS } from "./limits.js";
import { decoderMissing, resolveFfmpeg } from "./resolve.js";

/** `sound`: the picture is copied as it is. `all`: picture and sound are made anew. */
export type ProxyKind = "sound" | "all";

export interface ProxyOptions {
  readonly folder: string;
  /** As the user set it. */
  readonly ffmpegPath?: string;
  readonly threads?: number;
  /** Default 8 GiB for all copies. Those that were not used for longest go first. */
  readonly maxBytes?: number;
}

/** Part of the name: grows when copies are made in another way. */
const RECIPE = 1;
const MAX_BYTES = 8 * 2 ** 30;
/** Making a copy of a long film takes longer than reading frames of it may. */
const MAX_RUN_MS = 6 * 3_600_000;
/** A preview is no wider. */
const MAX_WIDTH = 1280;
const COPY = /^[0-9a-f]{64}-(sound|all)-\d+\.(mp4|webm)$/;
const TEMPORARY = /^\.[0-9a-f]{64}-.*\.part$/;
const STALE_MS = 24 * 3_600_000;

interface Recipe {
  readonly extension: "mp4" | "webm";
  readonly picture: readonly string[];
  readonly sound: readonly string[];
}

const SCALE = ["-vf", `scale='trunc(min(${MAX_WIDTH},iw)/2)*2':-2`, "-pix_fmt", "yuv420p", "-g", "50"];
const MP3 = ["-c:a", "libmp3lame", "-b:a", "128k", "-ac", "2"];
const OPUS = ["-c:a", "libopus", "-b:a", "96k", "-ac", "2"];

/** In order of preference: not every ffmpeg has every encoder. */
const RECIPES: Readonly<Record<ProxyKind, readonly Recipe[]>> = {
  sound: [
    { extension: "mp4", picture: ["-c:v", "copy"], sound: MP3 },
    { extension: "mp4", picture: ["-c:v", "copy"], sound: OPUS },
  ],
  all: [
    { extension: "mp4", picture: [...SCALE, "-c:v", "libx264", "-preset", "veryfast", "-crf", "23"], sound: MP3 },
    { extension: "webm", picture: [...SCALE, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-b:v", "1500k"], sound: OPUS },
  ],
};

export class Proxies {
  constructor(private readonly options: ProxyOptions) {}

  /**
   * The path of a copy of the video, made now when there is none.
   * @param onFraction how much of it is done, from 0 to 1
   * Errors: decoder-missing (only the ffmpeg program can write videos), decoder-failed, no-video-stream,
   * those of a file that cannot be read, cancelled.
   */
  async of(info: MediaInfo, kind: ProxyKind, onFraction: (fraction: number) => void, signal?: AbortSignal): Promise<string> {
    const { folder, ffmpegPath, threads = 0 } = this.options;
    const { video, audio, digest } = info;
    if (video === undefined) throw noVideoStream(info.path);
    for (const extension of new Set(RECIPES[kind].map((recipe) => recipe.extension))) {
      const made = join(folder, nameOf(digest, kind, extension));
      const now = new Date();
      // The time of use, for the order in which copies go.
      if (await fs.utimes(made, now, now).then(() => true, () => false)) return made;
    }
    throwIfAborted(signal);
    const binary = await resolveFfmpeg(ffmpegPath, process.env, signal);
    if (binary === undefined) throw decoderMissing();
    const limits = { ...DEFAULT_LIMITS, maxRunMs: MAX_RUN_MS, concurrency: 1 };
    const ffmpeg = new FfmpegProgram(binary, limits, threads);
    const file = await checkFile(info.path, limits, signal);
    await fs.mkdir(folder, { recursive: true, mode: 0o700 });
    throwIfAborted(signal);
    let tail = "";
    for (const { extension, picture, sound } of RECIPES[kind]) {
      const name = nameOf(digest, kind, extension);
      const temporary = join(folder, `.${name}.${randomBytes(4).toString("hex")}.part`);
      const args = [
        ...QUIET, "-loglevel", "error", "-progress", "pipe:1", "-n",
        ...inputArgs(file, limits, threads > 0 ? ["-threads", String(threads)] : []),
        "-map", `0:${video.index}`, ...picture, ...ffmpeg.passthrough,
        ...(audio[0] === undefined ? [] : ["-map", `0:${audio[0].index}`, ...sound]),
        "-sn", "-dn", "-map_metadata", "-1", ...(threads > 0 ? ["-threads", String(threads)] : []),
        ...(extension === "mp4" ? ["-movflags", "+faststart"] : []), "-f", extension, `file:${temporary}`,
      ];
      try {
        const report = progress(info.durationMs, onFraction);
        const result = await ffmpeg.run({ args, onStdout: (chunk) => report(chunk.toString("latin1")) }, signal);
        throwIfAborted(signal);
        if (result.code === 0) {
          const made = join(folder, name);
          await fs.rename(temporary, made);
          await this.trim(made);
          return made;
        }
        tail = result.tail;
      } finally {
        await fs.rm(temporary, { force: true });
      }
      if (!/unknown encoder|encoder not found/i.test(tail)) break;
    }
    throw decoderFailed(info.path, "no copy that can be played could be made", tail);
  }

  /** Removes the copies that were not used for longest until the rest fits, but never the one just made. */
  private async trim(made: string): Promise<void> {
    const { folder, maxBytes = MAX_BYTES } = this.options;
    const copies: { readonly path: string; readonly bytes: number; readonly usedMs: number }[] = [];
    for (const name of await fs.readdir(folder)) {
      const path = join(folder, name);
      const stat = await fs.stat(path).catch(() => undefined);
      if (stat === undefined) continue;
      if (COPY.test(name)) copies.push({ path, bytes: stat.size, usedMs: path === made ? Infinity : stat.mtimeMs });
      else if (TEMPORARY.test(name) && Date.now() - stat.mtimeMs > STALE_MS) await fs.rm(path, { force: true });
    }
    let total = copies.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes } of copies.sort((a, b) => a.usedMs - b.usedMs)) {
      if (total <= maxBytes || path === made) return;
      await fs.rm(path, { force: true });
      total -= bytes;
    }
  }
}

function nameOf(digest: string, kind: ProxyKind, extension: string): string {
  return `${digest}-${kind}-${RECIPE}.${extension}`;
}

/** Reads ffmpeg's `-progress` lines as they come. */
function progress(durationMs: number, onFraction: (fraction: number) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const us = /^out_time_us=(\d+)/.exec(line)?.[1];
      if (us !== undefined && durationMs > 0) onFraction(Math.min(1, Number(us) / 1000 / durationMs));
    }
  };
}
