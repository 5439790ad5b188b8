/** Subtitle codecs that store pictures of text: they would need character recognition. */
const PICTURES = ["dvd_subtitle", "dvdsub", "dvb_subtitle", "dvbsub", "hdmv_pgs_subtitle", "pgssub", "xsub", "dvb_teletext"];

export const isPictureSubtitle = (codec: string): boolean => PICTURES.includes(codec);

/** The text form that keeps the most of a stream's content. */
export function textFormOf(codec: string): "srt" | "vtt" | "ass" | "ttml" {
  if (codec === "ass" || codec === "ssa") return "ass";
  if (codec === "ttml") return "ttml";
  return codec === "webvtt" ? "vtt" : "srt";
}
