/**
 * The files of a sentence embedder as sentence-transformers publishes them, all-MiniLM-L6-v2 for one:
 * tokenizer.json, config.json (the model), 1_Pooling/config.json, sentence_bert_config.json (longest
 * input) and onnx/model.onnx, with Optimum's names for its other precisions.
 */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { VqaError } from "../../engine/errors.js";

/** What onnx-community and Optimum append to `model`. */
const SUFFIXES = { fp32: "", fp16: "_fp16", int8: "_int8", q8: "_quantized", q4: "_q4" } as const;

export type EmbedderPrecision = keyof typeof SUFFIXES;
export const EMBEDDER_PRECISIONS = Object.keys(SUFFIXES) as readonly EmbedderPrecision[];

export interface EmbedderLayout {
  /** Absolute path of the ONNX file. */
  readonly model: string;
  /** Parsed tokenizer.json and tokenizer_config.json, {} where there is none. */
  readonly tokenizer: object;
  readonly tokenizerConfig: object;
  /** Width of the sentence vectors. */
  readonly width: number;
  /** How token vectors become one: their mean, or the first one. */
  readonly pooling: "mean" | "cls";
  /** Longest input in tokens, marks included; what is longer is cut. */
  readonly maxTokens: number;
}

type Json = Readonly<Record<string, unknown>>;

/** Paths below the folder that a pack must list for its embedder. */
export function embedderFiles(precision: EmbedderPrecision): readonly string[] {
  return ["config.json", "tokenizer.json", "1_Pooling/config.json", `onnx/model${SUFFIXES[precision]}.onnx`];
}

/** Errors: model-missing, model-damaged, model-unsupported, each naming the file. */
export async function readEmbedderLayout(folder: string, precision: EmbedderPrecision): Promise<EmbedderLayout> {
  const at = (...names: string[]): string => path.join(folder, ...names);
  const config = await readJson(at("config.json"));
  const pooling = await readJson(at("1_Pooling", "config.json"));
  const tokenizer = await readJson(at("tokenizer.json"));
  const tokenizerConfig = await readJson(at("tokenizer_config.json"), {});
  const sentences = await readJson(at("sentence_bert_config.json"), {});
  const width = count(pooling["word_embedding_dimension"] ?? config["hidden_size"], at("1_Pooling", "config.json"), "word_embedding_dimension");
  const places = count(config["max_position_embeddings"], at("config.json"), "max_position_embeddings");
  const longest = sentences["max_seq_length"];
  return {
    model: at("onnx", `model${SUFFIXES[precision]}.onnx`),
    tokenizer,
    tokenizerConfig,
    width,
    pooling: poolingOf(pooling, at("1_Pooling", "config.json")),
    maxTokens: typeof longest === "number" && longest > 2 ? Math.min(longest, places) : places,
  };
}

function poolingOf(config: Json, file: string): "mean" | "cls" {
  const on = Object.keys(config).filter((key) => key.startsWith("pooling_mode_") && config[key] === true);
  if (on.length === 1 && on[0] === "pooling_mode_mean_tokens") return "mean";
  if (on.length === 1 && on[0] === "pooling_mode_cls_token") return "cls";
  throw new VqaError(
    "model-unsupported",
    `${file}: pooling by ${on.join(" and ") || "nothing"} is not known here, only by the mean or by the first token.`,
    "Use another sentence embedder, all-MiniLM-L6-v2 for one.",
    { data: { file } },
  );
}

function count(value: unknown, file: string, field: string): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw damaged(file, `${field} is no number above 0`);
}

async function readJson(file: string, absent?: Json): Promise<Json> {
  let source: string;
  try {
    source = await fs.readFile(file, "utf8");
  } catch (thrown) {
    if (absent !== undefined && (thrown as NodeJS.ErrnoException).code === "ENOENT") return absent;
    throw new VqaError("model-missing", `${file} cannot be read: ${(thrown as Error).message}`, "Install the model pack again.", {
      cause: thrown,
      data: { file },
    });
  }
  try {
    const value: unknown = JSON.parse(source);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  } catch (thrown) {
    throw damaged(file, `it is not JSON: ${(thrown as Error).message}`);
  }
  throw damaged(file, "it is no JSON object");
}

function damaged(file: string, why: string): VqaError {
  return new VqaError("model-damaged", `${file}: ${why}.`, "Install the model pack again.", { data: { file } });
}
