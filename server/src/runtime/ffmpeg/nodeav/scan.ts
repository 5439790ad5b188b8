import { throwIfAborted } from "../../../engine/errors.js";
import type { SubtitleStreamInfo } from "../../../engine/ports.js";
import type { Scan, ScannedVideo, Size } from "../decoder.js";
import { displayedSize } from "../displayed.js";
import { limitExceeded, videoUnreadable } from "../errors.js";
import type { MediaLimits } from "../limits.js";
import { isPictureSubtitle } from "../subtitles/codecs.js";
import { buildTimeline, clockOf, ticksToMs, type TimelineEntry } from "../timeline.js";
import { describesItself, hasPacketTimes, seeksLate, tellsItsEnds } from "../whitelist.js";
import { AV, type AvFrame, type AvStream, type Packet } from "./binding.js";
import type { Input } from "./input.js";
import { orientationOf } from "./matrix.js";

/** Streams in the order of the file, as far as they are looked at. */
function streamsOf(input: Input): { video?: AvStream; audio: AvStream[]; subtitles: AvStream[] } {
  const { streams } = input.format;
  const ofType = (type: number): AvStream[] => streams.filter((s) => s.codecpar.codecType === type);
  const pictures = AV.DISPOSITION_ATTACHED_PIC | AV.DISPOSITION_TIMED_THUMBNAILS;
  const video = ofType(AV.MEDIA_VIDEO).find((s) => (s.disposition & pictures) === 0);
  return { ...(video ? { video } : {}), audio: ofType(AV.MEDIA_AUDIO), subtitles: ofType(AV.MEDIA_SUBTITLE) };
}

/**
 * Reads packets from the start, and from the end of a film that goes on, and decodes one frame.
 * @param input just opened
 * @param decodeAll takes the times of all frames of a file whose packets do not tell them
 */
export async function scan(
  input: Input,
  limits: MediaLimits,
  threads: number,
  headMs: number,
  decodeAll: () => Promise<readonly number[]>,
  signal?: AbortSignal,
): Promise<Scan> {
  const { video, audio, subtitles } = streamsOf(input);
  const sound = audio[0];
  if (video && video.codecpar.width * video.codecpar.height > limits.maxPixels) {
    throw limitExceeded(input.file.path, `${video.codecpar.width} x ${video.codecpar.height} pixels is more than the limit`);
  }
  input.only(...[video?.index, sound?.index].filter((i) => i !== undefined));
  const name = (s: AvStream): string => input.binding.lib.avGetCodecName(s.codecpar.codecId) ?? "unknown";
  const container = input.container;
  const declaredEndMs = input.format.duration > 0n ? Number(input.format.duration) / 1000 : undefined;
  let reading = new Reading(input, video, sound);
  const timed = hasPacketTimes(container);
  // What is read whole costs little beside decoding; only where nothing tells when pictures are shown, all must be decoded for that.
  const partly = video !== undefined && declaredEndMs !== undefined && tellsItsEnds(container, false) && Number.isFinite(headMs);
  let ended = false;
  let first: FirstFrame | undefined;
  if (partly) {
    // Opening a film decodes some frames already: where its packets leave no doubt which is the first, that is enough.
    ended = await reading.to(headMs, signal);
    // A damaged header may name no codec and no size: then a frame must come out.
    const plain = video.codecpar.width > 0 && video.codecpar.height > 0 ? reading.plainStart : undefined;
    first = plain === undefined ? undefined : { pts: plain, displayed: shown(video, video.codecpar) };
    if (!first) {
      seekTo(input, video, 0);
      reading = new Reading(input, video, sound);
    }
  }
  if (!first) {
    first = video ? await reading.firstFrame(threads, signal) : undefined;
    ended = await reading.to(partly ? headMs : Infinity, signal);
  }
  let tail: Reading | undefined;
  if (video && first && !ended) {
    tail = await readTail(input, video, sound, first.pts, declaredEndMs!, signal);
    // Sound that begins late, or an end that cannot be found: the whole file tells.
    if (!tail || (sound && !(reading.first < Infinity))) await reading.again(first.pts, signal);
  }
  throwIfAborted(signal);
  const whole = tail === undefined;
  const warnings: string[] = [];
  const range = { first: reading.first, last: Math.max(reading.last, tail?.last ?? -Infinity) };
  let found: ScannedVideo | undefined;
  if (video && reading.videoPackets > 0) {
    if (!first) throw videoUnreadable(input.file.path, "no frame of it could be decoded");
    const { timeBase, ...known } = facts(video);
    const listed = timed && !reading.untimed;
    const times = listed || tail ? undefined : await decodeAll();
    if (times && times.length === 0) throw videoUnreadable(input.file.path, "no frame of it could be decoded");
    // Where only that is told, pictures are shown as long after they are decoded as the first one is.
    const delay = listed || reading.entries.length === 0 ? 0 : Math.max(0, first.pts - reading.entries[0]!.pts);
    const shown = (list: readonly TimelineEntry[]): readonly TimelineEntry[] => (delay === 0 ? list : list.map((entry) => ({ ...entry, pts: entry.pts + delay })));
    // Every seek is checked by the keyframe that it was for: see grab.ts.
    const timeline = times
      ? buildTimeline(times.map((pts) => ({ pts, duration: 0, key: true })), timeBase, times[0]!, false)
      : buildTimeline(shown(reading.entries), timeBase, first.pts, true);
    const endPts = tail ? buildTimeline(shown(tail.entries), timeBase, shown(tail.entries)[0]!.pts, true).endPts : timeline.endPts;
    found = {
      ...known,
      codec: name(video),
      described: describesItself(container, name(video)),
      timed: listed,
      exactSeeks: !seeksLate(container),
      displayed: first.displayed,
      clock: clockOf(timeline, endPts),
      timeline: whole ? timeline : undefined,
    };
  }
  return {
    container,
    ...(found ? { video: found } : {}),
    audio: audio.map((s) => ({ index: s.index, codec: name(s), sampleRate: s.codecpar.sampleRate, channels: s.codecpar.channels, ...tag(s, "language") })),
    subtitles: textSubtitles(subtitles, name, warnings),
    ...(sound && range.last > range.first ? { audioRange: { startMs: ticksToMs(range.first, sound.timeBase), endMs: ticksToMs(range.last, sound.timeBase) } } : {}),
    declaredEndMs,
    damagedPackets: reading.damaged + (tail?.damaged ?? 0),
    warnings,
  };
}

interface FirstFrame {
  readonly pts: number;
  readonly displayed: Size;
}

/** What the packets of a part of a file say. */
class Reading {
  readonly entries: TimelineEntry[] = [];
  untimed = false;
  damaged = 0;
  videoPackets = 0;
  /** Of the sound, in its own ticks. */
  first = Infinity;
  last = -Infinity;
  private started = false;
  private discarded = false;

  constructor(
    private readonly input: Input,
    private readonly video: AvStream | undefined,
    private readonly sound: AvStream | undefined,
  ) {}

  /** The first frame of a film that begins with a keyframe, with no picture before it and none cut off. */
  get plainStart(): number | undefined {
    const [first] = this.entries;
    const plain = first?.key && this.videoPackets === this.entries.length && !this.discarded && !this.untimed;
    return plain && this.entries.every(({ pts }) => pts >= first.pts) ? first.pts : undefined;
  }

  /** Decodes until the first frame comes out. */
  async firstFrame(threads: number, signal?: AbortSignal): Promise<FirstFrame | undefined> {
    const stream = this.video!;
    const decoder = this.input.decoder(stream, threads);
    try {
      let found: FirstFrame | undefined;
      const take = (frame: AvFrame, pts: number): void => {
        // Without any time, a frame cannot be asked for.
        if (!Number.isNaN(pts)) found ??= { pts, displayed: shown(stream, frame) };
      };
      for (let p = await this.input.read(signal); p && !found; p = await this.input.read(signal)) {
        this.note(p);
        if (p.streamIndex === stream.index) await decoder.decode(p, take);
        if (found) return found;
      }
      if (!found) await decoder.decode(null, take);
      return found;
    } finally {
      decoder.close();
    }
  }

  /** Reads on to a time (from the first packet of the video); true when the file ended before. */
  async to(headMs: number, signal?: AbortSignal): Promise<boolean> {
    for (let p = await this.input.read(signal); p; p = await this.input.read(signal)) {
      this.note(p);
      const [first, last] = [this.entries[0], this.entries.at(-1)];
      if (first && last && ticksToMs(last.pts - first.pts, this.video!.timeBase) >= headMs) return false;
    }
    return true;
  }

  /** Reads the whole file. */
  async again(firstPts: number, signal?: AbortSignal): Promise<void> {
    seekTo(this.input, this.video!, firstPts);
    this.entries.length = 0;
    this.damaged = 0;
    this.started = false;
    await this.to(Infinity, signal);
  }

  private note(p: Packet): void {
    const isVideo = p.streamIndex === this.video?.index;
    if (isVideo) {
      this.videoPackets++;
      // Nothing decodes before the first keyframe.
      this.started ||= p.isKeyframe;
    }
    if (p.flags & AV.PKT_CORRUPT) this.damaged++;
    if (isVideo && p.flags & AV.PKT_DISCARD) this.discarded = true;
    if (p.flags & (AV.PKT_CORRUPT | AV.PKT_DISCARD)) return;
    const [pts, duration] = [Number(p.pts), Number(p.duration)];
    if (isVideo) {
      this.untimed ||= p.pts === AV.NOPTS;
      // Where packets do not tell when they are shown, when they are decoded comes near.
      const time = p.pts === AV.NOPTS ? p.dts : p.pts;
      if (time !== AV.NOPTS && this.started) this.entries.push({ pts: Number(time), duration, key: p.isKeyframe });
    } else if (p.streamIndex === this.sound?.index && p.pts !== AV.NOPTS) {
      this.first = Math.min(this.first, pts);
      this.last = Math.max(this.last, pts + duration);
    }
  }
}

/** The last packets, from a keyframe on. Undefined when no picture or no sound is found on the whole way back. */
async function readTail(input: Input, video: AvStream, sound: AvStream | undefined, firstPts: number, declaredEndMs: number, signal?: AbortSignal): Promise<Reading | undefined> {
  const second = video.timeBase.den / video.timeBase.num;
  const end = firstPts + (declaredEndMs / 1000) * second;
  for (let back = second; end - back > firstPts; back *= 2) {
    if (!seekTo(input, video, end - back)) return undefined;
    const tail = new Reading(input, video, sound);
    await tail.to(Infinity, signal);
    if (tail.entries.length > 0 && (!sound || tail.last > -Infinity)) return tail;
  }
  return undefined;
}

const seekTo = (input: Input, stream: AvStream, pts: number): boolean =>
  input.format.seekFrameSync(stream.index, BigInt(Math.floor(pts)), AV.SEEK_BACKWARD) >= 0;

/** Decodes all frames and notes their timestamps, in presentation order. @param input just opened */
export async function decodeTimes(input: Input, threads: number, signal?: AbortSignal): Promise<number[]> {
  const stream = streamsOf(input).video!;
  input.only(stream.index);
  const decoder = input.decoder(stream, threads);
  try {
    const pts: number[] = [];
    const take = (_frame: AvFrame, time: number): void => {
      if (!Number.isNaN(time)) pts.push(time);
    };
    for (let p = await input.read(signal); p; p = await input.read(signal)) {
      if (p.streamIndex === stream.index) await decoder.decode(p, take);
    }
    await decoder.decode(null, take);
    return pts;
  } finally {
    decoder.close();
  }
}

function shown(stream: AvStream, frame: Pick<AvFrame, "width" | "height" | "sampleAspectRatio">): Size {
  const { rotation } = facts(stream);
  const own = frame.sampleAspectRatio.num > 0 ? frame.sampleAspectRatio : stream.sampleAspectRatio;
  const sar = own.num > 0 ? rational(own) : { num: 1, den: 1 };
  const turned = rotation === 90 || rotation === 270;
  return turned
    ? displayedSize({ width: frame.height, height: frame.width }, { num: sar.den, den: sar.num }, rotation)
    : displayedSize({ width: frame.width, height: frame.height }, sar, rotation);
}

/** Copies: a stream must not be looked at once its file is closed. */
const facts = (stream: AvStream) => ({
  index: stream.index,
  timeBase: rational(stream.timeBase),
  coded: { width: stream.codecpar.width, height: stream.codecpar.height },
  rotation: orientationOf(stream.codecpar.getCodedSideData(AV.PKT_DATA_DISPLAYMATRIX)).rotation,
});

const rational = ({ num, den }: { num: number; den: number }) => ({ num, den });

function tag<K extends string>(stream: AvStream, key: K): { [P in K]?: string } {
  const value = stream.metadata?.getAll()[key];
  return value && value !== "und" ? ({ [key]: value } as { [P in K]?: string }) : {};
}

function textSubtitles(streams: readonly AvStream[], name: (s: AvStream) => string, warnings: string[]): SubtitleStreamInfo[] {
  return streams.flatMap((s) => {
    const codec = name(s);
    if (!isPictureSubtitle(codec)) return [{ index: s.index, codec, ...tag(s, "language"), ...tag(s, "title") }];
    warnings.push(`subtitle stream ${s.index} (${codec}) holds pictures of text, which cannot be read`);
    return [];
  });
}
