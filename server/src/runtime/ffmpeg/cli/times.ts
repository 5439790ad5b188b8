import type { Size } from "../decoder.js";
import type { CheckedFile } from "../file.js";
import type { Rational } from "../timeline.js";
import { PTS_LINE, QUIET, inputArgs, reportPts } from "./args.js";
import { FramecrcReader } from "./framecrc.js";
import { lineSplitter } from "./lines.js";
import type { FfmpegProgram } from "./program.js";

export interface DecodedTimes {
  /** In decoding output order, which is presentation order. */
  readonly pts: readonly number[];
  /** Size after automatic rotation, with its sample aspect ratio. */
  readonly picture: (Size & { readonly sar: Rational }) | undefined;
  readonly stderr: string;
}

/** Decodes the first `count` frames (all when undefined) of a stream and notes their timestamps. */
export async function decodeTimes(
  ffmpeg: FfmpegProgram,
  file: CheckedFile,
  stream: number,
  timeBase: Rational,
  count: number | undefined,
  signal?: AbortSignal,
): Promise<DecodedTimes> {
  const pts: number[] = [];
  const reader = new FramecrcReader(() => undefined);
  const out = lineSplitter((line) => {
    if (line.startsWith("#")) reader.line(line);
  });
  const side = lineSplitter((line) => {
    const match = PTS_LINE.exec(line);
    if (match) pts.push(Number(match[1]));
  });
  const args = [
    ...QUIET, "-loglevel", "error", "-copyts", "-threads", String(ffmpeg.threads),
    ...inputArgs(file, ffmpeg.limits),
    "-map", `0:${stream}`,
    "-vf", `settb=expr=${timeBase.num}/${timeBase.den},${reportPts()}`,
    ...ffmpeg.passthrough, ...(count === undefined ? [] : ["-frames:v", String(count)]),
    "-f", "framecrc", "pipe:1",
  ];
  const result = await ffmpeg.run({ args, onStdout: (chunk) => out.push(chunk), onPipes: [(chunk) => side.push(chunk)] }, signal);
  const video = reader.streams[0];
  return {
    pts: count === undefined ? pts : pts.slice(0, count),
    picture: video && video.width > 0 ? { width: video.width, height: video.height, sar: video.sar } : undefined,
    stderr: result.tail,
  };
}
