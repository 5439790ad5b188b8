/** Which videos need a copy before an editor can play them. Pure. */
import type { MediaInfo } from "../../server/src/protocol/values.js";

export type CopyKind = "sound" | "all";

/** Sound that players of web pages decode everywhere. */
const SOUND = /^(mp3|opus|vorbis|flac|pcm_)/;
/** Pictures that they do, and that an mp4 may hold. */
const PICTURE = /^(h264|vp9)$/;

/**
 * The copy that plays; undefined when the video itself may.
 * @param desktop the editor's own player has no AAC, and plays such films without a word
 * @param failed how far trying has come: "all" once nothing is left but to make everything anew
 */
export function copyFor({ video, audio }: Pick<MediaInfo, "video" | "audio">, desktop: boolean, failed: "none" | "original" | "sound"): CopyKind | undefined {
  const picture = video !== undefined && PICTURE.test(video.codec);
  const [sound] = audio;
  if (failed === "none") return desktop && sound !== undefined && !SOUND.test(sound.codec) ? (picture ? "sound" : "all") : undefined;
  return failed === "original" && picture ? "sound" : "all";
}
