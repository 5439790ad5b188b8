import type { SubtitleStreamInfo } from "../../../engine/ports.js";
import type { Scan, ScannedVideo } from "../decoder.js";
import { displayedSize } from "../displayed.js";
import { limitExceeded, videoUnreadable } from "../errors.js";
import type { CheckedFile } from "../file.js";
import type { MediaLimits } from "../limits.js";
import { isPictureSubtitle } from "../subtitles/codecs.js";
import { buildTimeline, ticksToMs, type TimelineEntry } from "../timeline.js";
import { hasPacketTimes } from "../whitelist.js";
import { AV, type AvFrame, type AvStream, type Binding } from "./binding.js";
import { Input } from "./input.js";
import { orientationOf } from "./matrix.js";

/** Streams in the order of the file, as far as they are looked at. */
export function streamsOf(input: Input): { video?: AvStream; audio: AvStream[]; subtitles: AvStream[] } {
  const { streams } = input.format;
  const ofType = (type: number): AvStream[] => streams.filter((s) => s.codecpar.codecType === type);
  const pictures = AV.DISPOSITION_ATTACHED_PIC | AV.DISPOSITION_TIMED_THUMBNAILS;
  const video = ofType(AV.MEDIA_VIDEO).find((s) => (s.disposition & pictures) === 0);
  return { ...(video ? { video } : {}), audio: ofType(AV.MEDIA_AUDIO), subtitles: ofType(AV.MEDIA_SUBTITLE) };
}

/** Reads all packets once without decoding, then decodes one frame. */
export async function scan(binding: Binding, file: CheckedFile, limits: MediaLimits, threads: number, signal?: AbortSignal): Promise<Scan> {
  const input = await Input.open(binding, file, limits, signal);
  try {
    const { video, audio, subtitles } = streamsOf(input);
    const sound = audio[0];
    if (video && video.codecpar.width * video.codecpar.height > limits.maxPixels) {
      throw limitExceeded(file.path, `${video.codecpar.width} x ${video.codecpar.height} pixels is more than the limit`);
    }
    input.only(...[video?.index, sound?.index].filter((i) => i !== undefined));
    const packets = await readPackets(input, video?.index, sound?.index, signal);
    const warnings: string[] = [];
    const name = (s: AvStream): string => binding.lib.avGetCodecName(s.codecpar.codecId) ?? "unknown";
    const found = video && packets.videoPackets > 0 ? await measure(binding, file, limits, threads, name(video), packets.entries, signal) : undefined;
    const range = sound && packets.last > packets.first ? packets : undefined;
    return {
      container: input.container,
      ...(found ? { video: found } : {}),
      audio: audio.map((s) => ({ index: s.index, codec: name(s), sampleRate: s.codecpar.sampleRate, channels: s.codecpar.channels, ...tag(s, "language") })),
      subtitles: textSubtitles(subtitles, name, warnings),
      ...(range ? { audioRange: { startMs: ticksToMs(range.first, sound!.timeBase), endMs: ticksToMs(range.last, sound!.timeBase) } } : {}),
      declaredEndMs: input.format.duration > 0n ? Number(input.format.duration) / 1000 : undefined,
      damagedPackets: packets.damaged,
      warnings,
    };
  } finally {
    await input.close();
  }
}

async function readPackets(input: Input, video: number | undefined, audio: number | undefined, signal?: AbortSignal) {
  const entries: TimelineEntry[] = [];
  let [untimed, started] = [false, false];
  let [damaged, videoPackets, first, last] = [0, 0, Infinity, -Infinity];
  for (let p = await input.read(signal); p; p = await input.read(signal)) {
    if (p.streamIndex === video) {
      videoPackets++;
      // Nothing decodes before the first keyframe.
      started ||= p.isKeyframe;
    }
    if (p.flags & AV.PKT_CORRUPT) damaged++;
    if (p.flags & (AV.PKT_CORRUPT | AV.PKT_DISCARD)) continue;
    const [pts, duration] = [Number(p.pts), Number(p.duration)];
    if (p.streamIndex === video) {
      if (p.pts === AV.NOPTS) untimed = true;
      else if (started) entries.push({ pts, duration, key: p.isKeyframe });
    } else if (p.streamIndex === audio && p.pts !== AV.NOPTS) {
      first = Math.min(first, pts);
      last = Math.max(last, pts + duration);
    }
  }
  return { entries: untimed || !hasPacketTimes(input.container) ? undefined : entries, damaged, videoPackets, first, last };
}

/** Opens the file anew: decoding begins at its start, where not every container can seek back to. */
async function measure(
  binding: Binding,
  file: CheckedFile,
  limits: MediaLimits,
  threads: number,
  codec: string,
  entries: readonly TimelineEntry[] | undefined,
  signal?: AbortSignal,
): Promise<ScannedVideo> {
  const { stream, picture, pts } = await decodeTimes(binding, file, limits, threads, entries ? 1 : Infinity, signal);
  if (!picture || pts.length === 0) throw videoUnreadable(file.path, "no frame of it could be decoded");
  const { rotation } = stream;
  const turned = rotation === 90 || rotation === 270;
  const sar = turned ? { num: picture.sar.den, den: picture.sar.num } : picture.sar;
  const upright = turned ? { width: picture.height, height: picture.width } : picture;
  return {
    index: stream.index,
    codec,
    displayed: displayedSize(upright, sar, rotation),
    coded: stream.coded,
    rotation,
    // Every seek is checked by the keyframe that it was for: see grab.ts.
    timeline: entries
      ? buildTimeline(entries, stream.timeBase, pts[0]!, true)
      : buildTimeline(pts.map((p) => ({ pts: p, duration: 0, key: true })), stream.timeBase, pts[0]!, false),
  };
}

/** Decodes the first `count` frames and notes their timestamps, in presentation order. */
export async function decodeTimes(binding: Binding, file: CheckedFile, limits: MediaLimits, threads: number, count: number, signal?: AbortSignal) {
  const input = await Input.open(binding, file, limits, signal);
  try {
    const stream = streamsOf(input).video!;
    input.only(stream.index);
    const decoder = await input.decoder(stream, threads);
    try {
      const pts: number[] = [];
      let picture: { width: number; height: number; sar: { num: number; den: number } } | undefined;
      const take = async (frame: AvFrame, time: number): Promise<void> => {
        const sar = frame.sampleAspectRatio.num > 0 ? frame.sampleAspectRatio : stream.sampleAspectRatio;
        picture ??= { width: frame.width, height: frame.height, sar: sar.num > 0 ? rational(sar) : { num: 1, den: 1 } };
        // Without any time, a frame cannot be asked for.
        if (pts.length < count && !Number.isNaN(time)) pts.push(time);
      };
      for (let p = await input.read(signal); p && pts.length < count; p = await input.read(signal)) {
        if (p.streamIndex === stream.index) await decoder.decode(p, take);
      }
      if (pts.length < count) await decoder.decode(null, take);
      return { stream: factsOf(stream), picture, pts };
    } finally {
      decoder.close();
    }
  } finally {
    await input.close();
  }
}

/** Copies: a stream must not be looked at once its file is closed. */
const factsOf = (stream: AvStream) => ({
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
