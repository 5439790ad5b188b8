/** What llama.cpp itself makes of a GGUF file: the logits after a few tokens, slots and all. */
import type { Token } from "node-llama-cpp";
import { llamaBackend, loadGguf } from "../../server/src/runtime/llama/backend.js";

/** By token id. One thread, no flash attention: the same sums in the same order for the same file. */
export async function logitsOf(file: string, tokens: readonly number[]): Promise<Float32Array> {
  const llama = await llamaBackend(false);
  const model = await loadGguf(llama, file, { named: file, useMmap: true, deviceLayers: 0 });
  try {
    const context = await model.createContext({ contextSize: 64, batchSize: 64, sequences: 1, threads: 1, flashAttention: false });
    const sequence = context.getSequence();
    const last = tokens.at(-1) as Token;
    const out = await sequence.controlledEvaluate([...tokens.slice(0, -1).map((token) => token as Token), [last, { generateNext: { logits: true } }]]);
    const logits = out.at(-1)?.next.logits;
    if (logits === undefined) throw new Error(`${file} gave no logits`);
    const all = new Float32Array(Math.max(...logits.keys()) + 1);
    for (const [token, logit] of logits) all[token] = logit;
    return all;
  } finally {
    await model.dispose();
  }
}
