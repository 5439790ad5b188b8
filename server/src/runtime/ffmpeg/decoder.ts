import type { AudioStreamInfo, FrameMode, SubtitleStreamInfo } from "../../engine/ports.js";
import type { CheckedFile } from "./file.js";
import type { Group } from "./plan.js";
import type { Clock, Timeline } from "./timeline.js";

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
  readonly clock: Clock;
  /** The header of the file says all that decoding needs: nothing has to be decoded to open it. */
  readonly described: boolean;
  /** Each packet tells when its picture is shown. */
  readonly timed: boolean;
  /** Seeks land on the keyframe before; otherwise where the file's clock is guessed to be. */
  readonly exactSeeks: boolean;
  /** All frames; undefined for a long film, of which only both ends were read. */
  readonly timeline: Timeline | undefined;
}

/** A video all of whose frames are known. */
export type ListedVideo = ScannedVideo & { readonly timeline: Timeline };

/**
 * Takes an upright RGB picture as soon as it is there; a timestamp may come again, and its last picture
 * counts. Where it throws, the call ends with its error.
 * @param pts of the frame that was decoded, in ticks
 * @param rgb rows without padding
 */
export type OnPicture = (pts: number, rgb: Uint8Array) => void;

/** Files up to this size are read whole: that costs less than a look at both ends. */
export const WHOLE_BYTES = 24 * 2 ** 20;
/** How far from the start larger ones are read. */
export const HEAD_MS = 12_000;

/** What a look at a file found. */
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
  /** Packets that the file ended in or that were marked damaged, as far as it was read. */
  readonly damagedPackets: number;
  readonly warnings: readonly string[];
}

/** A subtitle stream in the text form closest to how it was stored. */
export interface SubtitleText {
  readonly format: "srt" | "vtt" | "ass" | "ttml";
  readonly text: string;
  /** Reading ended with an error: the end may be missing. */
  readonly damaged?: boolean;
}

/** How much each picture of a walk through a film differs from the one before, parallel. */
export interface Differences {
  /** Ticks, ascending. */
  readonly pts: Float64Array;
  /** Mean absolute difference of the colours, 0 to 100; 0 for the first. */
  readonly difference: Float32Array;
}

/** Pictures that a walk looks at: those that others depend on, or those that depend on none. */
export type WalkOver = "references" | "keyframes";

/** What the two decoders, the ffmpeg program and the node-av binding, have in common. */
export interface Decoder {
  /** Name and version, for provenance. */
  readonly name: string;
  /** Price of a seek in units of decoded frames of the given size, for planning. */
  seekCost(coded: Size): number;
  /**
   * Reads all packets of the first `headMs` and, when the film goes on, those of its end: the cost
   * does not grow with the length. Containers that do not tell each packet's time are read whole.
   * Errors: video-refused, video-unreadable, cancelled, limit-exceeded.
   */
  scan(file: CheckedFile, headMs: number, signal?: AbortSignal): Promise<Scan>;
  /** Decodes everything: the true timeline where packets do not tell it. */
  decodedTimeline(file: CheckedFile, video: ScannedVideo, signal?: AbortSignal): Promise<Timeline>;
  /**
   * For a film without a list of its frames: pictures of `size` for targets (ascending ticks) by `mode`,
   * and the timestamp of the one that answers each target: targets may share one. Undefined where none
   * was found, which does not mean that there is none.
   */
  at(file: CheckedFile, video: ScannedVideo, targets: readonly number[], mode: FrameMode, size: Size, onPicture: OnPicture, signal?: AbortSignal): Promise<readonly (number | undefined)[]>;
  /** Pictures of `size` of the frames of all groups. Those that did not come out are not handed on. */
  grab(file: CheckedFile, video: ListedVideo, groups: readonly Group[], size: Size, onPicture: OnPicture, signal?: AbortSignal): Promise<void>;
  /** Walks through the whole film. @param onPts told the tick that was reached */
  differences(file: CheckedFile, video: ScannedVideo, over: WalkOver, onPts: (pts: number) => void, signal?: AbortSignal): Promise<Differences>;
  /** Mono 16 kHz samples of [startMs, endMs) on the stream clock, zeros where there is no sound. */
  pcm(file: CheckedFile, scan: Scan, startMs: number, endMs: number, signal?: AbortSignal): Promise<Float32Array>;
  /** Cue times in the text are on the stream clock. */
  subtitle(file: CheckedFile, stream: SubtitleStreamInfo, signal?: AbortSignal): Promise<SubtitleText>;
  /** Ends what was started for later calls and waits until it is gone. A later call begins anew. */
  close?(): Promise<void>;
}
