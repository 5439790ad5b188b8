import type { AudioStreamInfo, SubtitleStreamInfo } from "../../../engine/ports.js";
import { throwIfAborted } from "../../../engine/errors.js";
import type { Scan, ScannedVideo, Size } from "../decoder.js";
import { displayedSize } from "../displayed.js";
import { limitExceeded, videoRefused, videoUnreadable } from "../errors.js";
import type { CheckedFile } from "../file.js";
import { buildTimeline, clockOf, isSteady, ticksToMs, type Rational, type TimelineEntry } from "../timeline.js";
import { isPictureSubtitle } from "../subtitles/codecs.js";
import { describesItself, hasExactSeeks, hasPacketTimes, seeksLate, tellsItsEnds } from "../whitelist.js";
import { QUIET, inputArgs } from "./args.js";
import { parseBanner, quarterTurn, type Banner, type BannerStream } from "./banner.js";
import { FramecrcReader, type CrcPacket, type CrcStream } from "./framecrc.js";
import { lineSplitter } from "./lines.js";
import { decodeTimes } from "./times.js";
import type { FfmpegProgram } from "./program.js";

/** Demuxes the file, or both of its ends, without decoding, then decodes one frame. */
export async function scan(ffmpeg: FfmpegProgram, file: CheckedFile, headMs: number, signal?: AbortSignal): Promise<Scan> {
  const ends = await readEnds(ffmpeg, file, headMs, signal);
  const packets = ends?.head ?? (await readPackets(ffmpeg, file, [], signal));
  const { banner } = packets;
  const warnings: string[] = [];
  const videoStream = banner.streams.find((s) => s.kind === "video" && !s.attachedPicture);
  const video = videoStream && packets.video ? await measureVideo(ffmpeg, file, videoStream, packets.video, packets, ends?.tail, signal) : undefined;
  throwIfAborted(signal);
  return {
    container: banner.container,
    ...(video ? { video } : {}),
    audio: banner.streams.filter((s) => s.kind === "audio").map(audioInfo),
    subtitles: textSubtitles(banner.streams, warnings),
    ...(packets.audioRange ? { audioRange: { startMs: packets.audioRange.startMs, endMs: ends?.tail.audioRange?.endMs ?? packets.audioRange.endMs } } : {}),
    declaredEndMs: banner.durationMs,
    damagedPackets: packets.damaged + (ends?.tail.damaged ?? 0),
    warnings,
  };
}

interface Packets {
  readonly banner: Banner;
  readonly video: CrcStream | undefined;
  /** By the times at which they are shown; where the container does not tell those, by the times at which they are decoded. */
  readonly entries: readonly TimelineEntry[];
  /** The container tells when each packet is shown. */
  readonly timed: boolean;
  /** Of all packets that were read. */
  readonly bytes: number;
  /** Of the pictures; empty without any. */
  readonly codec: string;
  /** The time of the first frame, where the packets leave no doubt: a keyframe, with no picture before it and none cut off. */
  readonly plainStart: number | undefined;
  /** See `Clock`. */
  readonly lead: number;
  readonly audioRange: { startMs: number; endMs: number } | undefined;
  readonly damaged: number;
}

const TO_HEADER = ["-nofind_stream_info"];
/** How far from the end the last packets are looked for. */
const TAIL_SECONDS = 3;

/**
 * The packets of the first `headMs` and of the end. Undefined when the film is not longer, or when
 * both ends do not tell enough: then all of it must be read.
 */
async function readEnds(ffmpeg: FfmpegProgram, file: CheckedFile, headMs: number, signal?: AbortSignal): Promise<{ head: Packets; tail: Packets } | undefined> {
  if (!Number.isFinite(headMs)) return undefined;
  const head = await readPackets(ffmpeg, file, ["-t", String(headMs / 1000)], signal);
  throwIfAborted(signal);
  const { banner, video, entries, audioRange } = head;
  if (banner.durationMs === undefined || banner.durationMs <= headMs) return undefined;
  if (!video || !entries || entries.length === 0) return undefined;
  const steady = isSteady({ bytes: file.bytes, durationMs: banner.durationMs }, { bytes: head.bytes, durationMs: headMs });
  if (!tellsItsEnds(banner.container, steady)) return undefined;
  const tail = await readPackets(ffmpeg, file, [...(describesItself(banner.container, head.codec) ? TO_HEADER : []), "-sseof", String(-TAIL_SECONDS)], signal);
  const sound = banner.streams.some((s) => s.kind === "audio");
  return tail.entries.length > 0 && (!sound || (audioRange && tail.audioRange)) ? { head, tail } : undefined;
}

async function readPackets(ffmpeg: FfmpegProgram, file: CheckedFile, before: readonly string[], signal?: AbortSignal): Promise<Packets> {
  const entries: TimelineEntry[] = [];
  const lead = new Lead();
  let untimed = false;
  let whole = true;
  let damaged = 0;
  let bytes = 0;
  let first = Infinity;
  let last = -Infinity;
  const reader: FramecrcReader = new FramecrcReader((p) => {
    const media = reader.streams[p.stream]?.media;
    bytes += p.bytes;
    if (p.damaged) damaged++;
    if (p.damaged || p.discarded) {
      whole &&= media !== "video";
      return;
    }
    if (media === "video") {
      if (Number.isNaN(p.pts)) {
        untimed = true;
        if (!Number.isNaN(p.dts)) entries.push({ pts: p.dts, duration: p.duration, key: p.key });
      } else {
        entries.push(p);
        lead.push(p);
      }
    } else if (media === "audio" && !Number.isNaN(p.pts)) {
      first = Math.min(first, p.pts);
      last = Math.max(last, p.pts + p.duration);
    }
  });
  const lines = lineSplitter((line) => reader.line(line));
  const args = [
    ...QUIET, "-copyts", ...inputArgs(file, ffmpeg.limits, before),
    // V: video without cover art. Copying decodes nothing.
    "-map", "0:V:0?", "-map", "0:a:0?", "-c", "copy", "-f", "framecrc", "pipe:1",
  ];
  const result = await ffmpeg.run({ args, onStdout: (chunk) => lines.push(chunk) }, signal);
  lines.end();
  const banner = parseBanner(result.head);
  if (!banner) throw openError(file, result.head, result.tail);
  const audio = reader.streams.find((s) => s?.media === "audio");
  return {
    banner,
    video: reader.streams.find((s) => s?.media === "video"),
    entries,
    timed: !untimed && hasPacketTimes(banner.container),
    bytes,
    codec: banner.streams.find((s) => s.kind === "video" && !s.attachedPicture)?.codec ?? "",
    plainStart: whole && !untimed && entries[0]?.key && entries.every(({ pts }) => pts >= entries[0]!.pts) ? entries[0].pts : undefined,
    lead: lead.ticks,
    audioRange: audio && last > first ? { startMs: ticksToMs(first, audio.timeBase), endMs: ticksToMs(last, audio.timeBase) } : undefined,
    damaged,
  };
}

/** Measures how far before their time keyframes are read that are followed by earlier pictures. */
class Lead {
  ticks = 0;
  private key: { readonly pts: number; readonly ahead: number } | undefined;

  push({ pts, dts, key }: CrcPacket): void {
    if (key) this.key = { pts, ahead: pts - dts };
    else if (this.key && pts < this.key.pts) this.ticks = Math.max(this.ticks, this.key.ahead);
  }
}

async function measureVideo(
  ffmpeg: FfmpegProgram,
  file: CheckedFile,
  stream: BannerStream,
  crc: CrcStream,
  { banner, entries, timed, plainStart, lead }: Packets,
  /** The end of a film of which the packets are the beginning. */
  tail: Packets | undefined,
  signal?: AbortSignal,
): Promise<ScannedVideo> {
  if (crc.width * crc.height > ffmpeg.limits.maxPixels) {
    throw limitExceeded(file.path, `${crc.width} x ${crc.height} pixels is more than the limit`);
  }
  const rotation = quarterTurn(stream.matrixRotation ?? 0);
  // Opening a film decodes some frames already: where its packets leave no doubt which is the first, that is enough.
  const plain = timed && tail !== undefined && plainStart !== undefined;
  const frame = plain ? { pts: [plainStart], picture: upright(crc, rotation), stderr: "" } : await decodeTimes(ffmpeg, file, stream.index, crc.timeBase, timed || tail ? 1 : undefined, signal);
  const [first] = frame.pts;
  const { picture } = frame;
  if (first === undefined || !picture) throw videoUnreadable(file.path, "no frame of it could be decoded", frame.stderr);
  // Pictures are shown as long after they are decoded as the first one is.
  const delay = timed || entries.length === 0 ? 0 : Math.max(0, first - entries[0]!.pts);
  const shown = (list: readonly TimelineEntry[]): readonly TimelineEntry[] => (delay === 0 ? list : list.map((entry) => ({ ...entry, pts: entry.pts + delay })));
  const timeline = timed || tail
    ? buildTimeline(shown(entries), crc.timeBase, first, hasExactSeeks(banner.container))
    : buildTimeline(frame.pts.map((pts) => ({ pts, duration: 0, key: true })), crc.timeBase, first, false);
  const last = tail && buildTimeline(shown(tail.entries), crc.timeBase, shown(tail.entries)[0]!.pts, true);
  return {
    index: stream.index,
    codec: stream.codec,
    displayed: displayedSize(picture, picture.sar, rotation),
    coded: { width: crc.width, height: crc.height },
    rotation,
    described: describesItself(banner.container, stream.codec),
    timed,
    exactSeeks: !seeksLate(banner.container),
    clock: clockOf(timeline, last?.endPts, lead),
    timeline: last ? undefined : timeline,
  };
}

/** The size and samples of a picture as they are once it is turned. */
function upright({ width, height, sar }: CrcStream, rotation: number): Size & { readonly sar: Rational } {
  return rotation === 90 || rotation === 270 ? { width: height, height: width, sar: { num: sar.den, den: sar.num } } : { width, height, sar };
}

const audioInfo = (s: BannerStream): AudioStreamInfo => ({
  index: s.index,
  codec: s.codec,
  sampleRate: s.sampleRate ?? 0,
  channels: s.channels ?? 0,
  ...(s.language ? { language: s.language } : {}),
});

function textSubtitles(streams: readonly BannerStream[], warnings: string[]): SubtitleStreamInfo[] {
  const texts: SubtitleStreamInfo[] = [];
  for (const s of streams) {
    if (s.kind !== "subtitle") continue;
    if (isPictureSubtitle(s.codec)) {
      warnings.push(`subtitle stream ${s.index} (${s.codec}) holds pictures of text, which cannot be read`);
      continue;
    }
    texts.push({ index: s.index, codec: s.codec, ...(s.language ? { language: s.language } : {}), ...(s.title ? { title: s.title } : {}) });
  }
  return texts;
}

function openError(file: CheckedFile, head: string, tail: string): Error {
  if (head.includes("Format not on whitelist")) return videoRefused(file.path, "its format is not one that VQA opens");
  if (head.includes("moov atom not found")) return videoUnreadable(file.path, "it is truncated or not an mp4 (its index, the moov atom, is missing)", tail);
  return videoUnreadable(file.path, "ffmpeg does not recognise it", tail);
}
