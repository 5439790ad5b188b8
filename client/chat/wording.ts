/** An answer's facts in words, for chats that show text only. Pure. */
import type { Answer } from "../../server/src/protocol/values.js";
import { translator, type Translate } from "../words.js";
import { shortTime } from "./range.js";

/** One line: what was looked at, and by which model. In English where nobody translates: language models read it, too. */
export function evidenceText(video: string, { provenance }: Answer, t: Translate = translator({})): string {
  const { frameTimesMs, cuesUsed, modelId } = provenance;
  const frames = frameTimesMs.length === 1 ? t("1 frame") : t("{0} frames", frameTimesMs.length);
  const cues = cuesUsed.length === 0 ? "" : `, ${cuesUsed.length === 1 ? t("1 subtitle") : t("{0} subtitles", cuesUsed.length)}`;
  return `${video} · ${frames} (${frameTimesMs.map(shortTime).join(", ")})${cues} · ${modelId}`;
}

/** For a language model that asked: the answer, and what it rests on. */
export function toolText(video: string, answer: Answer): string {
  return [answer.text.trim(), "", `Evidence: ${evidenceText(video, answer)}`, ...answer.provenance.notes.map((note) => `Note: ${note}`)].join("\n");
}
