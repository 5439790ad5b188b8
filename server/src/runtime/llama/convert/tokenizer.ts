/** The vocabulary of a `tokenizer.json` (Hugging Face tokenizers) as GGUF metadata. */
import { VqaError } from "../../../engine/errors.js";
import type { GgufHead } from "../prepare/head.js";

/** llama.cpp, `llama_token_type`. */
const NORMAL = 1;
const CONTROL = 3;
const USER_DEFINED = 4;
const UNUSED = 5;
const INT32 = 5;

interface Published {
  readonly model?: { readonly type?: string; readonly vocab?: Readonly<Record<string, number>>; readonly merges?: readonly (string | readonly [string, string])[] };
  readonly added_tokens?: readonly { readonly id: number; readonly content: string; readonly special?: boolean }[];
}

export interface Vocabulary {
  /** By id; ids that the tokenizer does not use have a name of their own. */
  readonly tokens: readonly string[];
  readonly types: readonly number[];
  readonly merges: readonly string[];
}

/** Byte-level BPE for a table of `rows` rows. `file` is what errors name. Errors: model-damaged, model-unsupported. */
export function readVocabulary(source: string, rows: number, file: string): Vocabulary {
  const { model, added_tokens: added = [] } = parse(source, file);
  if (model?.type !== "BPE" || model.vocab === undefined || model.merges === undefined) {
    throw new VqaError("model-unsupported", `${file} is a tokenizer of type ${model?.type ?? "unknown"}; byte-level BPE is read.`, "Convert the language model to GGUF with llama.cpp's own script.", { data: { file } });
  }
  const tokens = Array.from({ length: rows }, (_, id) => `[PAD${id}]`);
  const types = new Array<number>(rows).fill(UNUSED);
  const put = (id: number, token: string, type: number): void => {
    if (!Number.isSafeInteger(id) || id < 0 || id >= rows) throw new VqaError("model-damaged", `${file}: token ${id} has no row among the ${rows} of the model.`, "Download the files again.", { data: { file } });
    tokens[id] = token;
    types[id] = type;
  };
  for (const [token, id] of Object.entries(model.vocab)) put(id, token, NORMAL);
  for (const { id, content, special } of added) put(id, content, special === true ? CONTROL : USER_DEFINED);
  // Older files have "a b", newer ones ["a", "b"].
  return { tokens, types, merges: model.merges.map((merge) => (typeof merge === "string" ? merge : merge.join(" "))) };
}

export function writeVocabulary(head: GgufHead, { tokens, types, merges }: Vocabulary, pre: string): void {
  head.text("tokenizer.ggml.model", "gpt2");
  head.text("tokenizer.ggml.pre", pre);
  head.texts("tokenizer.ggml.tokens", tokens);
  head.array("tokenizer.ggml.token_type", INT32, types.length, Buffer.from(Int32Array.from(types).buffer));
  head.texts("tokenizer.ggml.merges", merges);
}

function parse(source: string, file: string): Published {
  try {
    return (JSON.parse(source) ?? {}) as Published;
  } catch (thrown) {
    throw new VqaError("model-damaged", `${file} is not JSON.`, "Download it again.", { cause: thrown, data: { file } });
  }
}
