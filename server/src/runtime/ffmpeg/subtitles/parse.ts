import type { Cue } from "../../../engine/ports.js";
import type { SubtitleText } from "../decoder.js";
import { parseAss, parseSrt, parseTtml, parseVtt, type ParsedCues } from "./cueText.js";

/** Between the documents that a stream of TTML is made of. */
const DOCUMENTS = /(?<=<\/(?:[\w-]+:)?tt\s*>)(?=\s*<(?:\?xml|(?:[\w-]+:)?tt)[\s>])/;

/** Error: FormatError for a TTML file that is none. @param name for messages */
export function parseSubtitles({ format, text }: SubtitleText, name = "subtitles"): ParsedCues {
  if (format === "ttml") return joined(text.split(DOCUMENTS).map((document) => parseTtml(document.trim(), name)));
  if (format === "ass") return parseAss(text);
  return format === "vtt" ? parseVtt(text) : parseSrt(text);
}

/** A cue that reaches over the end of a document is repeated in the next one. */
function joined(documents: readonly ParsedCues[]): ParsedCues {
  const [only] = documents;
  if (only !== undefined && documents.length === 1) return only;
  const cues: Cue[] = [];
  const last = new Map<string, number>();
  for (const cue of documents.flatMap((document) => document.cues)) {
    const at = last.get(cue.text);
    const before = at === undefined ? undefined : cues[at];
    if (at !== undefined && before !== undefined && cue.startMs >= before.startMs && cue.startMs <= before.endMs) cues[at] = { ...before, endMs: Math.max(before.endMs, cue.endMs) };
    else last.set(cue.text, cues.push(cue) - 1);
  }
  return { cues: cues.sort((a, b) => a.startMs - b.startMs), warnings: [...new Set(documents.flatMap((document) => document.warnings))] };
}
