/** A judge behind an endpoint that speaks OpenAI's chat completions, on this machine or elsewhere. */
import type { Judge } from "../../engine/evaluate/judge.js";
import { complete } from "../remote/chat.js";
import { Endpoint, type EndpointOptions } from "../remote/endpoint.js";

const MAX_TOKENS = 200;

export type JudgeEndpoint = Omit<EndpointOptions, "name" | "next">;

/** Errors of `ask`: `worker-unavailable` when the endpoint cannot be used, after all tries. */
export function endpointJudge(options: JudgeEndpoint): Judge & { dispose(): Promise<void> } {
  const { base, model } = options;
  const endpoint = new Endpoint({ ...options, name: "The judge", next: "Check --judge, --judge-model and VQA_JUDGE_KEY. What was judged is kept." });
  return {
    id: `${model} at ${base.host}`,
    ask: ({ system, user }, attempt, signal) =>
      complete(
        endpoint,
        {
          model,
          messages: [
            { role: "system", content: system },
            { role: "user", content: user },
          ],
          // The first reply is the likeliest; a further one must be able to be another.
          temperature: attempt === 0 ? 0 : 0.7,
          seed: attempt,
          max_tokens: MAX_TOKENS,
        },
        signal,
      ),
    dispose: () => endpoint.close(),
  };
}
