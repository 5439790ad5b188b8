import { throwIfAborted, VqaError } from "../../engine/errors.js";
import { MAX_FRAME_TIMES, type AudioSource, type Frame, type FrameRequest, type FrameSource, type FrameTimes, type MediaInfo, type SceneList, type SceneRequest, type SceneSource, type VideoPath } from "../../engine/ports.js";
import { HEAD_MS, WHOLE_BYTES, type Decoder, type ListedVideo, type OnPicture, type Scan, type ScannedVideo, type Size } from "./decoder.js";
import { decoderFailed, limitExceeded, noVideoStream, seconds, timeOutOfRange, videoUnreadable } from "./errors.js";
import { checkFile, digestFile, type CheckedFile } from "./file.js";
import { placeCentred, scaledSize } from "./fit.js";
import type { MediaLimits } from "./limits.js";
import { planGroups } from "./plan.js";
import type { DiskDigests } from "../cache/digests.js";
import { comparedSize } from "./difference.js";
import { DEFAULT_THRESHOLD, findCuts, refineCuts } from "./scenes.js";
import { sniff } from "./sniff.js";
import { clockOf, durationMs, frameAt, keyAt, tickAt, ticksToMs, timeOf, TIME_SLACK_MS, withKeysOf } from "./timeline.js";
import { declaresItsEnd } from "./whitelist.js";

/** What is known of a file as long as its bytes do not change. */
interface Known {
  scan: Scan;
  digest?: string;
}

/** Files whose scan is kept; a timeline takes 9 bytes a frame. */
const REMEMBERED = 32;

/** A missing end of this much is called truncation; containers round and pad by less. */
const SHORT_BY_MS = 500;
const SHORT_BY_PART = 0.02;

/** Frames, cuts and sound of video files, on either decoder. */
export class MediaSource implements FrameSource, FrameTimes, SceneSource, AudioSource {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly decoder: Decoder,
    private readonly limits: MediaLimits,
    /** See `Decoder.scan`; by default as the size of the file has it, other values are for tests. */
    private readonly headMs?: number,
    private readonly digests?: DiskDigests,
  ) {}

  async describe(signal?: AbortSignal): Promise<string> {
    throwIfAborted(signal);
    return this.decoder.name;
  }

  async probe(path: VideoPath, signal?: AbortSignal): Promise<MediaInfo> {
    const file = await checkFile(path, this.limits, signal);
    const known = await this.open(file, signal);
    known.digest ??= (await this.digests?.get(file)) ?? (await this.digest(file, signal));
    return mediaInfo(file, known.scan, known.digest);
  }

  private async digest(file: CheckedFile, signal?: AbortSignal): Promise<string> {
    const digest = await digestFile(file, signal);
    await this.digests?.set(file, digest);
    return digest;
  }

  async frames(request: FrameRequest, signal?: AbortSignal): Promise<readonly Frame[]> {
    this.checkRequest(request);
    const file = await checkFile(request.path, this.limits, signal);
    const known = await this.open(file, signal);
    const video = known.scan.video;
    if (!video) throw noVideoStream(file.path);
    const end = mediaDuration(known.scan);
    const outside = request.timesMs.find((t) => t < -TIME_SLACK_MS || t > end + TIME_SLACK_MS);
    if (outside !== undefined) throw timeOutOfRange(file.path, outside, end);
    if (request.timesMs.length === 0) return [];

    if (!video.timeline) {
      const frames = await this.look(file, video, request, signal);
      if (frames) return frames;
      // Looking around each time was not enough: the whole file tells.
      const whole = await this.decoder.scan(file, Infinity, signal);
      throwIfAborted(signal);
      if (!whole.video) throw noVideoStream(file.path);
      known.scan = whole;
    }
    for await (const candidate of this.timelines(file, known.scan.video as ListedVideo, signal)) {
      known.scan = { ...known.scan, video: candidate };
      const frames = await this.grab(file, candidate, request, signal);
      if (frames) return frames;
    }
    throw decoderFailed(file.path, "frames that decode once did not decode again");
  }

  /**
   * The timeline as it is known; when it promises frames that do not come out, what really decodes
   * is the truth; when they do not come out after a seek either, decoding from the start.
   */
  private async *timelines(file: CheckedFile, video: ListedVideo, signal?: AbortSignal): AsyncGenerator<ListedVideo> {
    yield video;
    const decoded = await this.decoder.decodedTimeline(file, video, signal);
    throwIfAborted(signal);
    const timeline = withKeysOf(decoded, video.timeline);
    const clock = clockOf(timeline);
    yield { ...video, clock, timeline };
    if (timeline.seekable) yield { ...video, clock, timeline: { ...timeline, seekable: false } };
  }

  async scenes({ path, mode, threshold = DEFAULT_THRESHOLD[mode] }: SceneRequest, onFraction: (fraction: number) => void = () => undefined, signal?: AbortSignal): Promise<SceneList> {
    if (!(threshold >= 1 && threshold <= 100)) throw new VqaError("invalid-request", `A threshold of ${threshold} is none.`, "Give a number from 1 to 100.");
    const file = await checkFile(path, this.limits, signal);
    const { scan } = await this.open(file, signal);
    const { video } = scan;
    if (!video) throw noVideoStream(file.path);
    const { clock } = video;
    const length = Math.max(1, durationMs(clock));
    // Walking takes nearly all of the time, finding the frames of cuts the rest.
    const walked = mode === "exact" ? 0.9 : 1;
    const seen = await this.decoder.differences(file, video, mode === "exact" ? "references" : "keyframes", (pts) => onFraction(walked * Math.min(1, Math.max(0, timeOf(clock, pts) / length))), signal);
    throwIfAborted(signal);
    const msOf = (at: number): number => timeOf(clock, seen.pts[at]!);
    const found = findCuts(seen, threshold, mode === "keyframe", msOf);
    const cuts = found.map(({ at, score }) => ({ timeMs: msOf(at), score: Math.round(score * 10) / 10 }));
    if (mode === "keyframe") {
      onFraction(1);
      return { cuts, durationMs: mediaDuration(scan) };
    }
    const frameMs = (1000 * clock.frameRate.den) / Math.max(1, clock.frameRate.num);
    const { width, height } = comparedSize(video.displayed);
    const grab = (timesMs: readonly number[]): Promise<readonly Frame[]> => this.frames({ path, timesMs, width, height, resize: "squash", mode: "exact" }, signal);
    const refined = await refineCuts(cuts, found.map(({ at }) => [msOf(at - 1), msOf(at)] as const), frameMs, grab, (part) => onFraction(walked + (1 - walked) * part), signal);
    onFraction(1);
    return { cuts: refined, durationMs: mediaDuration(scan) };
  }

  async frameTimes(path: VideoPath, fromMs: number, toMs: number, signal?: AbortSignal): Promise<readonly number[]> {
    if (!Number.isFinite(fromMs) || !Number.isFinite(toMs) || toMs < fromMs) throw new VqaError("invalid-request", `Frames from ${fromMs} to ${toMs} ms are none.`, "Give a start and a later end.");
    const file = await checkFile(path, this.limits, signal);
    const known = await this.open(file, signal);
    if (known.scan.video && !known.scan.video.timeline) {
      const whole = await this.decoder.scan(file, Infinity, signal);
      throwIfAborted(signal);
      known.scan = whole;
    }
    const { video } = known.scan;
    if (!video?.timeline) throw noVideoStream(file.path);
    const { timeline } = video;
    const first = frameAt(timeline, fromMs);
    const last = Math.min(frameAt(timeline, toMs) + 1, first + MAX_FRAME_TIMES - 1, timeline.pts.length - 1);
    return Array.from({ length: last - first + 1 }, (_, i) => timeOf(video.clock, timeline.pts[first + i]!));
  }

  async pcm16k(path: VideoPath, startMs: number, endMs: number, signal?: AbortSignal): Promise<Float32Array | undefined> {
    const file = await checkFile(path, this.limits, signal);
    const { scan } = await this.open(file, signal);
    if (scan.audio.length === 0 || !scan.audioRange) return undefined;
    if (!Number.isFinite(startMs) || !Number.isFinite(endMs) || endMs < startMs) {
      throw new VqaError("invalid-request", `An audio range from ${startMs} to ${endMs} ms is none.`, "Give a start and a later end.");
    }
    const duration = mediaDuration(scan);
    if (startMs < -TIME_SLACK_MS || startMs > duration + TIME_SLACK_MS) throw timeOutOfRange(file.path, startMs, duration);
    const until = Math.min(endMs, duration);
    if (until - startMs > this.limits.maxAudioMs) throw limitExceeded(file.path, `${seconds(until - startMs)} of sound is more than the limit`);
    if (until <= startMs) return new Float32Array(0);
    const origin = startOf(scan);
    const samples = await this.decoder.pcm(file, scan, startMs + origin, until + origin, signal);
    throwIfAborted(signal);
    return samples;
  }

  private async open(file: CheckedFile, signal?: AbortSignal): Promise<Known> {
    const hit = this.known.get(file.key);
    if (hit) {
      // Re-inserting keeps the map in order of use.
      this.known.delete(file.key);
      this.known.set(file.key, hit);
      return hit;
    }
    await sniff(file, signal);
    const scan = await this.decoder.scan(file, this.headMs ?? (file.bytes <= WHOLE_BYTES ? Infinity : HEAD_MS), signal);
    throwIfAborted(signal);
    if (!scan.video && !scan.audioRange && scan.subtitles.length === 0) throw videoUnreadable(file.path, "it holds no picture and no sound");
    const known: Known = { scan };
    this.known.set(file.key, known);
    for (const key of this.known.keys()) if (this.known.size > REMEMBERED) this.known.delete(key);
    return known;
  }

  /** Frames of a film that is not known whole. Undefined when one was not found. */
  private async look(file: CheckedFile, video: ScannedVideo, request: FrameRequest, signal?: AbortSignal): Promise<readonly Frame[] | undefined> {
    const ticks = request.timesMs.map((t) => tickAt(video.clock, t));
    const targets = [...new Set(ticks)].sort((a, b) => a - b);
    const size = this.sizeOf(file, video, request, targets.length);
    const frames = new Map<number, Frame>();
    const take: OnPicture = (pts, rgb) => void frames.set(pts, frameOf(rgb, timeOf(video.clock, pts), size, request));
    const shown = await this.decoder.at(file, video, targets, request.mode, size, take, signal);
    throwIfAborted(signal);
    const ptsOf = new Map(targets.map((target, i) => [target, shown[i]]));
    return all(ticks.map((target) => frames.get(ptsOf.get(target) ?? Number.NaN)));
  }

  /** The size that the decoder scales to. Error: limit-exceeded. */
  private sizeOf(file: CheckedFile, video: ScannedVideo, request: FrameRequest, count: number): Size {
    const size = scaledSize(video.displayed, request);
    const pixels = Math.max(size.width * size.height, request.width * request.height);
    if (pixels * 3 * count > this.limits.maxFrameBytes) throw limitExceeded(file.path, `${count} frames of ${pixels} pixels are more than the limit`);
    return size;
  }

  /** Undefined when a frame of the timeline did not come out. */
  private async grab(file: CheckedFile, video: ListedVideo, request: FrameRequest, signal?: AbortSignal): Promise<readonly Frame[] | undefined> {
    const { timeline } = video;
    const indices = request.timesMs.map((t) => {
      const index = frameAt(timeline, t);
      return request.mode === "keyframe" ? keyAt(timeline, index) : index;
    });
    const wanted = [...new Set(indices)].sort((a, b) => a - b);
    const size = this.sizeOf(file, video, request, wanted.length);
    const groups = planGroups(timeline, wanted, this.decoder.seekCost(video.coded));
    const frames = new Map<number, Frame>();
    const take: OnPicture = (pts, rgb) => void frames.set(pts, frameOf(rgb, timeOf(video.clock, pts), size, request));
    await this.decoder.grab(file, video, groups, size, take, signal);
    throwIfAborted(signal);
    return all(indices.map((index) => frames.get(timeline.pts[index]!)));
  }

  private checkRequest({ timesMs, width, height }: FrameRequest): void {
    const side = (n: number): boolean => Number.isInteger(n) && n >= 1 && n <= 16384;
    if (!side(width) || !side(height)) throw new VqaError("invalid-request", `A frame of ${width} x ${height} pixels is none.`, "Give a width and height of 1 to 16384.");
    const bad = timesMs.find((t) => !Number.isFinite(t));
    if (bad !== undefined) throw new VqaError("invalid-request", `${bad} is no time.`, "Give times in milliseconds.");
    if (timesMs.length > this.limits.maxFrames) {
      throw new VqaError("limit-exceeded", `${timesMs.length} frames are more than the limit of ${this.limits.maxFrames}.`, "Ask for fewer frames at a time.");
    }
  }
}

/** Undefined when one is missing. */
const all = (frames: readonly (Frame | undefined)[]): readonly Frame[] | undefined => {
  const found = frames.filter((frame) => frame !== undefined);
  return found.length === frames.length ? found : undefined;
};

const frameOf = (rgb: Uint8Array, timeMs: number, size: Size, { width, height }: FrameRequest): Frame => ({ timeMs, width, height, rgb: placeCentred(rgb, size, { width, height }) });

/** Stream time that all other times are relative to: the first frame, or the first sound without video. */
const startOf = (scan: Scan): number =>
  scan.video ? ticksToMs(scan.video.clock.firstPts, scan.video.clock.timeBase) : (scan.audioRange?.startMs ?? 0);

/** From the first frame to the end of the pictures or of the sound, whichever is later. */
function mediaDuration(scan: Scan): number {
  const video = scan.video ? durationMs(scan.video.clock) : 0;
  const audio = scan.audioRange ? scan.audioRange.endMs - startOf(scan) : 0;
  return Math.max(video, audio, 0);
}

function mediaInfo(file: CheckedFile, scan: Scan, digest: string): MediaInfo {
  const { video } = scan;
  return {
    path: file.path,
    digest,
    bytes: file.bytes,
    container: scan.container,
    durationMs: mediaDuration(scan),
    startMs: startOf(scan),
    ...(video
      ? {
          video: {
            index: video.index,
            codec: video.codec,
            width: video.displayed.width,
            height: video.displayed.height,
            frameRate: video.clock.frameRate,
            rotation: video.rotation,
          },
        }
      : {}),
    audio: scan.audio,
    subtitles: scan.subtitles,
    warnings: [...scan.warnings, ...truncation(scan)],
  };
}

function truncation(scan: Scan): string[] {
  const measured = Math.max(
    scan.video ? ticksToMs(scan.video.clock.endPts, scan.video.clock.timeBase) : 0,
    scan.audioRange?.endMs ?? 0,
  );
  const declared = declaresItsEnd(scan.container) ? scan.declaredEndMs : undefined;
  // A subtitle stream may rightly outlast picture and sound.
  const trusted = scan.subtitles.length === 0 || scan.damagedPackets > 0;
  if (declared !== undefined && trusted && declared - measured > Math.max(SHORT_BY_MS, declared * SHORT_BY_PART)) {
    return [`truncated: it holds ${seconds(mediaDuration(scan))} of ${seconds(declared)}`];
  }
  return scan.damagedPackets > 0 ? [`damaged: ${scan.damagedPackets} packets cannot be read`] : [];
}
