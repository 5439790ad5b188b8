import type { Differences, ScannedVideo, WalkOver } from "../decoder.js";
import { compareFilter, comparedSize, DifferenceMeter, MAX_WALK_MS } from "../difference.js";
import { decoderFailed } from "../errors.js";
import type { CheckedFile } from "../file.js";
import { QUIET, inputArgs, reportPts } from "./args.js";
import { TimedPictures } from "./pictures.js";
import type { FfmpegProgram } from "./program.js";

export async function differences(ffmpeg: FfmpegProgram, file: CheckedFile, video: ScannedVideo, over: WalkOver, onPts: (pts: number) => void, signal?: AbortSignal): Promise<Differences> {
  const { timeBase } = video.clock;
  const size = comparedSize(video.displayed);
  const meter = new DifferenceMeter();
  const keys = over === "keyframes";
  const filters = [
    `settb=expr=${timeBase.num}/${timeBase.den}`,
    // Not every decoder leaves out what `skip_frame` says.
    ...(keys ? ["select=key"] : []),
    reportPts(),
    compareFilter(size),
  ];
  const pictures = new TimedPictures(size.width * size.height * 3, (pts, rgb) => {
    meter.push(pts, rgb);
    onPts(pts);
  });
  const args = [
    ...QUIET, "-loglevel", "error", "-copyts", "-filter_threads", "1", "-threads", String(ffmpeg.threads),
    "-skip_frame", keys ? "nokey" : "noref",
    ...inputArgs(file, ffmpeg.limits),
    "-map", `0:${video.index}`, "-an", "-sn", "-dn",
    "-vf", filters.join(","),
    ...ffmpeg.passthrough, "-f", "rawvideo", "pipe:1",
  ];
  const { code, tail } = await ffmpeg.run({ args, onStdout: pictures.onPixels, onPipes: [pictures.onTimes] }, signal, MAX_WALK_MS);
  pictures.end();
  const { result } = meter;
  if (code !== 0 && result.pts.length === 0) throw decoderFailed(file.path, `ffmpeg ended with code ${code ?? "none"}`, tail);
  return result;
}
