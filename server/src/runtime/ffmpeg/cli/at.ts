import type { FrameMode } from "../../../engine/ports.js";
import type { Picture, ScannedVideo, Size } from "../decoder.js";
import type { CheckedFile } from "../file.js";
import { scaleFilter } from "../fit.js";
import { QUIET, REPORT_PTS, inputArgs } from "./args.js";
import { seekCost } from "./cost.js";
import { lanes } from "./lanes.js";
import { TimedPictures } from "./pictures.js";
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
      const out = new TimedPictures(size.width * size.height * 3, (pts, rgb) => {
        for (const { index } of spans.of(pts)) pictures[index] = { pts, rgb };
      });
      // A failing process is no error: what did not come out is looked for in other ways.
      return ffmpeg.run({ args, onStdout: out.onPixels, onSide: out.onTimes }, stop).then(() => out.end());
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
