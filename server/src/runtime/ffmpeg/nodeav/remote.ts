import { createRequire } from "node:module";
import { throwIfAborted } from "../../../engine/errors.js";
import type { Decoder } from "../decoder.js";
import type { MediaLimits } from "../limits.js";
import { DecodingProcess } from "./process.js";

/** Seeking in an open file costs about as much as decoding this many frames. */
const SEEK_FRAMES = 2;

/** Whether the optional package is installed; it is not loaded for that. */
export function nodeAvIsThere(): boolean {
  try {
    createRequire(import.meta.url).resolve("node-av/lib");
    return true;
  } catch {
    return false;
  }
}

/** Decoder on node-av in a process of its own. Undefined when the package is not there or does not load. */
export async function nodeAvProcess(limits: MediaLimits, threads: number, signal?: AbortSignal): Promise<RemoteDecoder | undefined> {
  if (!nodeAvIsThere()) return undefined;
  const decoding = new DecodingProcess(limits, threads);
  const name = await decoding.open().catch(() => undefined);
  throwIfAborted(signal);
  return name === undefined ? undefined : new RemoteDecoder(name, decoding);
}

/** The calls of a decoder, made in the decoding process. */
export class RemoteDecoder implements Decoder {
  constructor(
    readonly name: string,
    private readonly decoding: DecodingProcess,
  ) {}

  /** Ends the process; a later call starts it again. */
  close = (): Promise<void> => this.decoding.close();
  seekCost = (): number => SEEK_FRAMES;
  scan: Decoder["scan"] = (file, headMs, signal) => this.decoding.call("scan", [file, headMs], signal);
  decodedTimeline: Decoder["decodedTimeline"] = (file, video, signal) => this.decoding.call("decodedTimeline", [file, video], signal);
  at: Decoder["at"] = (file, video, targets, mode, size, onPicture, signal) => this.decoding.call("at", [file, video, targets, mode, size], signal, { picture: onPicture });
  grab: Decoder["grab"] = (file, video, groups, size, onPicture, signal) => this.decoding.call("grab", [file, video, groups, size], signal, { picture: onPicture });
  differences: Decoder["differences"] = (file, video, over, onPts, signal) => this.decoding.call("differences", [file, video, over], signal, { reached: onPts });
  pcm: Decoder["pcm"] = (file, scan, startMs, endMs, signal) => this.decoding.call("pcm", [file, scan, startMs, endMs], signal);
  subtitle: Decoder["subtitle"] = (file, stream, signal) => this.decoding.call("subtitle", [file, stream], signal);
}
