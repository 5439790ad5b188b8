/** Chat completions over an endpoint: whole replies for the judge, streams for the engine. */
import { isAbort, throwIfAborted } from "../../engine/errors.js";
import type { ChatReply } from "../../engine/remote/port.js";
import { Endpoint, EndpointFault, errorIn, isTooLong, textOf, type HttpReply } from "./endpoint.js";
import { eventsOf, SseError } from "./sse.js";

const MAX_REPLY_BYTES = 16 * 1024 * 1024;

interface Completion {
  readonly error?: unknown;
  readonly choices?: readonly {
    readonly message?: { readonly content?: unknown };
    readonly delta?: { readonly content?: unknown };
    readonly finish_reason?: string | null;
    readonly logprobs?: { readonly content?: readonly { readonly token: string; readonly logprob: number; readonly top_logprobs?: readonly { readonly token: string; readonly logprob: number }[] }[] | null } | null;
  }[];
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number } | null;
}

/** The reply in one piece; empty when the model said nothing. Errors: those of `Endpoint.tried`. */
export function complete(endpoint: Endpoint, body: object, signal: AbortSignal | undefined): Promise<string> {
  return endpoint.tried(
    async () => {
      const reply = await endpoint.post("/chat/completions", body, signal);
      const content = completionIn(await textOf(reply, MAX_REPLY_BYTES)).choices?.[0]?.message?.content;
      return typeof content === "string" ? content : "";
    },
    () => false,
    signal,
  );
}

/** The reply as it grows. What was heard when the signal comes is the reply, with `stop: "stopped"`. */
export async function streamed(endpoint: Endpoint, body: object, maxChars: number, onText: (delta: string) => void, signal: AbortSignal | undefined): Promise<Omit<ChatReply, "notes">> {
  let said = new Said(onText, maxChars);
  try {
    await endpoint.tried(
      async () => {
        said = new Said(onText, maxChars);
        const reply = await endpoint.post("/chat/completions", body, signal);
        await read(reply, said);
      },
      () => said.text !== "",
      signal,
    );
  } catch (thrown) {
    if (signal?.aborted !== true || said.text.trim() === "") {
      if (isAbort(thrown)) throwIfAborted(signal);
      throw thrown;
    }
    return { ...said.reply(), stop: "stopped" };
  }
  return said.reply();
}

async function read(reply: HttpReply, said: Said): Promise<void> {
  const type = String(reply.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  // A server that does not stream answers at once.
  if (type === "application/json") return said.take(completionIn(await textOf(reply, MAX_REPLY_BYTES)));
  if (type !== "text/event-stream") {
    const start = await textOf(reply, 200);
    throw new EndpointFault(`it answered with ${type === "" ? "something unnamed" : type} and not with a stream: ${start.replace(/\s+/g, " ").slice(0, 80)}`, false);
  }
  try {
    for await (const data of eventsOf(reply.body as AsyncIterable<Uint8Array>)) {
      if (data.trim() === "[DONE]") return;
      said.take(completionIn(data));
      if (said.full) return;
    }
  } catch (thrown) {
    throw thrown instanceof SseError ? new EndpointFault(thrown.message, true) : thrown;
  } finally {
    reply.body.on("error", () => undefined).destroy();
  }
  if (!said.ended) throw new EndpointFault("its answer was cut off", true);
}

function completionIn(text: string): Completion {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new EndpointFault(`it sent what is no JSON: ${text.slice(0, 80)}`, true);
  }
  if (typeof value !== "object" || value === null) throw new EndpointFault("it sent JSON of another kind", true);
  const { error, choices } = value as Completion;
  if (error !== undefined && error !== null) {
    const { message = "an error", type = "", code = "" } = errorIn(text);
    throw isTooLong(`${code} ${type} ${message}`) ? new EndpointFault(message, false, "context-overflow") : new EndpointFault(message, true);
  }
  if (choices !== undefined && !Array.isArray(choices)) throw new EndpointFault("it sent JSON of another kind", true);
  return value as Completion;
}

/** What was heard of one reply. */
class Said {
  text = "";
  ended = false;
  full = false;
  #finish: string | undefined;
  #usage: Completion["usage"];
  readonly #alternatives: { text: string; logProb: number }[][] = [];

  constructor(
    private readonly onText: (delta: string) => void,
    private readonly maxChars: number,
  ) {}

  take({ choices, usage }: Completion): void {
    if (usage !== undefined && usage !== null) this.#usage = usage;
    // The chunk with the usage has no choice.
    const choice = choices?.[0];
    if (choice === undefined) return;
    const delta = choice.delta?.content ?? choice.message?.content;
    for (const { token, logprob, top_logprobs = [] } of choice.logprobs?.content ?? []) {
      this.#alternatives.push((top_logprobs.length > 0 ? top_logprobs : [{ token, logprob }]).map((each) => ({ text: each.token, logProb: each.logprob })));
    }
    if (typeof choice.finish_reason === "string") {
      this.#finish = choice.finish_reason;
      this.ended = true;
    }
    if (typeof delta !== "string" || delta === "") return;
    const kept = delta.slice(0, this.maxChars - this.text.length);
    this.text += kept;
    this.full = this.text.length >= this.maxChars;
    if (kept !== "") this.onText(kept);
  }

  reply(): Omit<ChatReply, "notes"> {
    const { prompt_tokens, completion_tokens } = this.#usage ?? {};
    return {
      text: this.text,
      stop: this.#finish === "length" || this.full ? "max-tokens" : "end",
      ...(typeof prompt_tokens === "number" ? { promptTokens: prompt_tokens } : {}),
      ...(typeof completion_tokens === "number" ? { answerTokens: completion_tokens } : {}),
      ...(this.#alternatives.length === 0 ? {} : { alternatives: this.#alternatives }),
    };
  }
}
