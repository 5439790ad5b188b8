import type { ScannedVideo, Size } from "../decoder.js";
import type { CheckedFile } from "../file.js";
import { scaleFilter } from "../fit.js";
import { FIRST_PIPE, type RunResult } from "../run.js";
import { QUIET, inputArgs, reportPts } from "./args.js";
import type { TimedPictures } from "./pictures.js";
import type { FfmpegProgram } from "./program.js";

/** Pictures from around one place of a film. */
export interface Part {
  /** In front of the input. */
  readonly before: readonly string[];
  /** Which frames are taken. */
  readonly filters: readonly string[];
  /** In front of the output. */
  readonly after: readonly string[];
  readonly out: TimedPictures;
}

/**
 * Opening a film decodes its first frames, to find out what it is. Where its header says it, that may be
 * left out; the order of H.264's pictures is then taken from the standard's upper bound where the stream
 * does not give it.
 */
export const headerArgs = ({ described, codec }: ScannedVideo): readonly string[] =>
  described ? ["-nofind_stream_info", ...(codec === "h264" ? ["-strict:v", "strict"] : [])] : [];

/** Runs one process for all parts. The pictures of the first come through standard output, the others through pipes. */
export async function runTogether(
  ffmpeg: FfmpegProgram,
  file: CheckedFile,
  video: ScannedVideo,
  parts: readonly Part[],
  size: Size,
  threads: number,
  signal?: AbortSignal,
): Promise<RunResult> {
  const { timeBase } = video.clock;
  const args = [
    ...QUIET, "-loglevel", "error", "-copyts", "-filter_threads", "1",
    ...parts.flatMap(({ before }) => ["-threads", String(threads), ...inputArgs(file, ffmpeg.limits, before)]),
    ...parts.flatMap(({ filters, after }, i) => [
      "-map", `${i}:${video.index}`, "-an", "-sn", "-dn",
      "-vf", [`settb=expr=${timeBase.num}/${timeBase.den}`, ...filters, reportPts(FIRST_PIPE + 2 * i), scaleFilter(size)].join(","),
      ...ffmpeg.passthrough, ...after,
      "-f", "rawvideo", `pipe:${i === 0 ? 1 : FIRST_PIPE + 2 * i - 1}`,
    ]),
  ];
  const [first, ...others] = parts as readonly [Part, ...Part[]];
  const onPipes = [first.out.onTimes, ...others.flatMap(({ out }) => [out.onPixels, out.onTimes])];
  const result = await ffmpeg.run({ args, onStdout: first.out.onPixels, onPipes }, signal);
  for (const { out } of parts) out.end();
  return result;
}
