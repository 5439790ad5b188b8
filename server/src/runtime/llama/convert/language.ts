/**
 * A language model as Hugging Face publishes it (safetensors, config.json, tokenizer.json), alone or inside
 * of a vision-language model, to one GGUF file: for models that nobody has published as GGUF. Names and
 * metadata are those of llama.cpp v0.5.0 (gguf-py/gguf/tensor_mapping.py, conversion/qwen.py). Matrices keep
 * their number format, vectors become F32, as there.
 */
import * as fs from "node:fs/promises";
import { VqaError, throwIfAborted } from "../../../engine/errors.js";
import { GGML_BF16, GGML_F16, GGML_F32 } from "../ggml.js";
import { GgufHead, type HeadTensor } from "../prepare/head.js";
import { OutFile } from "../prepare/outFile.js";
import { SafetensorsFile, toFloats } from "./safetensors.js";
import { readVocabulary, writeVocabulary } from "./tokenizer.js";

export interface ConvertOptions {
  /** A .safetensors file that holds all of it. */
  readonly weights: string;
  readonly config: string;
  readonly tokenizer: string;
  /** The GGUF file; it must not exist. */
  readonly into: string;
  /** A tensor that is not the language model's, to be written as float32 values by themselves: "image_newline". */
  readonly row?: { readonly name: string; readonly into: string };
}

export interface Converted {
  readonly row?: { readonly width: number; readonly bytes: number; readonly sha256: string };
}

const TYPES: Readonly<Record<string, number>> = { F32: GGML_F32, F16: GGML_F16, BF16: GGML_BF16 };

/** By Hugging Face's `model_type`. What a configuration leaves out is what its class in transformers takes then. */
const FAMILIES = {
  qwen2: {
    pre: "qwen2",
    defaults: { rope_theta: 10_000, rms_norm_eps: 1e-6, max_position_embeddings: 32_768, num_attention_heads: 32, num_key_value_heads: 32 },
    end: "<|im_end|>",
    padding: "<|endoftext|>",
    layer: {
      "input_layernorm.weight": "attn_norm.weight",
      "self_attn.q_proj.weight": "attn_q.weight",
      "self_attn.q_proj.bias": "attn_q.bias",
      "self_attn.k_proj.weight": "attn_k.weight",
      "self_attn.k_proj.bias": "attn_k.bias",
      "self_attn.v_proj.weight": "attn_v.weight",
      "self_attn.v_proj.bias": "attn_v.bias",
      "self_attn.o_proj.weight": "attn_output.weight",
      "post_attention_layernorm.weight": "ffn_norm.weight",
      "mlp.gate_proj.weight": "ffn_gate.weight",
      "mlp.up_proj.weight": "ffn_up.weight",
      "mlp.down_proj.weight": "ffn_down.weight",
    },
  },
} as const;

type Config = Readonly<Record<string, unknown>>;
type Source = readonly [from: string, to: string];

/** Memory: the header and a few megabytes. Errors: model-missing, model-damaged, model-unsupported, limit-exceeded, cancelled. */
export async function convertLanguage({ weights, config: configFile, tokenizer, into, row }: ConvertOptions, onFraction: (fraction: number) => void = () => undefined, signal?: AbortSignal): Promise<Converted> {
  const whole = await readJson(configFile);
  const config = (whole["text_config"] as Config | undefined) ?? whole;
  const family = familyOf(config, configFile);
  const file = await SafetensorsFile.open(weights);
  try {
    const stem = stemOf(file);
    const table = file.tensor(`${stem}embed_tokens.weight`);
    const [rows, width] = table.shape as [number, number];
    const sources = sourcesOf(file, stem, config, whole, family.layer);
    const tensors = sources.map(([from, to]): HeadTensor => {
      const { shape, dtype } = file.tensor(from);
      return { name: to, dimensions: [...shape].reverse(), type: shape.length === 1 ? GGML_F32 : TYPES[dtype]! };
    });
    const head = headOf(config, family, { rows, width, layers: layersOf(file, stem), hidden: file.tensor(`${stem}layers.0.mlp.gate_proj.weight`).shape[0]! });
    const vocabulary = readVocabulary(await fs.readFile(tokenizer, "utf8"), rows, tokenizer);
    writeVocabulary(head, vocabulary, family.pre);
    const id = (key: string, fallback: string): number => {
      const given = config[key];
      const found = Number.isSafeInteger(given) ? (given as number) : vocabulary.tokens.indexOf(fallback);
      if (found >= 0 && found < rows) return found;
      throw new VqaError("model-damaged", `${tokenizer} has no ${fallback}, and ${configFile} names no other ${key}.`, "Download the files again.", { data: { file: tokenizer } });
    };
    head.uint32("tokenizer.ggml.bos_token_id", id("bos_token_id", family.padding));
    head.uint32("tokenizer.ggml.eos_token_id", id("eos_token_id", family.end));
    head.uint32("tokenizer.ggml.padding_token_id", Math.max(0, vocabulary.tokens.indexOf(family.padding)));
    head.boolean("tokenizer.ggml.add_bos_token", false);
    throwIfAborted(signal);
    await write(file, sources, head, tensors, into, onFraction, signal);
    return row === undefined ? {} : { row: await writeRow(file, row, signal) };
  } finally {
    await file.close();
  }
}

function headOf(config: Config, { defaults }: (typeof FAMILIES)[keyof typeof FAMILIES], { width, layers, hidden }: { readonly rows: number; readonly width: number; readonly layers: number; readonly hidden: number }): GgufHead {
  const number = (key: keyof typeof defaults): number => {
    const value = key === "rope_theta" ? (config[key] ?? (config["rope_parameters"] as Config | undefined)?.[key]) : config[key];
    return typeof value === "number" ? value : defaults[key];
  };
  const head = new GgufHead();
  const name = config["model_type"] as string;
  head.text("general.architecture", name);
  head.text("general.name", name);
  head.uint32(`${name}.context_length`, number("max_position_embeddings"));
  head.uint32(`${name}.embedding_length`, width);
  head.uint32(`${name}.block_count`, layers);
  head.uint32(`${name}.feed_forward_length`, hidden);
  head.uint32(`${name}.attention.head_count`, number("num_attention_heads"));
  head.uint32(`${name}.attention.head_count_kv`, number("num_key_value_heads"));
  head.float32(`${name}.rope.freq_base`, number("rope_theta"));
  head.float32(`${name}.attention.layer_norm_rms_epsilon`, number("rms_norm_eps"));
  return head;
}

/** Every tensor of the language model, and its name in GGUF. Error: model-damaged for a missing one. */
function sourcesOf(file: SafetensorsFile, stem: string, config: Config, whole: Config, layer: Readonly<Record<string, string>>): Source[] {
  const layers = Array.from({ length: layersOf(file, stem) }, (_, i) => Object.entries(layer).map(([from, to]): Source => [`${stem}layers.${i}.${from}`, `blk.${i}.${to}`])).flat();
  const tied = config["tie_word_embeddings"] ?? whole["tie_word_embeddings"] ?? false;
  const output = tied === true ? undefined : [...file.tensors.keys()].find((name) => /(^|\.)lm_head\.weight$/.test(name));
  const sources: Source[] = [[`${stem}embed_tokens.weight`, "token_embd.weight"], ...layers, [`${stem}norm.weight`, "output_norm.weight"], ...(output === undefined ? [] : [[output, "output.weight"] as const])];
  sources.forEach(([from]) => file.tensor(from));
  return sources;
}

async function write(file: SafetensorsFile, sources: readonly Source[], head: GgufHead, tensors: readonly HeadTensor[], into: string, onFraction: (fraction: number) => void, signal: AbortSignal | undefined): Promise<void> {
  const total = sources.reduce((sum, [from]) => sum + file.tensor(from).bytes, 0);
  const out = await OutFile.create(into);
  try {
    const { head: bytes, sizes } = head.finish(tensors, 32);
    await out.write(bytes);
    let done = 0;
    for (const [i, [from]] of sources.entries()) {
      const { dtype } = file.tensor(from);
      for await (const piece of file.pieces(from, signal)) {
        const floats = tensors[i]!.type === GGML_F32 && dtype !== "F32" ? toFloats(piece, dtype) : undefined;
        await out.write(floats === undefined ? piece : Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength));
        onFraction((done += piece.length) / total);
      }
      await out.zeros(sizes[i]!.padding);
    }
    await out.finish();
  } catch (thrown) {
    await out.discard();
    throw thrown;
  }
}

async function writeRow(file: SafetensorsFile, { name, into }: NonNullable<ConvertOptions["row"]>, signal: AbortSignal | undefined): Promise<NonNullable<Converted["row"]>> {
  const found = [...file.tensors.keys()].find((each) => each === name || each.endsWith(`.${name}`)) ?? name;
  const values = await file.values(found, signal);
  const out = await OutFile.create(into);
  try {
    const bytes = Buffer.alloc(values.length * 4);
    values.forEach((value, i) => bytes.writeFloatLE(value, i * 4));
    await out.write(bytes);
    const { bytes: size, sha256 } = await out.finish();
    return { width: values.length, bytes: size, sha256 };
  } catch (thrown) {
    await out.discard();
    throw thrown;
  }
}

/** What stands before the names of the language model's tensors: it is told by that of its token table. */
function stemOf(file: SafetensorsFile): string {
  const tables = [...file.tensors.keys()].filter((name) => name.endsWith("embed_tokens.weight"));
  if (tables.length === 1) return tables[0]!.slice(0, -"embed_tokens.weight".length);
  throw new VqaError("model-unsupported", `${file.path} has ${tables.length === 0 ? "no table" : `${tables.length} tables`} of token embeddings.`, "Convert the language model to GGUF with llama.cpp's own script.", { data: { file: file.path } });
}

function layersOf(file: SafetensorsFile, stem: string): number {
  for (let i = 0; ; i++) if (!file.tensors.has(`${stem}layers.${i}.input_layernorm.weight`)) return i;
}

function familyOf(config: Config, file: string): (typeof FAMILIES)[keyof typeof FAMILIES] {
  const type = config["model_type"];
  const scaled = config["rope_scaling"] ?? undefined;
  if (typeof type === "string" && type in FAMILIES && scaled === undefined) return FAMILIES[type as keyof typeof FAMILIES];
  const why = scaled === undefined ? `its language model is of type ${JSON.stringify(type)}; ${Object.keys(FAMILIES).join(", ")} can be converted` : "its positions are scaled (rope_scaling)";
  throw new VqaError("model-unsupported", `${file}: ${why}.`, "Convert the language model to GGUF with llama.cpp's own script.", { data: { file } });
}

async function readJson(file: string): Promise<Config> {
  try {
    const value: unknown = JSON.parse(await fs.readFile(file, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Config;
  } catch (thrown) {
    throw new VqaError("model-damaged", `${file} cannot be read as JSON: ${(thrown as Error).message}`, "Download it again.", { cause: thrown, data: { file } });
  }
  throw new VqaError("model-damaged", `${file} is not a JSON object.`, "Download it again.", { data: { file } });
}
