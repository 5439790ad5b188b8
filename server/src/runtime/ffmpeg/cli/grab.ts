import type { ListedVideo, OnPicture, Size } from "../decoder.js";
import { decoderFailed } from "../errors.js";
import type { CheckedFile } from "../file.js";
import type { Group } from "../plan.js";
import { lanes } from "./lanes.js";
import { placesOpen } from "./memory.js";
import { TimedPictures } from "./pictures.js";
import type { FfmpegProgram } from "./program.js";
import { headerArgs, runTogether, type Part } from "./together.js";

/** Groups with more frames have a process of their own: command lines are short on Windows. */
const FEW_FRAMES = 200;

/** Runs a process for every few groups, some side by side, and hands on what came out, with the timestamp that came with it. */
export async function grab(
  ffmpeg: FfmpegProgram,
  file: CheckedFile,
  video: ListedVideo,
  groups: readonly Group[],
  size: Size,
  onPicture: OnPicture,
  signal?: AbortSignal,
): Promise<void> {
  const came = new Set<number>();
  const take: OnPicture = (pts, rgb) => {
    came.add(pts);
    onPicture(pts, rgb);
  };
  const look = async (run: readonly Group[], careful: boolean, stop: AbortSignal): Promise<void> => {
    const parts = run.map((group) => partOf(file, video, group, size, careful, take));
    const { code, tail } = await runTogether(ffmpeg, file, video, parts, size, ffmpeg.threads, stop);
    if (careful && code !== 0 && !run.some(({ pts }) => pts.some((p) => came.has(p)))) throw decoderFailed(file.path, `ffmpeg ended with code ${code ?? "none"}`, tail);
  };
  const sizes = placesOpen(video, ffmpeg.limits.concurrency);
  const alone = sizes.map(() => 1);
  const missing = (): Group[] => groups.filter(({ pts }) => !pts.every((p) => came.has(p)));
  if (headerArgs(video).length > 0) {
    const few = groups.every(({ pts }) => pts.length <= FEW_FRAMES);
    await lanes(groups, few ? sizes : alone, (run, stop) => look(run, false, stop), signal);
  }
  await lanes(missing(), alone, (run, stop) => look(run, true, stop), signal);
}

function partOf(file: CheckedFile, video: ListedVideo, group: Group, size: Size, careful: boolean, onPicture: OnPicture): Part {
  let count = 0;
  const out = new TimedPictures(size.width * size.height * 3, (pts, rgb) => {
    if (++count > group.pts.length) throw decoderFailed(file.path, "more pictures came out than were asked for");
    onPicture(pts, rgb);
  });
  return {
    before: [...(careful ? [] : headerArgs(video)), ...seekArgs(group, video.timeline.timeBase)],
    filters: [`select='${group.pts.map((pts) => `eq(pts,${pts})`).join("+")}'`],
    after: ["-frames:v", String(group.pts.length)],
    out,
  };
}

/** The seek only chooses where decoding begins; `select` chooses the frames, by whole ticks. */
function seekArgs(group: Group, timeBase: { num: number; den: number }): string[] {
  if (group.seekPts === undefined) return [];
  const at = (group.seekPts * timeBase.num) / timeBase.den;
  return at > 0 ? ["-noaccurate_seek", "-seek_timestamp", "1", "-ss", at.toFixed(6)] : [];
}
