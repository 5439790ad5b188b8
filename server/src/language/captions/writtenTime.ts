/** Times written again the way they were written before: an edit changes digits, not the writer's style. */
import { LanguageError } from "../errors.js";
import type { CueSyntax, WrittenTime } from "./cues.js";

/** The largest that the grammar of notebooks reads. */
const MAX_MS = 1_000_000 * 3_600_000 - 1;

/** Throws LanguageError for a time before the first frame, and for one that could not be read again. */
export function writeTime({ text }: Pick<WrittenTime, "text">, ms: number, syntax: CueSyntax): string {
  if (ms < 0) throw new LanguageError("A cue would begin before the video does.", "Shift by less, or select the cues after it.");
  if (!Number.isSafeInteger(ms) || ms > MAX_MS) throw new LanguageError("A cue would have a time that nothing can read.", "Use smaller numbers.");
  const [, hours, minutes = "00", seconds = "00", mark, fraction] = /^(?:(\d+):)?(\d+):(\d+)(?:([.,])(\d+))?$/.exec(text) ?? [];
  const h = Math.floor(ms / 3_600_000);
  const withHours = hours !== undefined || h > 0;
  const parts = [
    ...(withHours ? [String(h).padStart(hours?.startsWith("0") === true ? hours.length : Math.min(hours?.length ?? 2, 2), "0")] : []),
    String(Math.floor(ms / 60_000) % 60).padStart(withHours && hours === undefined ? 2 : minutes.length, "0"),
    String(Math.floor(ms / 1000) % 60).padStart(seconds.length, "0"),
  ];
  const rest = ms % 1000;
  if (fraction === undefined && rest === 0) return parts.join(":");
  return `${parts.join(":")}${mark ?? (syntax === "srt" ? "," : ".")}${String(rest).padStart(3, "0")}`;
}
