/** An answer's facts in words, for chats that show text only. Pure. */
import type { Answer } from "../../server/src/protocol/values.js";
import { shortTime } from "./range.js";

/** One line: what was looked at, and by which model. */
export function evidenceText(video: string, { provenance }: Answer): string {
  const { frameTimesMs, cuesUsed, modelId } = provenance;
  const cues = cuesUsed.length === 0 ? "" : `, ${cuesUsed.length} ${cuesUsed.length === 1 ? "subtitle" : "subtitles"}`;
  return `${video} · ${frameTimesMs.length} ${frameTimesMs.length === 1 ? "frame" : "frames"} (${frameTimesMs.map(shortTime).join(", ")})${cues} · ${modelId}`;
}

/** For a language model that asked: the answer, and what it rests on. */
export function toolText(video: string, answer: Answer): string {
  return [answer.text.trim(), "", `Evidence: ${evidenceText(video, answer)}`, ...answer.provenance.notes.map((note) => `Note: ${note}`)].join("\n");
}
