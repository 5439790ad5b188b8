import type { SubtitleText } from "../decoder.js";
import { parseAss } from "./ass.js";
import { parseSrt, parseVtt, type ParsedCues } from "./cueText.js";

export function parseSubtitles({ format, text }: SubtitleText): ParsedCues {
  if (format === "ass") return parseAss(text);
  return format === "vtt" ? parseVtt(text) : parseSrt(text);
}
