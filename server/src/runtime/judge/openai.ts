/** A judge behind an endpoint that speaks OpenAI's chat completions, on this machine or elsewhere. */
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import type { Judge } from "../../engine/evaluate/judge.js";
import { pause } from "../batch/run.js";

const TIMEOUT_MS = 120_000;
const BACKOFF_MS = 1000;
const MAX_TOKENS = 200;

export interface EndpointOptions {
  /** Up to and with the version: "http://127.0.0.1:8080/v1". */
  readonly base: URL;
  readonly model: string;
  readonly key?: string | undefined;
  /** Further tries after a fault of the connection or a busy server. */
  readonly retries: number;
  readonly backoffMs?: number;
}

/** Errors of `ask`: `worker-unavailable` when the endpoint cannot be used, after all tries. */
export function endpointJudge({ base, model, key, retries, backoffMs = BACKOFF_MS }: EndpointOptions): Judge {
  const url = new URL(`${base.pathname.replace(/\/+$/, "")}/chat/completions`, base);
  return {
    id: `${model} at ${base.host}`,
    async ask({ system, user }, attempt, signal) {
      const body = JSON.stringify({
        model,
        messages: [
          { role: "system", content: system },
          { role: "user", content: user },
        ],
        // The first reply is the likeliest; a further one must be able to be another.
        temperature: attempt === 0 ? 0 : 0.7,
        seed: attempt,
        max_tokens: MAX_TOKENS,
      });
      for (let tries = 0; ; tries++) {
        const reply = await post(url, body, key, signal);
        throwIfAborted(signal);
        if ("text" in reply) return reply.text;
        if (!reply.passing || tries >= retries) throw new VqaError("worker-unavailable", `The judge at ${base.host} cannot be used: ${reply.why}`, "Check --judge, --judge-model and VQA_JUDGE_KEY. What was judged is kept.");
        await pause(backoffMs * 2 ** tries, signal);
      }
    },
  };
}

type Reply = { readonly text: string } | { readonly why: string; readonly passing: boolean };

async function post(url: URL, body: string, key: string | undefined, signal: AbortSignal): Promise<Reply> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const text = await response.text();
    if (!response.ok) return { why: `it answered ${response.status} ${text.slice(0, 200)}`.trim(), passing: response.status === 429 || response.status >= 500 };
    const content = (JSON.parse(text) as { choices?: { message?: { content?: unknown } }[] }).choices?.[0]?.message?.content;
    return { text: typeof content === "string" ? content : "" };
  } catch (thrown) {
    throwIfAborted(signal);
    const cause = (thrown as { cause?: { message?: string } }).cause?.message;
    return { why: cause ?? (thrown as Error).message, passing: true };
  }
}
