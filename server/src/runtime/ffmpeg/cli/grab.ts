import type { ListedVideo, Size } from "../decoder.js";
import { decoderFailed } from "../errors.js";
import type { CheckedFile } from "../file.js";
import { scaleFilter } from "../fit.js";
import type { Group } from "../plan.js";
import { PTS_LINE, QUIET, REPORT_PTS, inputArgs } from "./args.js";
import { lanes } from "./lanes.js";
import { lineSplitter } from "./lines.js";
import type { FfmpegProgram } from "./program.js";

/** Runs one process a group, a few at a time, and collects what came out, by the timestamp that came with it. */
export async function grab(
  ffmpeg: FfmpegProgram,
  file: CheckedFile,
  video: ListedVideo,
  groups: readonly Group[],
  size: Size,
  signal?: AbortSignal,
): Promise<Map<number, Uint8Array>> {
  const pictures = new Map<number, Uint8Array>();
  await lanes(groups, ffmpeg.limits.concurrency, (group, stop) => grabGroup(ffmpeg, file, video, group, size, pictures, stop), signal);
  return pictures;
}

async function grabGroup(
  ffmpeg: FfmpegProgram,
  file: CheckedFile,
  video: ListedVideo,
  group: Group,
  size: Size,
  into: Map<number, Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const frameBytes = size.width * size.height * 3;
  const bytes = new Uint8Array(frameBytes * group.pts.length);
  let filled = 0;
  const pts: number[] = [];
  const side = lineSplitter((line) => {
    const match = PTS_LINE.exec(line);
    if (match) pts.push(Number(match[1]));
  });
  const result = await ffmpeg.run(
    {
      args: grabArgs(ffmpeg, file, video, group, size),
      onStdout: (chunk) => {
        if (filled + chunk.length > bytes.length) throw decoderFailed(file.path, "more pictures came out than were asked for");
        bytes.set(chunk, filled);
        filled += chunk.length;
      },
      onSide: (chunk) => side.push(chunk),
    },
    signal,
  );
  side.end();
  const whole = Math.floor(filled / frameBytes);
  if (result.code !== 0 && whole === 0) throw decoderFailed(file.path, `ffmpeg ended with code ${result.code ?? "none"}`, result.tail);
  for (let i = 0; i < Math.min(whole, pts.length); i++) {
    into.set(pts[i]!, bytes.subarray(i * frameBytes, (i + 1) * frameBytes));
  }
}

function grabArgs(ffmpeg: FfmpegProgram, file: CheckedFile, video: ListedVideo, group: Group, size: Size): string[] {
  const { timeBase } = video.timeline;
  const wanted = group.pts.map((pts) => `eq(pts,${pts})`).join("+");
  const filter = `settb=expr=${timeBase.num}/${timeBase.den},select='${wanted}',${REPORT_PTS},${scaleFilter(size)}`;
  return [
    ...QUIET, "-loglevel", "error", "-copyts", "-filter_threads", "1", "-threads", String(ffmpeg.threads),
    ...inputArgs(file, ffmpeg.limits, seekArgs(group, timeBase)),
    "-map", `0:${video.index}`, "-an", "-sn", "-dn",
    "-vf", filter,
    ...ffmpeg.passthrough, "-frames:v", String(group.pts.length),
    "-f", "rawvideo", "pipe:1",
  ];
}

/** The seek only chooses where decoding begins; `select` chooses the frames, by whole ticks. */
function seekArgs(group: Group, timeBase: { num: number; den: number }): string[] {
  if (group.seekPts === undefined) return [];
  const at = (group.seekPts * timeBase.num) / timeBase.den;
  return at > 0 ? ["-noaccurate_seek", "-seek_timestamp", "1", "-ss", at.toFixed(6)] : [];
}
