import type { AudioStreamInfo, SubtitleStreamInfo } from "../../../engine/ports.js";
import { throwIfAborted } from "../../../engine/errors.js";
import type { Scan, ScannedVideo } from "../decoder.js";
import { displayedSize } from "../displayed.js";
import { limitExceeded, videoRefused, videoUnreadable } from "../errors.js";
import type { CheckedFile } from "../file.js";
import { buildTimeline, ticksToMs, type TimelineEntry } from "../timeline.js";
import { isPictureSubtitle } from "../subtitles/codecs.js";
import { hasExactSeeks, hasPacketTimes } from "../whitelist.js";
import { QUIET, inputArgs } from "./args.js";
import { parseBanner, quarterTurn, type Banner, type BannerStream } from "./banner.js";
import { FramecrcReader, type CrcStream } from "./framecrc.js";
import { lineSplitter } from "./lines.js";
import { decodeTimes } from "./times.js";
import type { FfmpegProgram } from "./program.js";

/** Demuxes the whole file once without decoding, then decodes one frame. */
export async function scan(ffmpeg: FfmpegProgram, file: CheckedFile, signal?: AbortSignal): Promise<Scan> {
  const packets = await readPackets(ffmpeg, file, signal);
  const { banner } = packets;
  const warnings: string[] = [];
  const videoStream = banner.streams.find((s) => s.kind === "video" && !s.attachedPicture);
  const video = videoStream && packets.video ? await measureVideo(ffmpeg, file, banner, videoStream, packets.video, packets.entries, signal) : undefined;
  throwIfAborted(signal);
  return {
    container: banner.container,
    ...(video ? { video } : {}),
    audio: banner.streams.filter((s) => s.kind === "audio").map(audioInfo),
    subtitles: textSubtitles(banner.streams, warnings),
    ...(packets.audioRange ? { audioRange: packets.audioRange } : {}),
    declaredEndMs: banner.durationMs,
    damagedPackets: packets.damaged,
    warnings,
  };
}

interface Packets {
  readonly banner: Banner;
  readonly video: CrcStream | undefined;
  /** Undefined when the container does not time each packet. */
  readonly entries: readonly TimelineEntry[] | undefined;
  readonly audioRange: { startMs: number; endMs: number } | undefined;
  readonly damaged: number;
}

async function readPackets(ffmpeg: FfmpegProgram, file: CheckedFile, signal?: AbortSignal): Promise<Packets> {
  const entries: TimelineEntry[] = [];
  let untimed = false;
  let damaged = 0;
  let first = Infinity;
  let last = -Infinity;
  const reader: FramecrcReader = new FramecrcReader((p) => {
    if (p.damaged) damaged++;
    if (p.damaged || p.discarded) return;
    const media = reader.streams[p.stream]?.media;
    if (media === "video") {
      if (Number.isNaN(p.pts)) untimed = true;
      else entries.push(p);
    } else if (media === "audio" && !Number.isNaN(p.pts)) {
      first = Math.min(first, p.pts);
      last = Math.max(last, p.pts + p.duration);
    }
  });
  const lines = lineSplitter((line) => reader.line(line));
  const args = [
    ...QUIET, "-copyts", ...inputArgs(file, ffmpeg.limits),
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
    entries: untimed || !hasPacketTimes(banner.container) ? undefined : entries,
    audioRange: audio && last > first ? { startMs: ticksToMs(first, audio.timeBase), endMs: ticksToMs(last, audio.timeBase) } : undefined,
    damaged,
  };
}

async function measureVideo(
  ffmpeg: FfmpegProgram,
  file: CheckedFile,
  banner: Banner,
  stream: BannerStream,
  crc: CrcStream,
  entries: readonly TimelineEntry[] | undefined,
  signal?: AbortSignal,
): Promise<ScannedVideo> {
  if (crc.width * crc.height > ffmpeg.limits.maxPixels) {
    throw limitExceeded(file.path, `${crc.width} x ${crc.height} pixels is more than the limit`);
  }
  const frame = await decodeTimes(ffmpeg, file, stream.index, crc.timeBase, entries ? 1 : undefined, signal);
  const first = frame.pts[0];
  if (first === undefined || !frame.picture) throw videoUnreadable(file.path, "no frame of it could be decoded", frame.stderr);
  const rotation = quarterTurn(stream.matrixRotation ?? 0);
  const { picture } = frame;
  return {
    index: stream.index,
    codec: stream.codec,
    displayed: displayedSize(picture, picture.sar, rotation),
    coded: { width: crc.width, height: crc.height },
    rotation,
    timeline: entries
      ? buildTimeline(entries, crc.timeBase, first, hasExactSeeks(banner.container))
      : buildTimeline(frame.pts.map((pts) => ({ pts, duration: 0, key: true })), crc.timeBase, first, false),
  };
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
