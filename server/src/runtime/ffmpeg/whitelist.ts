/**
 * What a decoder may open. A playlist or a concat script that is named `.mp4` makes ffmpeg read
 * other local files even when only the `file` protocol is allowed, so the demuxers are listed too:
 * every demuxer here reads one file and nothing else.
 */
export const PROTOCOLS = "file";

export const FORMATS = [
  "mov", "mp4", "m4a", "3gp", "3g2", "mj2",
  "matroska", "webm",
  "avi", "mpegts", "mpeg", "flv", "ogg", "asf",
  "mp3", "wav", "w64", "flac", "aac", "aiff", "caf", "ac3", "eac3",
].join(",");

/** Containers where every packet has its own presentation time, so demuxing alone gives the timeline. */
const TIMED = ["mov", "matroska", "webm", "mpegts", "flv"];
/** Containers whose seeks land on the keyframe before the time that was asked for. */
const SEEKABLE = ["mov", "matroska", "webm", "flv"];

/** Containers whose header says when the file ends, on a clock that begins at zero; others are guessed from what is there. */
const DECLARING = ["mov", "matroska", "webm", "avi", "flv"];

/** Containers with an index and a length, of which both ends tell enough. */
const INDEXED = ["mov", "matroska", "webm", "avi"];
/** The same, as long as their clock runs on from the start to the end. */
const CLOCKED = ["mpegts"];

/** Containers that say when each packet is decoded, too. */
const DECODING_TIMED = ["mov"];
/** Containers whose header says all that a decoder of these codecs needs to begin. */
const DESCRIBED = ["mov", "matroska", "webm"];
const DESCRIBED_CODECS = ["h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mjpeg", "prores"];

const among = (container: string, names: readonly string[]): boolean =>
  container.split(",").some((name) => names.includes(name));

export const hasPacketTimes = (container: string): boolean => among(container, TIMED);
export const hasExactSeeks = (container: string): boolean => among(container, SEEKABLE);
export const seeksLate = (container: string): boolean => among(container, CLOCKED);
export const declaresItsEnd = (container: string): boolean => among(container, DECLARING);
export const describesItself = (container: string, codec: string): boolean => among(container, DESCRIBED) && DESCRIBED_CODECS.includes(codec);
export const timesDecoding = (container: string): boolean => among(container, DECODING_TIMED);
/** @param steady what was read says that the clock runs on: see `isSteady` */
export const tellsItsEnds = (container: string, steady: boolean): boolean => among(container, INDEXED) || (steady && among(container, CLOCKED));
