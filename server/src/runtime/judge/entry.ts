/**
 * The local judge's program: a GGUF model that may say nothing but a verdict, since a grammar holds its
 * words. A process of its own, as all native code is; it ends with the channel.
 */
import { LlamaChatSession, type LlamaContextSequence } from "node-llama-cpp";
import { backendName, llamaBackend, loadGguf } from "../llama/backend.js";
import { idleThreads } from "../llama/threads.js";
import type { FromJudge, JudgeStart, ToJudge } from "./messages.js";

const { send } = process;
if (send === undefined) {
  console.error("This program is started by `vqa eval --judge`.");
  process.exit(2);
}
const tell = (message: FromJudge): void => void send.call(process, message, undefined, undefined, () => undefined);
process.once("disconnect", () => process.exit(0));

const SCHEMA = {
  type: "object",
  properties: { verdict: { enum: ["yes", "no"] }, score: { enum: [0, 1, 2, 3, 4, 5] } },
} as const;
/** A verdict is short; a model that goes on has lost its way. */
const MAX_TOKENS = 64;
const CONTEXT = 4096;

let turn: Promise<unknown> = Promise.resolve();

process.once("message", (start: JudgeStart) => {
  turn = open(start).then(
    (ask) => {
      process.on("message", (message: ToJudge) => {
        turn = turn.then(() => answer(ask, message));
      });
    },
    (thrown: unknown) => tell({ type: "failed", message: (thrown as Error).message }),
  );
});

type Ask = (message: ToJudge) => Promise<string>;

async function open({ file, threads }: JudgeStart): Promise<Ask> {
  const llama = await llamaBackend(false);
  const model = await loadGguf(llama, file, { named: file, useMmap: true, deviceLayers: 0 });
  const context = await model.createContext({ contextSize: Math.min(CONTEXT, model.trainContextSize), threads: threads ?? idleThreads(), sequences: 1 });
  const grammar = await llama.createGrammarForJsonSchema(SCHEMA);
  const sequence: LlamaContextSequence = context.getSequence();
  tell({ type: "ready", engine: await backendName(llama) });
  return async ({ system, user, attempt }) => {
    await sequence.clearHistory();
    const session = new LlamaChatSession({ contextSequence: sequence, systemPrompt: system, autoDisposeSequence: false });
    try {
      return await session.prompt(user, { grammar, maxTokens: MAX_TOKENS, temperature: attempt === 0 ? 0 : 0.7, seed: attempt });
    } finally {
      session.dispose();
    }
  };
}

async function answer(ask: Ask, message: ToJudge): Promise<void> {
  try {
    tell({ type: "reply", id: message.id, text: await ask(message) });
  } catch (thrown) {
    tell({ type: "failed", id: message.id, message: (thrown as Error).message });
  }
}
