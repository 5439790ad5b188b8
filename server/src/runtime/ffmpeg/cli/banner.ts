/**
 * Reads the description that `ffmpeg -i` prints of an input (libavformat's av_dump_format).
 * Lines are anchored: metadata values are printed indented after "key : ", and a line break inside
 * a value is printed as an indented ": " line, so that a title cannot pass for a stream. Even the
 * name of a tag is the file's to choose; ffmpeg 4 indents streams as far as tags of the file, but
 * all of those stand before the duration.
 */
export interface BannerStream {
  readonly index: number;
  readonly kind: "video" | "audio" | "subtitle";
  readonly codec: string;
  readonly language?: string;
  readonly title?: string;
  /** Cover art and thumbnails are no video. */
  readonly attachedPicture: boolean;
  readonly sampleRate?: number;
  readonly channels?: number;
  /** Degrees counter-clockwise, as printed for the display matrix. */
  readonly matrixRotation?: number;
}

export interface Banner {
  readonly container: string;
  /** Milliseconds, printed to 10 ms; undefined for N/A and for estimates from the bit rate. */
  readonly durationMs: number | undefined;
  readonly streams: readonly BannerStream[];
}

const INPUT = /^Input #0, (.+), from '/;
const DURATION = /^ {2}Duration: (\d+):(\d\d):(\d\d)\.(\d\d), /;
const STREAM = /^ {2}(?: {2})?Stream #0:(\d+)(?:\[0x[0-9a-f]+\])?(?:\(([^)]*)\))?: (Video|Audio|Subtitle): ([^\s,]+)(.*)$/;
const TITLE = /^ {6}title {11}: (.*)$/;
const MATRIX = /^ {6}displaymatrix: rotation of (-?\d+(?:\.\d+)?) degrees/;

/** Undefined when the program opened nothing. */
export function parseBanner(stderr: string): Banner | undefined {
  const lines = stderr.split(/\r?\n/);
  const start = lines.findIndex((line) => INPUT.test(line));
  if (start < 0) return undefined;
  const estimated = lines.slice(0, start).some((line) => line.includes("Estimating duration from bitrate"));
  let durationMs: number | undefined;
  let pastDuration = false;
  const streams: { -readonly [K in keyof BannerStream]: BannerStream[K] }[] = [];
  let current: (typeof streams)[number] | undefined;
  for (const line of lines.slice(start + 1)) {
    // The dump of the output follows: its streams are not the file's.
    if (/^(Stream mapping:|Output #0)/.test(line)) break;
    pastDuration ||= line.startsWith("  Duration: ");
    const duration = DURATION.exec(line);
    if (duration && !estimated) {
      const [, h, m, s, cs] = duration.map(Number) as [number, number, number, number, number];
      durationMs ??= ((h * 60 + m) * 60 + s) * 1000 + cs * 10;
      continue;
    }
    const stream = pastDuration ? STREAM.exec(line) : undefined;
    if (stream) {
      current = streamOf(stream);
      streams.push(current);
      continue;
    }
    // Streams of other kinds (data, attachment) end the section of the one before.
    if (/^ {2,4}Stream #0:/.test(line)) current = undefined;
    const title = TITLE.exec(line)?.[1];
    if (current && title !== undefined) current.title ??= title;
    const matrix = MATRIX.exec(line)?.[1];
    if (current && matrix !== undefined) current.matrixRotation ??= Number(matrix);
  }
  return { container: INPUT.exec(lines[start]!)![1]!, durationMs, streams };
}

function streamOf(match: RegExpExecArray): { -readonly [K in keyof BannerStream]: BannerStream[K] } {
  const [, index, language, kind, codec, rest] = match as unknown as [string, string, string | undefined, string, string, string];
  return {
    index: Number(index),
    kind: kind.toLowerCase() as BannerStream["kind"],
    codec,
    attachedPicture: /\((attached pic|timed thumbnails)\)/.test(rest),
    ...(language && language !== "und" ? { language } : {}),
    ...(kind === "Audio" ? audioFacts(rest) : {}),
  };
}

function audioFacts(rest: string): { sampleRate?: number; channels?: number } {
  const match = /, (\d+) Hz, ([^,]+)/.exec(rest);
  if (!match) return {};
  return { sampleRate: Number(match[1]), channels: channelCount(match[2]!) };
}

const NAMED_LAYOUTS: Readonly<Record<string, number>> = { mono: 1, stereo: 2, downmix: 2, quad: 4, hexagonal: 6, octagonal: 8, cube: 8 };

/** "stereo" 2, "5.1(side)" 6, "22.2" 24, "3 channels" 3, "ambisonic 1" 4; 0 when unknown. */
function channelCount(layout: string): number {
  const text = layout.trim();
  const counted = /^(\d+) channels/.exec(text);
  if (counted) return Number(counted[1]);
  const ambisonic = /^ambisonic (\d+)/.exec(text);
  if (ambisonic) return (Number(ambisonic[1]) + 1) ** 2;
  const dotted = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  if (dotted) return Number(dotted[1]) + Number(dotted[2]) + Number(dotted[3] ?? 0);
  return NAMED_LAYOUTS[text.replace(/\(.*/, "")] ?? 0;
}

/** Clockwise quarter turns from the printed counter-clockwise angle. */
export function quarterTurn(degreesCcw: number): 0 | 90 | 180 | 270 {
  return ((((Math.round(-degreesCcw / 90) % 4) + 4) % 4) * 90) as 0 | 90 | 180 | 270;
}
