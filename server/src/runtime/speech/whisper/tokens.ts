/**
 * tokenizer.json of a Whisper model, for reading only: byte-level BPE (each character of a token
 * stands for a byte, GPT-2's table) and the special tokens.
 */
import { VqaError } from "../../../engine/errors.js";
import { modelJson, type ModelFolder } from "../../packs/companions.js";

export interface WhisperTokens {
  /** Text of ids; special tokens and times have none. */
  text(ids: readonly number[]): string;
  /** By content, such as "<|nospeech|>". */
  special(content: string): number | undefined;
  /** The id of <|0.00|>: times follow it, one every 20 ms. */
  readonly firstTime: number;
}

const FILE = "tokenizer.json";

/** Errors: model-missing, model-damaged. */
export async function readTokens(model: ModelFolder, noTimes: number): Promise<WhisperTokens> {
  const value = (await modelJson(model, FILE)) as { model?: { vocab?: Record<string, number> }; added_tokens?: readonly { id: number; content: string }[] };
  const vocabulary = value.model?.vocab;
  if (typeof vocabulary !== "object" || vocabulary === null || !Array.isArray(value.added_tokens)) {
    throw new VqaError("model-damaged", `${model.folder}/${FILE} has no vocabulary.`, "Install the model pack again.", { data: { file: FILE } });
  }
  const added = new Map(value.added_tokens.map(({ id, content }) => [content, id]));
  const texts = new Map(Object.entries(vocabulary).map(([token, id]) => [id, token]));
  for (const id of added.values()) texts.delete(id);
  const bytes = byteOf();
  return {
    text: (ids) => new TextDecoder().decode(Uint8Array.from(ids.flatMap((id) => [...(texts.get(id) ?? "")].map((c) => bytes.get(c) ?? 63)))),
    special: (content) => added.get(content),
    // Some published files leave the times out; they always come after <|notimestamps|>.
    firstTime: added.get("<|0.00|>") ?? noTimes + 1,
  };
}

/** GPT-2's table: printable characters stand for themselves, all others were moved behind 255. */
function byteOf(): Map<string, number> {
  const kept = (b: number): boolean => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  let moved = 0;
  return new Map(Array.from({ length: 256 }, (_, b) => [String.fromCodePoint(kept(b) ? b : 256 + moved++), b]));
}
