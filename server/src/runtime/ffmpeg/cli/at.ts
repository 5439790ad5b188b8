import type { FrameMode } from "../../../engine/ports.js";
import type { OnPicture, ScannedVideo, Size } from "../decoder.js";
import type { CheckedFile } from "../file.js";
import { seekCost } from "./cost.js";
import { lanes } from "./lanes.js";
import { placesOpen } from "./memory.js";
import { TimedPictures } from "./pictures.js";
import type { FfmpegProgram } from "./program.js";
import { Spans, groupTargets, type Target } from "./spans.js";
import { ticksPerFrame } from "../timeline.js";
import { headerArgs, runTogether, type Part } from "./together.js";

/**
 * How a frame is looked for: in a span of `width` frames before its time, decoding from a keyframe that
 * is at least `back` seconds before it. Later tries are for uneven times, frames that do not decode and
 * seeks that land late; each looks by itself, and as carefully as it can.
 */
const TRIES: readonly { readonly width: number; readonly back: number; readonly careful: boolean }[] = [
  { width: 2.5, back: 0, careful: false },
  { width: 60, back: 1, careful: true },
  { width: 600, back: 12, careful: true },
];

/** What is this near to the start is read from there: ffmpeg seeks a little earlier than it is told, which may be nowhere. */
const NO_SEEK_SECONDS = 0.5;

/** How far before it a frame is looked for where seeks land anywhere: groups of pictures, and what clocks are off. */
const LATE_GROUPS = 1;
const LATE_SECONDS = 0.5;

/** Spans of one group: keeps the expression within the shortest command-line limit (32 KiB on Windows). */
const MAX_GROUP = 500;
/** The same for a process. */
const MAX_EXPRESSIONS = 20_000;

/** Pictures of a film without a list of its frames, from a process for every few groups of targets. */
export async function at(
  ffmpeg: FfmpegProgram,
  file: CheckedFile,
  video: ScannedVideo,
  targets: readonly number[],
  mode: FrameMode,
  size: Size,
  onPicture: OnPicture,
  signal?: AbortSignal,
): Promise<(number | undefined)[]> {
  const { clock } = video;
  /** What is on screen as far as is known: a later frame may yet come for the same target. */
  const pictures = targets.map((): { readonly pts: number; readonly rgb: Uint8Array } | undefined => undefined);
  let open: Target[] = targets.map((tick, index) => ({ tick, index }));
  // Without an index (MPEG-TS), a seek lands between keyframes.
  const late = video.exactSeeks ? 0 : (LATE_GROUPS * clock.gop * clock.frameRate.den) / Math.max(1, clock.frameRate.num) + LATE_SECONDS;
  const sizes = placesOpen(video, ffmpeg.limits.concurrency);
  for (const { width, back, careful } of TRIES) {
    const frames = mode === "keyframe" ? width + 2 * clock.gop : width;
    const groups = groupTargets(clock, open, seekCost(video.coded) + (video.exactSeeks ? 0 : LATE_GROUPS * clock.gop), MAX_GROUP).map((group) => new Spans(group, frames * ticksPerFrame(clock)));
    const long = groups.some(({ expression }) => expression.length * Math.max(...sizes) > MAX_EXPRESSIONS);
    // Several processes run side by side: threads of one would decode ahead what is not wanted.
    const threads = ffmpeg.threads > 0 || groups.length === 1 ? ffmpeg.threads : 1;
    const look = async (run: readonly Spans[], stop: AbortSignal): Promise<void> => {
      const parts = run.map((spans): Part => {
        const out = new TimedPictures(size.width * size.height * 3, (pts, rgb) => {
          for (const { index } of spans.of(pts)) pictures[index] = { pts, rgb };
        });
        return { ...spanArgs(video, spans, back + late, careful, mode), out };
      });
      // A failing process is no error: what did not come out is looked for in other ways.
      await runTogether(ffmpeg, file, video, parts, size, threads, stop);
    };
    await lanes(groups, careful || long ? sizes.map(() => 1) : sizes, look, signal);
    open = open.filter(({ index }) => pictures[index] === undefined);
    if (open.length === 0) break;
  }
  for (const [pts, rgb] of new Map(pictures.flatMap((picture) => (picture ? [[picture.pts, picture.rgb]] : [])))) onPicture(pts, rgb);
  return pictures.map((picture) => picture?.pts);
}

function spanArgs(video: ScannedVideo, spans: Spans, back: number, careful: boolean, mode: FrameMode): Omit<Part, "out"> {
  const { timeBase, lead, firstPts } = video.clock;
  const seconds = ((spans.first - lead) * timeBase.num) / timeBase.den - back;
  const fromStart = seconds - (firstPts * timeBase.num) / timeBase.den;
  // The seek only chooses where decoding begins; `trim` ends it as soon as a later frame comes out.
  const seek = fromStart > NO_SEEK_SECONDS ? ["-noaccurate_seek", "-seek_timestamp", "1", "-ss", seconds.toFixed(6)] : [];
  // Not every decoder leaves out what `skip_frame` says.
  const select = mode === "keyframe" ? `key*(${spans.expression})` : spans.expression;
  return {
    before: [...(careful ? [] : headerArgs(video)), ...(mode === "keyframe" ? ["-skip_frame", "nokey"] : []), ...seek],
    filters: [`trim=end_pts=${spans.last + 1}`, `select='${select}'`],
    after: [],
  };
}
