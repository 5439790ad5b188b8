import type { Decoder, Size } from "../decoder.js";
import { decoderFailed } from "../errors.js";
import { buildTimeline } from "../timeline.js";
import { pcm } from "./audio.js";
import { grab } from "./grab.js";
import type { FfmpegProgram } from "./program.js";
import { scan } from "./scan.js";
import { subtitle } from "./subtitle.js";
import { decodeTimes } from "./times.js";

/** CPU seconds to start a process and open a file, and to decode one pixel: measured with H.264 1080p. */
const START_SECONDS = 0.06;
const PIXEL_SECONDS = 2.5e-9;

/** Decoder on the ffmpeg program. */
export function cliDecoder(ffmpeg: FfmpegProgram): Decoder {
  return {
    name: `ffmpeg ${ffmpeg.binary.version}`,
    seekCost: ({ width, height }: Size) => START_SECONDS / (width * height * PIXEL_SECONDS),
    scan: (file, signal) => scan(ffmpeg, file, signal),
    async decodedTimeline(file, video, signal) {
      const { pts } = await decodeTimes(ffmpeg, file, video.index, video.timeline.timeBase, undefined, signal);
      if (pts.length === 0) throw decoderFailed(file.path, "no frame came out");
      return buildTimeline(pts.map((p) => ({ pts: p, duration: 0, key: true })), video.timeline.timeBase, pts[0]!, false);
    },
    grab: (file, video, groups, size, signal) => grab(ffmpeg, file, video, groups, size, signal),
    pcm: (file, found, startMs, endMs, signal) => pcm(ffmpeg, file, found, startMs, endMs, signal),
    subtitle: (file, stream, signal) => subtitle(ffmpeg, file, stream, signal),
  };
}
