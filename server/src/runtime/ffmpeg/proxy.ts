/**
 * Copies of videos that editors can play: their players know few codecs and containers. A copy is
 * named by the digest of what it was made from, so it is made once; the folder is bounded, and may be
 * emptied at any time.
 */
import { throwIfAborted } from "../../engine/errors.js";
import type { MediaInfo } from "../../engine/ports.js";
import { FileCache } from "../cache/files.js";
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
const RECIPE = 2;
const MAX_BYTES = 8 * 2 ** 30;
/** Making a copy of a long film takes longer than reading frames of it may. */
const MAX_RUN_MS = 6 * 3_600_000;
/** A preview is no wider. */
const MAX_WIDTH = 1280;
const COPY = /^[0-9a-f]{64}-(sound|all)-\d+\.(mp4|webm)$/;

interface Recipe {
  readonly extension: "mp4" | "webm";
  readonly picture: readonly string[];
  readonly sound: readonly string[];
}

/** Frames keep their own times: by default an encoder counts in frames of the average rate, and those that come sooner fall together. */
const SCALE = ["-enc_time_base:v", "1/90000", "-vf", `scale='trunc(min(${MAX_WIDTH},iw)/2)*2':-2`, "-pix_fmt", "yuv420p", "-g", "50"];
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
  private readonly files: FileCache;

  constructor(private readonly options: ProxyOptions) {
    this.files = new FileCache({ folder: options.folder, entries: COPY, maxBytes: options.maxBytes ?? MAX_BYTES });
  }

  /**
   * The path of a copy of the video, made now when there is none.
   * @param onFraction how much of it is done, from 0 to 1
   * Errors: decoder-missing (only the ffmpeg program can write videos), decoder-failed, no-video-stream,
   * those of a file that cannot be read, cancelled.
   */
  async of(info: MediaInfo, kind: ProxyKind, onFraction: (fraction: number) => void, signal?: AbortSignal): Promise<string> {
    const { ffmpegPath, threads = 0 } = this.options;
    const { video, audio, digest } = info;
    if (video === undefined) throw noVideoStream(info.path);
    for (const extension of new Set(RECIPES[kind].map((recipe) => recipe.extension))) {
      const made = await this.files.find(nameOf(digest, kind, extension));
      if (made !== undefined) return made;
    }
    throwIfAborted(signal);
    const binary = await resolveFfmpeg(ffmpegPath, process.env, signal);
    if (binary === undefined) throw decoderMissing();
    const limits = { ...DEFAULT_LIMITS, maxRunMs: MAX_RUN_MS, concurrency: 1 };
    const ffmpeg = new FfmpegProgram(binary, limits, threads);
    const file = await checkFile(info.path, limits, signal);
    throwIfAborted(signal);
    let tail = "";
    for (const { extension, picture, sound } of RECIPES[kind]) {
      const args = (temporary: string): string[] => [
        ...QUIET, "-loglevel", "error", "-progress", "pipe:1", "-n",
        ...inputArgs(file, limits, threads > 0 ? ["-threads", String(threads)] : []),
        "-map", `0:${video.index}`, ...picture, ...ffmpeg.passthrough,
        ...(audio[0] === undefined ? [] : ["-map", `0:${audio[0].index}`, ...sound]),
        "-sn", "-dn", "-map_metadata", "-1", ...(threads > 0 ? ["-threads", String(threads)] : []),
        ...(extension === "mp4" ? ["-movflags", "+faststart"] : []), "-f", extension, `file:${temporary}`,
      ];
      const made = await this.files.make(nameOf(digest, kind, extension), async (temporary) => {
        const report = progress(info.durationMs, onFraction);
        const result = await ffmpeg.run({ args: args(temporary), onStdout: (chunk) => report(chunk.toString("latin1")) }, signal);
        throwIfAborted(signal);
        tail = result.tail;
        return result.code === 0;
      });
      if (made !== undefined) return made;
      if (!/unknown encoder|encoder not found/i.test(tail)) break;
    }
    throw decoderFailed(info.path, "no copy that can be played could be made", tail);
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
