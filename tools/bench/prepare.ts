/**
 * Time and memory of preparing a large language model: a sparse file with the header of a Llama of that
 * size, whose rows hold nothing. Runs in a process of its own, so that its peak memory is its own.
 */
import { fork } from "node:child_process";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GgufHead } from "../../server/src/runtime/llama/prepare/head.js";
import { convertLanguage } from "../../server/src/runtime/llama/convert/language.js";
import { prepareGguf } from "../../server/src/runtime/llama/prepare/prepare.js";
import { spmTokenizer } from "../fixtures/gguf/generate.js";
import { measure, type Measure } from "./stats.js";

const Q8_0 = 8;
const WIDTH = 4096;
const VOCABULARY = 128_256;

/** Gigabytes of 10^9 bytes. */
export async function preparing(gigabytes: number): Promise<Measure[]> {
  const { ms, peak } = await inOwnProcess(String(gigabytes));
  return [measure(`preparing a model of ${gigabytes} GB`, "s", [ms / 1000]), measure("  peak memory of that process", "MB", [peak / 1e6])];
}

function inOwnProcess(argument: string): Promise<{ ms: number; peak: number }> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [argument], { execArgv: [] });
    child.once("message", (message) => resolve(message as { ms: number; peak: number }));
    child.once("exit", (code) => reject(new Error(`preparing ended with ${code}`)));
  });
}

async function run(gigabytes: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "vqa-bench-"));
  try {
    const source = join(folder, "large.gguf");
    await sparse(source, gigabytes * 1e9);
    const begun = performance.now();
    await prepareGguf({ source, into: folder, stem: "prepared", slots: 3072, rows: "auto" });
    process.send?.({ ms: performance.now() - begun, peak: process.resourceUsage().maxRSS * 1024 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Time and memory of making a GGUF of a safetensors file of the shape of Qwen2 with 0.5 billion parameters, 1 GB. */
export async function converting(): Promise<Measure[]> {
  const { ms, peak } = await inOwnProcess("convert");
  return [measure("making a GGUF of 1 GB of safetensors", "s", [ms / 1000]), measure("  peak memory of that process", "MB", [peak / 1e6])];
}

async function convert(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "vqa-bench-"));
  const at = (name: string): string => join(folder, name);
  try {
    const [width, keys, hidden, rows] = [896, 128, 4864, 152_000];
    const layer = { "input_layernorm.weight": [width], "self_attn.q_proj.weight": [width, width], "self_attn.q_proj.bias": [width], "self_attn.k_proj.weight": [keys, width], "self_attn.k_proj.bias": [keys], "self_attn.v_proj.weight": [keys, width], "self_attn.v_proj.bias": [keys], "self_attn.o_proj.weight": [width, width], "post_attention_layernorm.weight": [width], "mlp.gate_proj.weight": [hidden, width], "mlp.up_proj.weight": [hidden, width], "mlp.down_proj.weight": [width, hidden] };
    const shapes: Readonly<Record<string, readonly number[]>> = { "model.embed_tokens.weight": [rows, width], "model.norm.weight": [width], ...Object.fromEntries(Array.from({ length: 24 }, (_, i) => Object.entries(layer).map(([name, shape]) => [`model.layers.${i}.${name}`, shape])).flat()) };
    let offset = 0;
    const header = Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { dtype: "F16", shape, data_offsets: [offset, (offset += shape.reduce((a, b) => a * b, 2))] }]))));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const handle = await open(at("model.safetensors"), "wx");
    await handle.write(Buffer.concat([length, header]));
    await handle.truncate(8 + header.length + offset);
    await handle.close();
    await writeFile(at("config.json"), JSON.stringify({ model_type: "qwen2", num_attention_heads: 14, num_key_value_heads: 2, tie_word_embeddings: true, bos_token_id: 0, eos_token_id: 1 }));
    await writeFile(at("tokenizer.json"), JSON.stringify({ model: { type: "BPE", vocab: Object.fromEntries(Array.from({ length: 151_643 }, (_, i) => [`piece${i}`, i])), merges: Array.from({ length: 151_387 }, (_, i) => `piece${i} piece`) }, added_tokens: [] }));
    const begun = performance.now();
    await convertLanguage({ weights: at("model.safetensors"), config: at("config.json"), tokenizer: at("tokenizer.json"), into: at("model.gguf") });
    process.send?.({ ms: performance.now() - begun, peak: process.resourceUsage().maxRSS * 1024 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A GGUF of about `bytes` bytes of which only the header takes room on the disk. */
async function sparse(file: string, bytes: number): Promise<void> {
  const names = Array.from({ length: VOCABULARY - spmTokenizer([], []).tokens.length }, (_, i) => `piece ${i}`);
  const { tokens, scores, types } = spmTokenizer(names, []);
  const head = new GgufHead();
  head.text("general.architecture", "llama");
  head.uint32("llama.embedding_length", WIDTH);
  head.texts("tokenizer.ggml.tokens", tokens);
  head.array("tokenizer.ggml.scores", 6, VOCABULARY, Buffer.alloc(4 * VOCABULARY, Buffer.from(Float32Array.from(scores ?? []).buffer)));
  head.array("tokenizer.ggml.token_type", 5, VOCABULARY, Buffer.alloc(4 * VOCABULARY, Buffer.from(Int32Array.from(types).buffer)));
  const row = (WIDTH / 32) * 34;
  const layers = Math.max(1, Math.round((bytes - 2 * VOCABULARY * row) / (14_336 * row)));
  const tensors = [
    { name: "token_embd.weight", dimensions: [WIDTH, VOCABULARY], type: Q8_0 },
    { name: "output.weight", dimensions: [WIDTH, VOCABULARY], type: Q8_0 },
    ...Array.from({ length: layers }, (_, i) => ({ name: `blk.${i}.ffn_up.weight`, dimensions: [WIDTH, 14_336], type: Q8_0 })),
  ];
  const { head: header, sizes } = head.finish(tensors, 32);
  const handle = await open(file, "wx");
  try {
    await handle.write(header);
    await handle.truncate(header.length + sizes.reduce((sum, { bytes: size, padding }) => sum + size + padding, 0));
  } finally {
    await handle.close();
  }
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) await (process.argv[2] === "convert" ? convert() : run(Number(process.argv[2])));
