/** The films of the media benchmark: encoded once, kept in a cache folder. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
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
/** Of the film that is long and hardly moves: ten hours. */
const STILL_PIECES = 120;
/** Part of the name: grows when the films are made in another way. */
const RECIPE = 1;
const MAX_RUN_MS = 3_600_000;

export interface BenchClips {
  /** 5 min and 1 h of H.264 1080p30 at about 8 Mbit/s with a keyframe every two seconds and sound. */
  readonly clips: readonly Clip[];
  /** 10 h in which little moves, 1 Mbit/s or less: for what grows with the length alone. */
  readonly still: Clip;
}

/**
 * Makes the films that are not in the folder yet. The long ones are five minutes many times over, joined
 * without encoding anew.
 * Errors: decoder-missing, decoder-failed (no H.264 encoder), cancelled.
 */
export async function benchClips(folder: string, say: (text: string) => void, signal?: AbortSignal): Promise<BenchClips> {
  mkdirSync(folder, { recursive: true });
  const short = join(folder, `five-minutes-${RECIPE}.mp4`);
  if (!existsSync(short)) {
    say("encoding five minutes of 1080p: this takes some minutes, once");
    const moves = `testsrc2=size=${WIDTH}x${HEIGHT}:rate=${RATE}:duration=${PIECE_SECONDS}`;
    await make(short, encoding(moves, "noise=alls=14:allf=t,", ["-b:v", "8M", "-maxrate", "8M", "-bufsize", "16M"]), signal);
  }
  const hour = join(folder, `one-hour-${RECIPE}.mp4`);
  if (!existsSync(hour)) {
    say("joining them to one hour");
    await joined(short, PIECES, hour, signal);
  }
  const long = join(folder, `ten-hours-${RECIPE}.mp4`);
  if (!existsSync(long)) {
    say("encoding and joining ten hours in which little moves");
    const piece = join(folder, `.piece-${process.pid}.mp4`);
    try {
      await make(piece, encoding(`color=gray:size=${WIDTH}x${HEIGHT}:rate=${RATE}:duration=${PIECE_SECONDS}`, "", ["-crf", "30"]), signal);
      await joined(piece, STILL_PIECES, long, signal);
    } finally {
      rmSync(piece, { force: true });
    }
  }
  const clip = (name: string, path: string, pieces: number): Clip => ({ name, path, seconds: PIECE_SECONDS * pieces, frameRate: RATE, numbers: PIECE_SECONDS * RATE });
  return { clips: [clip("5 min", short, 1), clip("1 h", hour, PIECES)], still: clip("10 h", long, STILL_PIECES) };
}

/** Arguments that encode a piece from a source of pictures, with its numbers drawn in. */
function encoding(pictures: string, filters: string, rate: readonly string[]): string[] {
  const input = (source: string): string[] => ["-f", "lavfi", "-i", source];
  return [
    ...input(pictures),
    ...input(`sine=frequency=300:beep_factor=3:sample_rate=48000:duration=${PIECE_SECONDS}`),
    "-vf", `${filters}${drawNumber(WIDTH, HEIGHT)},format=yuv420p`,
    "-c:v", "libx264", "-preset", "veryfast", ...rate,
    "-g", "60", "-keyint_min", "60", "-sc_threshold", "0", "-colorspace", "bt709", "-color_range", "tv",
    "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-movflags", "+faststart",
  ];
}

async function joined(piece: string, times: number, into: string, signal?: AbortSignal): Promise<void> {
  const list = join(dirname(into), `.list-${process.pid}.txt`);
  // Each piece counts as long as its pictures: its sound is a little longer.
  writeFileSync(list, `file '${piece.replaceAll("'", "'\\''")}'\nduration ${PIECE_SECONDS}\n`.repeat(times));
  try {
    await make(into, ["-f", "concat", "-safe", "0", "-i", list, "-c", "copy", "-movflags", "+faststart"], signal);
  } finally {
    rmSync(list, { force: true });
  }
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
