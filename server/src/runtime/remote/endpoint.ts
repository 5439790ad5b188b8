/**
 * An endpoint that speaks OpenAI's HTTP interface: where it is, how it is spoken to, what its refusals mean,
 * and when they are worth another try. The judge of evaluations and the remote engine share it.
 */
import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from "undici";
import { isAbort, throwIfAborted, VqaError, type ErrorCode } from "../../engine/errors.js";
import { pause } from "../batch/run.js";

export interface EndpointOptions {
  /** Up to and with the version: "http://127.0.0.1:8080/v1". */
  readonly base: URL;
  readonly model: string;
  readonly key?: string | undefined;
  /** Further tries after a fault of the connection or a busy server. */
  readonly retries: number;
  /** First pause before another try; each further one is twice as long, where the server names none. */
  readonly backoffMs?: number | undefined;
  /** A server that sends nothing for this time is given up. */
  readonly timeoutMs?: number | undefined;
  /** What messages call it, and what to look at when it cannot be used. */
  readonly name: string;
  readonly next: string;
}

export type HttpReply = Dispatcher.ResponseData;

const BACKOFF_MS = 1000;
const TIMEOUT_MS = 120_000;
/** A server that wants more patience than this is told as one that cannot be used now. */
const MAX_PAUSE_MS = 5 * 60_000;
const MAX_ERROR_BYTES = 64 * 1024;

/** One try that failed. `passing`: another one may not. */
export class EndpointFault extends Error {
  constructor(
    readonly why: string,
    readonly passing: boolean,
    readonly code: ErrorCode = "worker-unavailable",
    readonly pauseMs?: number,
  ) {
    super(why);
  }
}

/**
 * The address of an endpoint. What goes there may be private, so plain http is for this machine and the
 * networks of a house. Error: invalid-request.
 */
export function endpointAddress(written: string, what: string): URL {
  const refuse = (why: string): VqaError => new VqaError("invalid-request", `${what} is ${JSON.stringify(written)}, ${why}.`, "Write it as https://host/v1, or http://127.0.0.1:8000/v1.");
  if (!URL.canParse(written)) throw refuse("which is no address");
  const url = new URL(written);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refuse("which is neither http nor https");
  if (url.username !== "" || url.password !== "") throw refuse("which has a password in it");
  if (url.search !== "" || url.hash !== "") throw refuse("which has more than a path");
  if (url.protocol === "http:" && !isNear(url.hostname)) throw refuse("which is far away and not encrypted");
  return url;
}

function isNear(host: string): boolean {
  if (host === "localhost" || host === "[::1]" || host.endsWith(".local") || host.endsWith(".localhost")) return true;
  if (/^\[f[cd]/i.test(host) || /^(127|10)\.\d+\.\d+\.\d+$/.test(host) || /^192\.168\.\d+\.\d+$/.test(host) || /^172\.(1[6-9]|2\d|3[01])\.\d+\.\d+$/.test(host)) return true;
  return !host.includes(".") && !host.startsWith("[");
}

export class Endpoint {
  readonly host: string;
  readonly #dispatcher: Dispatcher;
  readonly #timeoutMs: number;

  constructor(private readonly options: EndpointOptions) {
    this.host = options.base.host;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    const limits: Agent.Options = { connect: { timeout: Math.min(this.#timeoutMs, 30_000) }, headersTimeout: this.#timeoutMs, bodyTimeout: this.#timeoutMs };
    // A proxy is for the way out of the house.
    this.#dispatcher = isNear(options.base.hostname) ? new Agent(limits) : new EnvHttpProxyAgent(limits);
  }

  /** A reply with a body that has yet to be read. Redirections are not followed. Error: EndpointFault. */
  async post(path: string, body: object, signal: AbortSignal | undefined): Promise<HttpReply> {
    const { base, key } = this.options;
    const url = new URL(`${base.pathname.replace(/\/+$/, "")}${path}`, base);
    const reply = await request(url, {
      method: "POST",
      dispatcher: this.#dispatcher,
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream", "user-agent": "vqa", ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
    if (reply.statusCode >= 200 && reply.statusCode < 300) return reply;
    throw refusal(reply.statusCode, await textOf(reply, MAX_ERROR_BYTES), reply.headers);
  }

  /**
   * `attempt` until it succeeds or is not worth another try. `begun` says that something was heard
   * already, after which nothing is tried again. Errors: VqaError.
   */
  async tried<T>(attempt: () => Promise<T>, begun: () => boolean, signal: AbortSignal | undefined): Promise<T> {
    const { retries, backoffMs = BACKOFF_MS, name, next } = this.options;
    for (let tries = 0; ; tries++) {
      try {
        throwIfAborted(signal);
        return await attempt();
      } catch (thrown) {
        if (thrown instanceof VqaError) throw thrown;
        throwIfAborted(signal);
        const fault = thrown instanceof EndpointFault ? thrown : new EndpointFault(whyOf(thrown, this.#timeoutMs), true);
        const pauseMs = fault.pauseMs ?? backoffMs * 2 ** tries;
        if (!fault.passing || begun() || tries >= retries || pauseMs > MAX_PAUSE_MS) {
          const patience = pauseMs > MAX_PAUSE_MS ? ` It asks to be left alone for ${Math.round(pauseMs / 60_000)} min.` : "";
          const step = fault.code === "model-unsupported" ? "Start that engine with a model that sees pictures (llama-server: --mmproj), or name another model." : next;
          throw new VqaError(begun() ? "worker-crashed" : fault.code, `${name} at ${this.host} cannot be used: ${fault.why}${/[.!?]$/.test(fault.why) ? "" : "."}${patience}`, step, { cause: thrown, data: { host: this.host } });
        }
        await pause(pauseMs, signal ?? NEVER);
      }
    }
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }
}

const NEVER = new AbortController().signal;

/** The body, cut off after `most` bytes. */
export async function textOf(reply: HttpReply, most: number): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of reply.body as AsyncIterable<Buffer>) {
    pieces.push(chunk);
    if ((bytes += chunk.length) >= most) break;
  }
  return Buffer.concat(pieces).toString("utf8").slice(0, most);
}

/**
 * What a refusal means. The servers tell a prompt that is too long in their own ways: OpenAI and SGLang by
 * the code `context_length_exceeded`, vLLM in words, llama-server by the type `exceed_context_size_error`.
 */
function refusal(status: number, body: string, headers: HttpReply["headers"]): EndpointFault {
  const told = errorIn(body);
  const words = (told.message ?? body).replace(/\s+/g, " ").trim().slice(0, 300);
  const why = `it answered ${status}${words === "" ? "" : `: ${words}`}`;
  if (status === 413 || ((status === 400 || status === 422 || status === 500) && isTooLong(`${told.code ?? ""} ${told.type ?? ""} ${told.message ?? body}`))) return new EndpointFault(why, false, "context-overflow");
  if (isBlind(told.message ?? body)) return new EndpointFault(why, false, "model-unsupported");
  if (status === 408 || status === 425 || status === 429 || status >= 500) return new EndpointFault(why, true, "worker-unavailable", pauseOf(headers));
  return new EndpointFault(why, false, status === 400 || status === 422 ? "invalid-request" : "worker-unavailable");
}

/** A model without eyes: llama-server says so with a 500 that would come again each time. */
function isBlind(words: string): boolean {
  return /image input is not supported|does not support (?:image|multimodal)|not a multimodal model/i.test(words);
}

export function isTooLong(words: string): boolean {
  return /context_length_exceeded|exceed_context_size_error|maximum context length|context (?:size|length|window)|longer than the (?:model|maximum)|prompt is too long/i.test(words);
}

/** `{"error": {"message", "type", "code"}}`, `{"error": "…"}` or vLLM's older `{"message": "…"}`. */
export function errorIn(body: string): { readonly message?: string; readonly type?: string; readonly code?: string } {
  try {
    const value = JSON.parse(body) as { error?: unknown; message?: unknown; detail?: unknown };
    const error = value.error ?? value;
    if (typeof error === "string") return { message: error };
    const { message, type, code } = error as Record<string, unknown>;
    return { ...(typeof message === "string" ? { message } : {}), ...(typeof type === "string" ? { type } : {}), ...(code === undefined || code === null ? {} : { code: String(code) }) };
  } catch {
    return {};
  }
}

/** `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3). */
function pauseOf(headers: HttpReply["headers"]): number | undefined {
  const value = headers["retry-after"];
  if (typeof value !== "string") return undefined;
  if (/^\d+(\.\d+)?$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function whyOf(thrown: unknown, timeoutMs: number): string {
  const error = thrown as { code?: string; message?: string; cause?: { message?: string } };
  if (/UND_ERR_(HEADERS|BODY)_TIMEOUT/.test(error.code ?? "")) return `it sent nothing for ${Math.round(timeoutMs / 1000)} s`;
  if (isAbort(thrown)) return "the connection was ended";
  return error.cause?.message ?? error.message ?? String(thrown);
}
