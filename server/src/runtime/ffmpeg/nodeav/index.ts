import type { Decoder } from "../decoder.js";
import { decoderFailed } from "../errors.js";
import { Gate } from "../gate.js";
import type { MediaLimits } from "../limits.js";
import { buildTimeline } from "../timeline.js";
import { pcm } from "./audio.js";
import { loadBinding } from "./binding.js";
import { grab } from "./grab.js";
import { decodeTimes, scan } from "./scan.js";
import { subtitle } from "./subtitle.js";

/** Seeking in an open file costs about as much as decoding this many frames. */
const SEEK_FRAMES = 2;

/**
 * Decoder on node-av: FFmpeg inside this process. Undefined when the package is not there. Native
 * code decodes untrusted files here, so this must run in the worker process only.
 */
export async function nodeAvDecoder(limits: MediaLimits, threads: number): Promise<Decoder | undefined> {
  const binding = await loadBinding();
  if (!binding) return undefined;
  // Frames and packets live outside the heap: one file at a time keeps memory bounded.
  const gate = new Gate(1);
  return {
    name: `node-av ${binding.version}`,
    seekCost: () => SEEK_FRAMES,
    scan: (file, signal) => gate.run(() => scan(binding, file, limits, threads, signal), signal),
    decodedTimeline: (file, video, signal) =>
      gate.run(async () => {
        const { pts } = await decodeTimes(binding, file, limits, threads, Infinity, signal);
        if (pts.length === 0) throw decoderFailed(file.path, "no frame came out");
        return buildTimeline(pts.map((p) => ({ pts: p, duration: 0, key: true })), video.timeline.timeBase, pts[0]!, false);
      }, signal),
    grab: (file, video, groups, size, signal) => gate.run(() => grab(binding, file, limits, threads, video, groups, size, signal), signal),
    pcm: (file, found, startMs, endMs, signal) => gate.run(() => pcm(binding, file, limits, found, startMs, endMs, signal), signal),
    subtitle: (file, stream, signal) => gate.run(() => subtitle(binding, file, limits, stream, signal), signal),
  };
}
