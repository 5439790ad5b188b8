import type { Decoder } from "../decoder.js";
import { decoderFailed } from "../errors.js";
import { buildTimeline } from "../timeline.js";
import { at } from "./at.js";
import { pcm } from "./audio.js";
import { grab } from "./grab.js";
import type { FfmpegProgram } from "./program.js";
import { seekCost } from "./cost.js";
import { scan } from "./scan.js";
import { subtitle } from "./subtitle.js";
import { decodeTimes } from "./times.js";
import { differences } from "./walk.js";

/** Decoder on the ffmpeg program. */
export function cliDecoder(ffmpeg: FfmpegProgram): Decoder {
  return {
    name: `ffmpeg ${ffmpeg.binary.version}`,
    seekCost,
    scan: (file, headMs, signal) => scan(ffmpeg, file, headMs, signal),
    async decodedTimeline(file, video, signal) {
      const { pts } = await decodeTimes(ffmpeg, file, video.index, video.clock.timeBase, undefined, signal);
      if (pts.length === 0) throw decoderFailed(file.path, "no frame came out");
      return buildTimeline(pts.map((p) => ({ pts: p, duration: 0, key: true })), video.clock.timeBase, pts[0]!, false);
    },
    at: (file, video, targets, mode, size, onPicture, signal) => at(ffmpeg, file, video, targets, mode, size, onPicture, signal),
    grab: (file, video, groups, size, onPicture, signal) => grab(ffmpeg, file, video, groups, size, onPicture, signal),
    differences: (file, video, over, onPts, signal) => differences(ffmpeg, file, video, over, onPts, signal),
    pcm: (file, found, startMs, endMs, signal) => pcm(ffmpeg, file, found, startMs, endMs, signal),
    subtitle: (file, stream, signal) => subtitle(ffmpeg, file, stream, signal),
  };
}
