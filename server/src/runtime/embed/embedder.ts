import { Tokenizer } from "@huggingface/tokenizers";
import { Tensor, type InferenceSession } from "../onnx/library.js";
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import type { Embedder, Matrix } from "../../engine/ports.js";
import { createSession, expectNames } from "../onnx/create.js";
import { readEmbedderLayout, type EmbedderLayout, type EmbedderPrecision } from "./layout.js";
import { poolRow } from "./pool.js";

export interface SentenceEmbedderOptions {
  /** Absolute folder with the published layout; see layout.ts. */
  readonly folder: string;
  readonly precision: EmbedderPrecision;
  /** sha256 of what decides the output, for cache keys. */
  readonly digest: string;
  readonly threads: number;
}

/** Texts of one run: batches cost memory, and on a processor they do not save time. */
const BATCH = 16;

/**
 * A BERT sentence embedder (Sentence-BERT, arXiv 1908.10084, section 3): input_ids, attention_mask and,
 * where the model takes them, token_type_ids, int64 (n, tokens), give last_hidden_state, float32
 * (n, tokens, width), which is pooled and brought to length 1.
 */
export class SentenceEmbedder implements Embedder {
  readonly width: number;
  readonly digest: string;

  private constructor(
    private readonly session: InferenceSession,
    private readonly tokenizer: Tokenizer,
    private readonly layout: EmbedderLayout,
    digest: string,
  ) {
    this.width = layout.width;
    this.digest = digest;
  }

  /** Errors: model-missing, model-damaged, model-unsupported, each naming the file; cancelled. */
  static async open({ folder, precision, digest, threads }: SentenceEmbedderOptions, signal?: AbortSignal): Promise<SentenceEmbedder> {
    const layout = await readEmbedderLayout(folder, precision);
    throwIfAborted(signal);
    let tokenizer: Tokenizer;
    try {
      tokenizer = new Tokenizer(layout.tokenizer, layout.tokenizerConfig);
    } catch (thrown) {
      throw new VqaError("model-damaged", `The tokenizer.json in ${folder} cannot be used: ${(thrown as Error).message}`, "Install the model pack again.", {
        cause: thrown,
        data: { folder },
      });
    }
    const session = await createSession(layout.model, threads);
    try {
      expectNames(session, layout.model, ["input_ids", "attention_mask"], [OUTPUT]);
    } catch (thrown) {
      await session.release();
      throw thrown;
    }
    return new SentenceEmbedder(session, tokenizer, layout, digest);
  }

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<Matrix> {
    const data = new Float32Array(texts.length * this.width);
    // Texts of like length go together, so that little is padded.
    const encoded = texts.map((text, row) => ({ row, ids: this.encode(text) })).sort((a, b) => a.ids.length - b.ids.length);
    for (let at = 0; at < encoded.length; at += BATCH) {
      throwIfAborted(signal);
      const batch = encoded.slice(at, at + BATCH);
      const hidden = await this.run(batch.map((each) => each.ids));
      throwIfAborted(signal);
      const tokens = hidden.length / batch.length / this.width;
      batch.forEach(({ row, ids }, i) => {
        const vectors = hidden.subarray(i * tokens * this.width, (i * tokens + ids.length) * this.width);
        data.set(poolRow(vectors, this.width, this.layout.pooling), row * this.width);
      });
    }
    return { rows: texts.length, width: this.width, data };
  }

  dispose(): Promise<void> {
    return this.session.release();
  }

  /** Cut to the longest input, its closing mark kept. */
  private encode(text: string): readonly number[] {
    const { ids } = this.tokenizer.encode(text);
    const { maxTokens } = this.layout;
    return ids.length <= maxTokens ? ids : [...ids.slice(0, maxTokens - 1), ids.at(-1)!];
  }

  private async run(rows: readonly (readonly number[])[]): Promise<Float32Array> {
    const tokens = Math.max(...rows.map((row) => row.length));
    const shape = [rows.length, tokens];
    // Padding is masked out: which token it is makes no difference.
    const fill = (value: (row: readonly number[], i: number) => number): Tensor =>
      new Tensor("int64", BigInt64Array.from(rows.flatMap((row) => Array.from({ length: tokens }, (_, i) => BigInt(value(row, i))))), shape);
    const feeds: Record<string, Tensor> = {
      input_ids: fill((row, i) => row[i] ?? 0),
      attention_mask: fill((row, i) => (i < row.length ? 1 : 0)),
    };
    if (this.session.inputNames.includes("token_type_ids")) feeds["token_type_ids"] = fill(() => 0);
    const fail = (why: string, cause?: unknown): VqaError =>
      new VqaError("model-damaged", `${this.layout.model} failed: ${why}`, "Install the model pack again.", { cause, data: { file: this.layout.model } });
    let output: Tensor | undefined;
    try {
      output = (await this.session.run(feeds, [OUTPUT]))[OUTPUT] as Tensor | undefined;
    } catch (thrown) {
      throw fail((thrown as Error).message, thrown);
    }
    const expected = [...shape, this.width];
    if (output?.type === "float32" && output.dims.length === 3 && output.dims.every((dim, i) => dim === expected[i])) return output.data as Float32Array;
    throw fail(`${OUTPUT} came out as ${output?.type} [${output?.dims.join(", ")}], expected float32 [${expected.join(", ")}]`);
  }
}

const OUTPUT = "last_hidden_state";
