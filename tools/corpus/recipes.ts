/**
 * The kinds of files that people have, small and with their frame numbers burnt in. A recipe is a list
 * of ffmpeg arguments; damage is done to the bytes afterwards.
 */

export interface Recipe {
  readonly name: string;
  /** Encoder that must be there; none for copies of other files. */
  readonly encoder?: string;
  readonly width?: number;
  readonly height?: number;
  /** Filters behind the numbering. */
  readonly filters?: string;
  /** Codec and muxer options. */
  readonly args: readonly string[];
  /** Made from this file instead of from drawn pictures. */
  readonly from?: string;
  /** In front of `-i`, for files made from others. */
  readonly before?: readonly string[];
  readonly seconds?: number;
  readonly frameRate?: number;
  /** Done to the bytes of `from`, without ffmpeg. */
  readonly damage?: (bytes: Buffer) => Buffer;
  /** Only there for others to be made from. */
  readonly source?: boolean;
  /** No picture is expected. */
  readonly soundOnly?: boolean;
}

export const SIZE = { width: 320, height: 180 } as const;
export const SECONDS = 8;
export const RATE = 25;

const X264 = ["-c:v", "libx264", "-preset", "veryfast", "-g", "50", "-sc_threshold", "0", "-bf", "3", "-x264-params", "threads=1"];
const PLAIN = ["-pix_fmt", "yuv420p"];
const h264 = (name: string, args: readonly string[] = [], more: Partial<Recipe> = {}): Recipe => ({ name, encoder: "libx264", args: [...X264, ...PLAIN, ...args], ...more });
const x265 = (params: string): string[] => ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", `log-level=error:pools=1:frame-threads=1:keyint=50:${params}`];
const hevc = (name: string, params: string, args: readonly string[] = PLAIN): Recipe => ({ name, encoder: "libx265", args: [...x265(params), ...args] });

/** Deterministic: every 7919th byte behind the first part, where headers and indices are. */
const flipBits = (part: number) => (bytes: Buffer): Buffer => {
  const out = Buffer.from(bytes);
  for (let at = Math.floor(bytes.length * part); at < bytes.length * (1 - part); at += 7919) out[at]! ^= 1 << at % 8;
  return out;
};
const cut = (part: number) => (bytes: Buffer): Buffer => bytes.subarray(0, Math.floor(bytes.length * part));

export const RECIPES: readonly Recipe[] = [
  // Containers.
  h264("h264.mp4"),
  h264("h264.mov"),
  h264("h264.mkv"),
  h264("h264.avi", ["-bf", "0"]),
  h264("h264.mpegts", ["-f", "mpegts"]),
  h264("h264.flv"),
  h264("fragmented.mp4", ["-movflags", "frag_keyframe+empty_moov+default_base_moof"]),
  h264("no-index.mkv", ["-f", "matroska", "-live", "1"]),
  // Codecs.
  hevc("hevc-closed.mp4", "open-gop=0"),
  hevc("hevc-open.mkv", "open-gop=1"),
  hevc("hevc-layers.mp4", "temporal-layers=3:b-adapt=0:bframes=3"),
  { name: "vp8.webm", encoder: "libvpx", args: ["-c:v", "libvpx", "-g", "50", "-b:v", "400k", "-deadline", "realtime", "-cpu-used", "8", ...PLAIN] },
  { name: "vp9.webm", encoder: "libvpx-vp9", args: ["-c:v", "libvpx-vp9", "-g", "50", "-b:v", "400k", "-auto-alt-ref", "1", "-lag-in-frames", "16", "-deadline", "realtime", "-cpu-used", "8", ...PLAIN] },
  { name: "av1.webm", encoder: "libsvtav1", args: ["-c:v", "libsvtav1", "-preset", "12", "-g", "50", "-svtav1-params", "lp=1", ...PLAIN] },
  { name: "av1.mp4", encoder: "libaom-av1", args: ["-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-g", "50", "-b:v", "300k", ...PLAIN] },
  { name: "mpeg4.avi", encoder: "mpeg4", args: ["-c:v", "mpeg4", "-q:v", "4", "-bf", "2", "-g", "50", ...PLAIN] },
  { name: "mpeg4.mp4", encoder: "mpeg4", args: ["-c:v", "mpeg4", "-q:v", "4", "-bf", "2", "-g", "50", ...PLAIN] },
  { name: "xvid.avi", encoder: "libxvid", args: ["-c:v", "libxvid", "-q:v", "4", "-bf", "2", "-g", "50", ...PLAIN] },
  { name: "mpeg2.mpegts", encoder: "mpeg2video", args: ["-c:v", "mpeg2video", "-q:v", "4", "-bf", "2", "-g", "15", "-f", "mpegts", ...PLAIN] },
  { name: "mpeg2.mpg", encoder: "mpeg2video", args: ["-c:v", "mpeg2video", "-q:v", "4", "-bf", "2", "-g", "15", "-f", "mpeg", ...PLAIN] },
  { name: "mjpeg.mov", encoder: "mjpeg", args: ["-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p"] },
  { name: "prores.mov", encoder: "prores_ks", args: ["-c:v", "prores_ks", "-profile:v", "0"] },
  // Groups of pictures.
  h264("open-gop.mp4", ["-x264-params", "threads=1:open-gop=1"]),
  h264("open-gop.mkv", ["-x264-params", "threads=1:open-gop=1"]),
  h264("all-key.mp4", ["-g", "1"]),
  h264("one-gop.mp4", ["-g", "9999"]),
  h264("no-b.mp4", ["-bf", "0"]),
  h264("deep-b.mp4", ["-bf", "8", "-refs", "6", "-preset", "medium", "-x264-params", "threads=1:b-pyramid=normal"]),
  h264("intra-refresh.mp4", ["-x264-params", "threads=1:intra-refresh=1"]),
  // Time.
  h264("uneven.mkv", ["-fps_mode", "vfr", "-enc_time_base", "1/1000"], { filters: "settb=1/1000,setpts='37*N+5*mod(N\\,7)*mod(N\\,3)'" }),
  h264("uneven.mp4", ["-fps_mode", "vfr", "-enc_time_base", "1/1000"], { filters: "settb=1/1000,setpts='37*N+5*mod(N\\,7)*mod(N\\,3)'" }),
  h264("gap.mp4", ["-fps_mode", "vfr"], { filters: "setpts='PTS+gte(N\\,100)*5/TB'" }),
  h264("ntsc.mp4", [], { frameRate: 30000 / 1001 }),
  { name: "edit-list.mp4", from: "h264.mp4", before: ["-ss", "1.3"], args: ["-c", "copy"] },
  { name: "edit-list.mov", from: "open-gop.mp4", before: ["-ss", "2.7"], args: ["-c", "copy"] },
  h264("late-start.mp4", ["-output_ts_offset", "3.5"]),
  h264("late-start.mkv", ["-output_ts_offset", "3.5"]),
  h264("late-start.mpegts", ["-output_ts_offset", "100", "-f", "mpegts"]),
  h264("wraps.mpegts", ["-output_ts_offset", "95440", "-f", "mpegts"]),
  // Geometry and pixels.
  h264("lying-90.mp4", [], { filters: "transpose=clock", source: true }),
  h264("lying-180.mp4", [], { filters: "hflip,vflip", source: true }),
  h264("lying-270.mp4", [], { filters: "transpose=cclock", source: true }),
  { name: "rotated-90.mp4", from: "lying-90.mp4", args: ["-c", "copy", "-metadata:s:v:0", "rotate=90"] },
  { name: "rotated-180.mp4", from: "lying-180.mp4", args: ["-c", "copy", "-metadata:s:v:0", "rotate=180"] },
  { name: "rotated-270.mov", from: "lying-270.mp4", args: ["-c", "copy", "-metadata:s:v:0", "rotate=270"] },
  h264("samples-4-3.mp4", [], { filters: "scale=240:180,setsar=4/3" }),
  h264("odd-size.mkv", ["-pix_fmt", "yuv444p"], { width: 321, height: 181 }),
  h264("tiny.mp4", [], { width: 64, height: 32 }),
  h264("ten-bit.mkv", ["-pix_fmt", "yuv420p10le"]),
  hevc("hevc-ten-bit.mp4", "open-gop=1", ["-pix_fmt", "yuv420p10le", "-tag:v", "hvc1"]),
  h264("full-range.mp4", ["-pix_fmt", "yuvj420p", "-color_range", "pc"]),
  h264("interlaced.mp4", ["-flags", "+ildct+ilme", "-x264-params", "threads=1:tff=1"]),
  { name: "interlaced.mpegts", encoder: "mpeg2video", args: ["-c:v", "mpeg2video", "-q:v", "4", "-bf", "2", "-g", "15", "-flags", "+ildct+ilme", "-top", "1", "-f", "mpegts", ...PLAIN] },
  // Lengths.
  h264("one-frame.mp4", ["-frames:v", "1"]),
  h264("two-frames.mkv", ["-frames:v", "2"]),
  h264("one-hour.mp4", ["-preset", "ultrafast", "-bf", "2", "-g", "20"], { seconds: 3600, frameRate: 2, width: 160, height: 96 }),
  { name: "sound-only.m4a", from: "tone", args: ["-c:a", "aac"], soundOnly: true },
  // Damage.
  h264("front-index.mp4", ["-movflags", "+faststart"]),
  { name: "truncated.mp4", from: "front-index.mp4", args: [], damage: cut(0.6) },
  { name: "truncated.mkv", from: "h264.mkv", args: [], damage: cut(0.6) },
  { name: "truncated.mpegts", from: "h264.mpegts", args: [], damage: cut(0.6) },
  { name: "truncated.avi", from: "mpeg4.avi", args: [], damage: cut(0.6) },
  { name: "bit-flipped.mp4", from: "front-index.mp4", args: [], damage: flipBits(0.2) },
  { name: "bit-flipped.mkv", from: "h264.mkv", args: [], damage: flipBits(0.2) },
  { name: "bit-flipped.mpegts", from: "h264.mpegts", args: [], damage: flipBits(0.2) },
];
