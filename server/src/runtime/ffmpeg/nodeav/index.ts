import type { Decoder } from "../decoder.js";
import { decoderFailed } from "../errors.js";
import { Gate } from "../gate.js";
import type { MediaLimits } from "../limits.js";
import { buildTimeline } from "../timeline.js";
import { at } from "./at.js";
import { around } from "./around.js";
import { pcm } from "./audio.js";
import { loadBinding } from "./binding.js";
import { grab } from "./grab.js";
import { decodeTimes, scan } from "./scan.js";
import { Shelf } from "./shelf.js";
import { subtitle } from "./subtitle.js";
import { differences } from "./walk.js";

/** Seeking in an open file costs about as much as decoding this many frames. */
const SEEK_FRAMES = 2;

/**
 * Decoder on node-av: FFmpeg inside this process. Undefined when the package is not there or does not
 * load. Native code decodes untrusted files here: only the process of `child.ts` may call this. Where
 * what takes a picture returns a promise, decoding goes on when that is settled.
 */
export async function nodeAvDecoder(limits: MediaLimits, threads: number): Promise<Decoder | undefined> {
  const binding = await loadBinding();
  if (!binding) return undefined;
  // Frames and packets live outside the heap: one file at a time keeps memory bounded.
  const gate = new Gate(1);
  const shelf = new Shelf(binding, limits);
  return {
    name: `node-av ${binding.version}`,
    seekCost: () => SEEK_FRAMES,
    scan: (file, headMs, signal) =>
      gate.run(() => {
        const decodeAll = (): Promise<number[]> => shelf.once(file, (input) => decodeTimes(input, threads, signal), signal);
        return shelf.use(file, false, (input) => scan(input, limits, threads, headMs, decodeAll, signal), signal);
      }, signal),
    decodedTimeline: (file, video, signal) =>
      gate.run(async () => {
        const pts = await shelf.use(file, false, (input) => decodeTimes(input, threads, signal), signal);
        if (pts.length === 0) throw decoderFailed(file.path, "no frame came out");
        return buildTimeline(pts.map((p) => ({ pts: p, duration: 0, key: true })), video.clock.timeBase, pts[0]!, false);
      }, signal),
    at: (file, video, targets, mode, size, give, signal) => gate.run(() => shelf.use(file, true, (input) => (video.timed ? at : around)(input, threads, video, targets, mode, size, give, signal), signal), signal),
    grab: (file, video, groups, size, give, signal) =>
      gate.run(() => grab((again, job) => shelf.use(file, again, job, signal), threads, video, groups, size, give, signal), signal),
    differences: (file, video, over, onPts, signal) => gate.run(() => shelf.use(file, false, (input) => differences(input, threads, video, over, onPts, signal), signal), signal),
    pcm: (file, found, startMs, endMs, signal) => gate.run(() => shelf.use(file, false, (input) => pcm(input, found, startMs, endMs, signal), signal), signal),
    subtitle: (file, stream, signal) => gate.run(() => shelf.use(file, false, (input) => subtitle(input, limits, stream, signal), signal), signal),
  };
}
