/**
 * Writes a small GGUF v3 file with random llama weights, a byte-level vocabulary and visual slots: a
 * real model for llama.cpp, for tests of shapes and damage that must not depend on trained weights.
 */
import { toFloat16Bits } from "../../server/src/runtime/llama/float16.js";
import { GgufHead, type HeadTensor } from "../../server/src/runtime/llama/prepare/head.js";
import { byteAlphabet } from "../../tools/fixtures/gguf/generate.js";
import { random } from "./random.js";

export const TINY = {
  width: 32,
  contextSize: 512,
  /** Control tokens, 256 bytes, one merge; then the slots. */
  slots: { first: 3 + 256 + 1, count: 64 },
} as const;

export interface TinyOptions {
  readonly seed?: number;
  readonly rowType?: "F32" | "F16";
  /** Size of the weights: with large ones the logits spread out and greedy answers differ. */
  readonly gain?: number;
  /** Output weights that make slots the most likely tokens: they must never be said all the same. */
  readonly loudSlots?: boolean;
}

const CONTROL = ["<pad>", "<s>", "</s>"];

export function tinyGguf(options: TinyOptions = {}): Buffer {
  const next = random(options.seed ?? 1);
  const gain = options.gain ?? 3;
  const { width, contextSize, slots } = TINY;
  const hidden = 64;
  const alphabet = byteAlphabet();
  const tokens = [...CONTROL, ...alphabet, "he", ...Array.from({ length: slots.count }, (_, i) => `<v${i}>`)];
  const matrix = (rows: number, columns: number): Float32Array =>
    Float32Array.from({ length: rows * columns }, () => ((next() * 2 - 1) * gain) / Math.sqrt(columns));
  const ones = (n: number): Float32Array => new Float32Array(n).fill(1);

  const writer = new GgufWriter();
  writer.text("general.architecture", "llama");
  writer.text("general.name", "tiny");
  const integers: [string, number][] = [
    ["llama.context_length", contextSize], ["llama.embedding_length", width], ["llama.block_count", 1],
    ["llama.feed_forward_length", hidden], ["llama.attention.head_count", 2], ["llama.attention.head_count_kv", 2],
    ["llama.rope.dimension_count", width / 2], ["llama.vocab_size", tokens.length], ["tokenizer.ggml.bos_token_id", 1],
    ["tokenizer.ggml.eos_token_id", 2], ["tokenizer.ggml.padding_token_id", 0],
  ];
  for (const [key, value] of integers) writer.uint32(key, value);
  writer.float32("llama.attention.layer_norm_rms_epsilon", 1e-5);
  writer.boolean("tokenizer.ggml.add_bos_token", false);
  writer.text("tokenizer.ggml.model", "gpt2");
  writer.text("tokenizer.ggml.pre", "gpt-2");
  writer.texts("tokenizer.ggml.tokens", tokens);
  writer.integers("tokenizer.ggml.token_type", tokens.map((_, i) => (i < CONTROL.length || i >= slots.first ? 3 : 1)));
  writer.texts("tokenizer.ggml.merges", ["h e"]);

  writer.tensor("token_embd.weight", [width, tokens.length], matrix(tokens.length, width), options.rowType ?? "F16");
  writer.tensor("output_norm.weight", [width], ones(width), "F32");
  const output = matrix(tokens.length, width);
  if (options.loudSlots === true) output.subarray(slots.first * width).forEach((v, i, all) => (all[i] = v * 20));
  writer.tensor("output.weight", [width, tokens.length], output, "F32");
  const block: [string, number, number][] = [
    ["attn_q", width, width], ["attn_k", width, width], ["attn_v", width, width], ["attn_output", width, width],
    ["ffn_gate", hidden, width], ["ffn_up", hidden, width], ["ffn_down", width, hidden],
  ];
  for (const [name, rows, columns] of block) writer.tensor(`blk.0.${name}.weight`, [columns, rows], matrix(rows, columns), "F32");
  for (const name of ["attn_norm", "ffn_norm"]) writer.tensor(`blk.0.${name}.weight`, [width], ones(width), "F32");
  return writer.whole();
}

/** Metadata as the product writes it, then tensors of numbers. */
export class GgufWriter extends GgufHead {
  private readonly tensors: (HeadTensor & { readonly content: Buffer })[] = [];

  integers(key: string, values: readonly number[]): void {
    this.array(key, INT32, values.length, Buffer.from(Int32Array.from(values).buffer));
  }

  /** `dimensions` innermost first, as GGUF writes them. */
  tensor(name: string, dimensions: readonly number[], values: Float32Array, type: "F32" | "F16"): void {
    const content = type === "F32" ? Buffer.from(values.buffer) : Buffer.from(Uint16Array.from(values, toFloat16Bits).buffer);
    this.tensors.push({ name, dimensions, type: type === "F32" ? 0 : 1, content });
  }

  whole(): Buffer {
    const { head, sizes } = this.finish(this.tensors, 32);
    return Buffer.concat([head, ...this.tensors.flatMap(({ content }, i) => [content, Buffer.alloc(sizes[i]!.padding)])]);
  }
}

const INT32 = 5;
