import type { FrameMode } from "../../../engine/ports.js";
import type { Picture, ScannedVideo, Size } from "../decoder.js";
import type { CheckedFile } from "../file.js";
import { scaleFilter } from "../fit.js";
import { PTS_LINE, QUIET, REPORT_PTS, inputArgs } from "./args.js";
import { seekCost } from "./cost.js";
import { lanes } from "./lanes.js";
import { lineSplitter } from "./lines.js";
import type { FfmpegProgram } from "./program.js";
import { Spans, groupTargets, ticksPerFrame, type Target } from "./spans.js";

/**
 * How a frame is looked for: in a span of `width` frames before its time, decoding from a keyframe that
 * is at least `back` seconds before it. Later tries are for uneven times, frames that do not decode and
 * seeks that land late.
 */
const TRIES: readonly { readonly width: number; readonly back: number }[] = [
  { width: 2.5, back: 0 },
  { width: 60, back: 1 },
  { width: 600, back: 12 },
];

/** Spans of one process: keeps the expression within the shortest command-line limit (32 KiB on Windows). */
const MAX_GROUP = 500;

/** Pictures of a film without a list of its frames, from a process for each group of targets. */
export async function at(
  ffmpeg: FfmpegProgram,
  file: CheckedFile,
  video: ScannedVideo,
  targets: readonly number[],
  mode: FrameMode,
  size: Size,
  signal?: AbortSignal,
): Promise<(Picture | undefined)[]> {
  const { clock } = video;
  const pictures = new Array<Picture | undefined>(targets.length).fill(undefined);
  let open: Target[] = targets.map((tick, index) => ({ tick, index }));
  for (const { width, back } of TRIES) {
    const frames = mode === "keyframe" ? width + 2 * clock.gop : width;
    const groups = groupTargets(clock, open, seekCost(video.coded), MAX_GROUP);
    // Several processes run side by side: threads of one would decode ahead what is not wanted.
    const threads = ffmpeg.threads > 0 || groups.length === 1 ? ffmpeg.threads : 1;
    const look = (group: readonly Target[], stop: AbortSignal): Promise<void> => {
      const spans = new Spans(group, frames * ticksPerFrame(clock));
      const args = spanArgs(ffmpeg, file, video, spans, back, mode, size, threads);
      return decode(ffmpeg, args, size, (picture) => spans.of(picture.pts).forEach(({ index }) => (pictures[index] = picture)), stop);
    };
    await lanes(groups, ffmpeg.limits.concurrency, look, signal);
    open = open.filter(({ index }) => pictures[index] === undefined);
    if (open.length === 0) break;
  }
  return pictures;
}

function spanArgs(ffmpeg: FfmpegProgram, file: CheckedFile, video: ScannedVideo, spans: Spans, back: number, mode: FrameMode, size: Size, threads: number): string[] {
  const { timeBase, lead } = video.clock;
  const seconds = ((spans.first - lead) * timeBase.num) / timeBase.den - back;
  // The seek only chooses where decoding begins; `trim` ends it as soon as a later frame comes out.
  const seek = seconds > 0 ? ["-noaccurate_seek", "-seek_timestamp", "1", "-ss", seconds.toFixed(6)] : [];
  // Not every decoder leaves out what `skip_frame` says.
  const select = mode === "keyframe" ? `key*(${spans.expression})` : spans.expression;
  const filters = [`settb=expr=${timeBase.num}/${timeBase.den}`, `trim=end_pts=${spans.last + 1}`, `select='${select}'`, REPORT_PTS, scaleFilter(size)];
  return [
    ...QUIET, "-loglevel", "error", "-copyts", "-filter_threads", "1", "-threads", String(threads),
    ...(mode === "keyframe" ? ["-skip_frame", "nokey"] : []),
    ...inputArgs(file, ffmpeg.limits, seek),
    "-map", `0:${video.index}`, "-an", "-sn", "-dn",
    "-vf", filters.join(","),
    ...ffmpeg.passthrough, "-f", "rawvideo", "pipe:1",
  ];
}

/** Hands on each picture with its time, which comes through another pipe. */
async function decode(ffmpeg: FfmpegProgram, args: readonly string[], size: Size, onPicture: (picture: Picture) => void, signal: AbortSignal): Promise<void> {
  const bytes = size.width * size.height * 3;
  const times: number[] = [];
  const whole: Uint8Array[] = [];
  let rgb = new Uint8Array(bytes);
  let filled = 0;
  const match = (): void => {
    while (times.length > 0 && whole.length > 0) onPicture({ pts: times.shift()!, rgb: whole.shift()! });
  };
  const side = lineSplitter((line) => {
    const pts = PTS_LINE.exec(line)?.[1];
    if (pts !== undefined) times.push(Number(pts));
  });
  const onStdout = (chunk: Buffer): void => {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + bytes - filled);
      rgb.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < bytes) continue;
      whole.push(rgb);
      rgb = new Uint8Array(bytes);
      filled = 0;
    }
    match();
  };
  // A failing process is no error: what did not come out is looked for in other ways.
  await ffmpeg.run({ args, onStdout, onSide: (chunk) => (side.push(chunk), match()) }, signal);
  side.end();
  match();
}
