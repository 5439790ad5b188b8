/**
 * Time and memory of preparing a large language model: a sparse file with the header of a Llama of that
 * size, whose rows hold nothing. Runs in a process of its own, so that its peak memory is its own.
 */
import { fork } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GgufHead } from "../../server/src/runtime/llama/prepare/head.js";
import { prepareGguf } from "../../server/src/runtime/llama/prepare/prepare.js";
import { spmTokenizer } from "../fixtures/gguf/generate.js";
import { measure, type Measure } from "./stats.js";

const Q8_0 = 8;
const WIDTH = 4096;
const VOCABULARY = 128_256;

/** Gigabytes of 10^9 bytes. */
export async function preparing(gigabytes: number): Promise<Measure[]> {
  const { ms, peak } = await new Promise<{ ms: number; peak: number }>((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [String(gigabytes)], { execArgv: [] });
    child.once("message", (message) => resolve(message as { ms: number; peak: number }));
    child.once("exit", (code) => reject(new Error(`preparing ended with ${code}`)));
  });
  return [measure(`preparing a model of ${gigabytes} GB`, "s", [ms / 1000]), measure("  peak memory of that process", "MB", [peak / 1e6])];
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

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) await run(Number(process.argv[2]));
