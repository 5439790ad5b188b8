/**
 * The settings of a Whisper model as Hugging Face publishes them: config.json (sizes),
 * preprocessor_config.json (sound), generation_config.json (which tokens are what).
 */
import { array, flag, integer, object, optional, ShapeError, type Read } from "../../packs/shape.js";
import { VqaError } from "../../../engine/errors.js";
import { modelJson, type ModelFolder } from "../../packs/companions.js";

const id = integer(0);
const ids = array(id);
/** Older files write null for what they do not use. */
const orNone =
  <T>(read: Read<T>): Read<T | undefined> =>
  (value, field) =>
    value === undefined || value === null ? undefined : read(value, field);
const table: Read<Readonly<Record<string, number>>> = (value, field) => {
  if (typeof value !== "object" || value === null) throw new ShapeError(field, "a table of token ids", value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, id(each, `${field}.${key}`)]));
};

const sizes = object({
  d_model: integer(1),
  decoder_layers: integer(1),
  decoder_attention_heads: integer(1),
  max_source_positions: integer(1),
  max_target_positions: integer(1),
  vocab_size: integer(1),
});
const sound = object({ feature_size: integer(1, 512), chunk_length: integer(1, 60), sampling_rate: integer(16_000, 16_000), hop_length: integer(160, 160), n_fft: integer(400, 400) });
const generation = object({
  decoder_start_token_id: id,
  eos_token_id: id,
  no_timestamps_token_id: id,
  is_multilingual: optional(flag, false),
  lang_to_id: orNone(table),
  task_to_id: orNone(table),
  suppress_tokens: orNone(ids),
  begin_suppress_tokens: orNone(ids),
  max_initial_timestamp_index: orNone(id),
});

export type WhisperConfig = ReturnType<typeof sizes> & ReturnType<typeof sound> & ReturnType<typeof generation>;

/** Errors: model-missing, model-damaged (with file and field). */
export async function readWhisperConfig(model: ModelFolder): Promise<WhisperConfig> {
  const read = async <T>(file: string, shape: Read<T>): Promise<T> => {
    const value = await modelJson(model, file);
    try {
      return shape(value, "");
    } catch (thrown) {
      if (!(thrown instanceof ShapeError)) throw thrown;
      throw new VqaError("model-damaged", `${model.folder}/${file}: ${thrown.message}.`, "Install the model pack again.", { cause: thrown, data: { file, field: thrown.field } });
    }
  };
  return {
    ...(await read("config.json", sizes)),
    ...(await read("preprocessor_config.json", sound)),
    ...(await read("generation_config.json", generation)),
  };
}
