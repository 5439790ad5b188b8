/** Transcripts as subtitle files. */
import type { Cue } from "../../engine/ports.js";
import { formatTime } from "../../format/index.js";

/** WebVTT (W3C): every reader understands it, for there is nothing in it but cues and one note. */
export function printVtt(cues: readonly Cue[], note = ""): string {
  const head = note === "" ? "WEBVTT\n" : `WEBVTT\n\nNOTE ${note.replaceAll("-->", "->")}\n`;
  return head + cues.map((cue) => `\n${times(cue, ".")}\n${escaped(linesOf(cue))}\n`).join("");
}

/** SubRip has no markup that would have to be escaped, only blank lines that end a cue. */
export function printSrt(cues: readonly Cue[]): string {
  return cues.map((cue, i) => `${i + 1}\n${times(cue, ",")}\n${linesOf(cue)}\n`).join("\n");
}

const linesOf = ({ text }: Cue): string =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .join("\n");

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function times({ startMs, endMs }: Cue, point: "." | ","): string {
  const written = [startMs, endMs].map((ms) => withHours(formatTime(Math.max(0, Math.round(ms)))).replace(".", point));
  return `${written[0]} --> ${written[1]}`;
}

/** SubRip's readers want the hours. */
const withHours = (time: string): string => (time.split(":").length === 2 ? `00:${time}` : time);
