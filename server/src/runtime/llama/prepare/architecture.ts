/**
 * What a model's architecture means for visual slots. Facts are those of llama.cpp v0.5.0, file by file
 * under src/models: which scale the rows of tokens, which have no output matrix of their own, which put
 * more into a position than one row.
 */
import { VqaError } from "../../../engine/errors.js";
import type { GgufHeader } from "../gguf.js";

/** Slots read by token id get what tokens get: their rows are multiplied by this before the first layer. */
export type RowScale = number;

const SQRT_WIDTH = new Set(["gemma", "gemma2", "gemma3", "gemma-embedding", "afmoe"]);
/** Constants that llama.cpp takes where the file has no `ARCH.embedding_scale`. */
const FIXED_SCALE: ReadonlyMap<string, number> = new Map([["grok", 78.38367176906169], ["minicpm", 12], ["minicpm3", 12]]);
/** Read `ARCH.embedding_scale` when the file has one. */
const SCALE_KEY = new Set(["granite", "granitemoe", "granitehybrid", "graniteswitch", "granite_swa", "grok", "minicpm", "hrm_text"]);

/** Take the token table as output matrix and accept no other: an `output.weight` would be one tensor too many. */
const ALWAYS_TIED = new Set(["gemma", "gemma2", "command-r", "cohere2", "exaone-moe", "openelm", "plm"]);

/** Positions with several coordinates (multi-dimensional RoPE), as llama_model_rope_type tells. */
const MULTI_ROPE = new Set(["qwen2vl", "paddleocr", "qwen3vl", "qwen3vlmoe", "qwen35", "qwen35moe", "qwen4exp"]);

/** More than the token's row goes into a position, or the row is normalised first. */
const OTHER_INPUTS: ReadonlyMap<string, string> = new Map([
  ["per_layer_token_embd.weight", "it has a second table of token embeddings for each layer"],
  ["token_embd_norm.weight", "it normalises token embeddings"],
  ["token_types.weight", "it is an encoder of texts"],
]);

export interface Architecture {
  readonly name: string;
  readonly rowScale: RowScale;
  readonly alwaysTied: boolean;
}

/** Error: model-unsupported for models that slots cannot serve, with the reason. */
export function architectureOf(header: GgufHeader, file: string): Architecture {
  const name = header.metadata.get("general.architecture");
  if (typeof name !== "string") {
    throw new VqaError("model-damaged", `${file} does not name its architecture.`, "Download the model again.", { data: { file } });
  }
  const refuse = (why: string): never => {
    throw new VqaError("model-unsupported", `${file} cannot take visual slots: ${why}.`, "Choose a model whose positions are single numbers, such as one of the families Llama, Qwen2, Qwen3, Phi or Gemma.", {
      data: { file, architecture: name },
    });
  };
  // Sections of which only the first is used are plain RoPE, but no published model has such.
  if (MULTI_ROPE.has(name) || header.metadata.has(`${name}.rope.dimension_sections`)) {
    throw new VqaError(
      "model-unsupported",
      `${file} cannot take visual slots: its architecture, ${name}, gives each position of a picture several coordinates (multi-dimensional RoPE: time, row, column), and a slot, which is a token, has one.`,
      "What is missing is an addon that gives llama.cpp embeddings with their coordinates; server/models/README.md says what it takes. Until then run the model in a server of its own, or choose one of the families Llama, Qwen2, Qwen3, Phi or Gemma.",
      { data: { file, architecture: name, missing: "embeddings with several coordinates a position" } },
    );
  }
  for (const [tensor, why] of OTHER_INPUTS) if (header.tensors.has(tensor)) refuse(`${why} (${name})`);
  return { name, rowScale: rowScale(header, name), alwaysTied: ALWAYS_TIED.has(name) };
}

function rowScale(header: GgufHeader, name: string): RowScale {
  const number = (key: string): number | undefined => {
    const value = header.metadata.get(`${name}.${key}`);
    return typeof value === "number" && value > 0 ? value : undefined;
  };
  if (SQRT_WIDTH.has(name)) return Math.sqrt(number("embedding_length") ?? 1);
  return (SCALE_KEY.has(name) ? number("embedding_scale") : undefined) ?? FIXED_SCALE.get(name) ?? 1;
}
