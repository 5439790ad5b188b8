/**
 * Reads the output of ffmpeg's `framecrc` muxer: a header with the streams, then one line a packet,
 * "stream, dts, pts, duration, size, crc[, F=flags][, side data]". It is the exact, machine-readable
 * account of a file that ffmpeg-static gives without ffprobe.
 */
import type { Rational } from "../timeline.js";

export interface CrcStream {
  media: "video" | "audio" | "other";
  timeBase: Rational;
  width: number;
  height: number;
  /** Sample aspect ratio; 1/1 when the file does not say. */
  sar: Rational;
}

export interface CrcPacket {
  readonly stream: number;
  /** NaN when the container gives none; so `pts`. */
  readonly dts: number;
  readonly pts: number;
  readonly duration: number;
  readonly bytes: number;
  readonly key: boolean;
  readonly damaged: boolean;
  /** Decoded but never shown: before the start of an edit list. */
  readonly discarded: boolean;
}

const HEADER = /^#(\w+) (\d+): (.+)$/;
/** AV_PKT_FLAG_KEY, _CORRUPT, _DISCARD of libavcodec/packet.h. A line without flags is a plain key packet. */
const KEY = 1;
const CORRUPT = 2;
const DISCARD = 4;
const NO_PTS = "-9223372036854775808";

export class FramecrcReader {
  readonly streams: CrcStream[] = [];

  constructor(private readonly onPacket: (packet: CrcPacket) => void) {}

  line(line: string): void {
    if (line.startsWith("#")) this.header(line);
    else if (line) this.packet(line);
  }

  private header(line: string): void {
    const match = HEADER.exec(line);
    if (!match) return;
    const [, name, index, value] = match as unknown as [string, string, string, string];
    const stream = (this.streams[Number(index)] ??= { media: "other", timeBase: { num: 1, den: 1 }, width: 0, height: 0, sar: { num: 1, den: 1 } });
    if (name === "tb") stream.timeBase = ratio(value, "/");
    else if (name === "media_type") stream.media = value === "video" || value === "audio" ? value : "other";
    else if (name === "dimensions") ({ num: stream.width, den: stream.height } = ratio(value, "x"));
    else if (name === "sar") {
      const sar = ratio(value, "/");
      if (sar.num > 0 && sar.den > 0) stream.sar = sar;
    }
  }

  private packet(line: string): void {
    const fields = line.split(",").map((field) => field.trim());
    const flagField = fields.find((field) => field.startsWith("F="));
    const flags = flagField ? Number(flagField.slice(2)) : KEY;
    this.onPacket({
      stream: Number(fields[0]),
      dts: ticks(fields[1]),
      pts: ticks(fields[2]),
      duration: Number(fields[3]),
      bytes: Number(fields[4]),
      key: (flags & KEY) !== 0,
      damaged: (flags & CORRUPT) !== 0,
      discarded: (flags & DISCARD) !== 0,
    });
  }
}

const ticks = (text: string | undefined): number => (text === undefined || text === NO_PTS ? Number.NaN : Number(text));

function ratio(text: string, separator: string): Rational {
  const [num = 0, den = 0] = text.split(separator).map(Number);
  return { num, den };
}
