/** The films of the media benchmark: encoded once, kept in a cache folder. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { VqaError } from "../../../server/src/engine/errors.js";
import { resolveFfmpeg } from "../../../server/src/runtime/ffmpeg/resolve.js";
import { run } from "../../../server/src/runtime/ffmpeg/run.js";
import { drawNumber } from "./barcode.js";

export interface Clip {
  readonly name: string;
  readonly path: string;
  readonly seconds: number;
  readonly frameRate: number;
  /** The number burnt into frame i is i modulo this. */
  readonly numbers: number;
}

const WIDTH = 1920;
const HEIGHT = 1080;
const RATE = 30;
const PIECE_SECONDS = 300;
const PIECES = 12;
/** Part of the name: grows when the films are made in another way. */
const RECIPE = 1;
const MAX_RUN_MS = 3_600_000;

/**
 * 5 min and 1 h of H.264 1080p30 at about 8 Mbit/s with a keyframe every two seconds and sound. The
 * hour is the five minutes twelve times over, joined without encoding anew.
 * Errors: decoder-missing, decoder-failed (no H.264 encoder), cancelled.
 */
export async function benchClips(folder: string, say: (text: string) => void, signal?: AbortSignal): Promise<readonly Clip[]> {
  const short = join(folder, `five-minutes-${RECIPE}.mp4`);
  const long = join(folder, `one-hour-${RECIPE}.mp4`);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(short)) {
    say("encoding five minutes of 1080p: this takes some minutes, once");
    const input = (source: string): string[] => ["-f", "lavfi", "-i", source];
    await make(short, [
      ...input(`testsrc2=size=${WIDTH}x${HEIGHT}:rate=${RATE}:duration=${PIECE_SECONDS}`),
      ...input(`sine=frequency=300:beep_factor=3:sample_rate=48000:duration=${PIECE_SECONDS}`),
      "-vf", `noise=alls=14:allf=t,${drawNumber(WIDTH, HEIGHT)},format=yuv420p`,
      "-c:v", "libx264", "-preset", "veryfast", "-b:v", "8M", "-maxrate", "8M", "-bufsize", "16M",
      "-g", "60", "-keyint_min", "60", "-sc_threshold", "0", "-colorspace", "bt709", "-color_range", "tv",
      "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-movflags", "+faststart",
    ], signal);
  }
  if (!existsSync(long)) {
    say("joining them to one hour");
    const list = join(folder, `.list-${process.pid}.txt`);
    // Each piece counts as long as its pictures: its sound is a little longer.
    writeFileSync(list, `file '${short.replaceAll("'", "'\\''")}'\nduration ${PIECE_SECONDS}\n`.repeat(PIECES));
    try {
      await make(long, ["-f", "concat", "-safe", "0", "-i", list, "-c", "copy", "-movflags", "+faststart"], signal);
    } finally {
      rmSync(list, { force: true });
    }
  }
  const numbers = PIECE_SECONDS * RATE;
  return [
    { name: "5 min", path: short, seconds: PIECE_SECONDS, frameRate: RATE, numbers },
    { name: "1 h", path: long, seconds: PIECE_SECONDS * PIECES, frameRate: RATE, numbers },
  ];
}

async function make(path: string, args: readonly string[], signal?: AbortSignal): Promise<void> {
  const binary = await resolveFfmpeg(undefined, process.env, signal);
  if (binary === undefined) throw new VqaError("decoder-missing", "The films of the benchmark are made by ffmpeg, which is not here.", "Install ffmpeg.");
  const temporary = `${path}.${process.pid}.part`;
  try {
    const { code, tail } = await run({ program: binary.path, args: ["-nostdin", "-loglevel", "error", "-y", ...args, "-f", "mp4", temporary], maxRunMs: MAX_RUN_MS }, signal);
    if (code !== 0) throw new VqaError("decoder-failed", `${path} could not be made:\n${tail}`, "Use an ffmpeg with libx264.");
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}
