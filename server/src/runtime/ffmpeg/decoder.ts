import type { AudioStreamInfo, SubtitleStreamInfo } from "../../engine/ports.js";
import type { CheckedFile } from "./file.js";
import type { Group } from "./plan.js";
import type { Timeline } from "./timeline.js";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface ScannedVideo {
  readonly index: number;
  readonly codec: string;
  /** After rotation and sample aspect ratio. */
  readonly displayed: Size;
  readonly coded: Size;
  /** Clockwise turn that shows the picture upright; it is applied to every frame. */
  readonly rotation: 0 | 90 | 180 | 270;
  readonly timeline: Timeline;
}

/** What one pass over a file found. */
export interface Scan {
  readonly container: string;
  readonly video?: ScannedVideo;
  readonly audio: readonly AudioStreamInfo[];
  /** Text subtitles only; pictures of text (DVD, Blu-ray) are named in `warnings`. */
  readonly subtitles: readonly SubtitleStreamInfo[];
  /** Stream times, ms: first and last of the first audio stream. */
  readonly audioRange?: { readonly startMs: number; readonly endMs: number };
  /** Where the container says that the file ends, on its own clock; undefined where it does not say. */
  readonly declaredEndMs: number | undefined;
  /** Packets that the file ended in or that were marked damaged. */
  readonly damagedPackets: number;
  readonly warnings: readonly string[];
}

/** A subtitle stream in the text form closest to how it was stored. */
export interface SubtitleText {
  readonly format: "srt" | "vtt" | "ass";
  readonly text: string;
  /** Reading ended with an error: the end may be missing. */
  readonly damaged?: boolean;
}

/** What the two decoders, the ffmpeg program and the node-av binding, have in common. */
export interface Decoder {
  /** Name and version, for provenance. */
  readonly name: string;
  /** Price of a seek in units of decoded frames of the given size, for planning. */
  seekCost(coded: Size): number;
  /** Errors: video-refused, video-unreadable, cancelled, limit-exceeded. */
  scan(file: CheckedFile, signal?: AbortSignal): Promise<Scan>;
  /** Decodes everything: the true timeline where packets do not tell it. */
  decodedTimeline(file: CheckedFile, video: ScannedVideo, signal?: AbortSignal): Promise<Timeline>;
  /** Upright RGB pictures of `size` by timestamp. Timestamps that did not come out are absent. */
  grab(file: CheckedFile, video: ScannedVideo, groups: readonly Group[], size: Size, signal?: AbortSignal): Promise<Map<number, Uint8Array>>;
  /** Mono 16 kHz samples of [startMs, endMs) on the stream clock, zeros where there is no sound. */
  pcm(file: CheckedFile, scan: Scan, startMs: number, endMs: number, signal?: AbortSignal): Promise<Float32Array>;
  /** Cue times in the text are on the stream clock. */
  subtitle(file: CheckedFile, stream: SubtitleStreamInfo, signal?: AbortSignal): Promise<SubtitleText>;
}
