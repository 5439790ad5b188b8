import type { SubtitleText } from "../decoder.js";
import { parseAss, parseSrt, parseTtml, parseVtt, type ParsedCues } from "./cueText.js";

/** Error: FormatError for a TTML file that is none. @param name for messages */
export function parseSubtitles({ format, text }: SubtitleText, name = "subtitles"): ParsedCues {
  if (format === "ttml") return parseTtml(text, name);
  if (format === "ass") return parseAss(text);
  return format === "vtt" ? parseVtt(text) : parseSrt(text);
}
