/**
 * An endpoint that takes only what OpenAI's published interface of chat completions has (content parts,
 * streams with usage, log-probabilities), answers as a script says, and misbehaves on request.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** The connection ends without a word. */
  | { readonly kind: "hang-up" }
  /** Nothing comes, for as long as the client waits. */
  | { readonly kind: "silent" }
  /** The stream is cut after so many of its events. */
  | { readonly kind: "cut"; readonly after: number }
  /** After so many events nothing comes any more. */
  | { readonly kind: "stall"; readonly after: number }
  | { readonly kind: "raw"; readonly type: string; readonly body: string }
  /** An event that is no JSON. */
  | { readonly kind: "garbled" }
  /** Words without end. */
  | { readonly kind: "endless" }
  /** One line without end. */
  | { readonly kind: "one-line" };

export interface Said {
  readonly text: string;
  readonly finish?: string;
  readonly alternatives?: readonly (readonly { readonly token: string; readonly logprob: number }[])[];
}

export interface Asked {
  readonly body: ChatBody;
  readonly authorization: string | undefined;
}

export interface ChatBody {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string | readonly Part[] }[];
  readonly stream?: boolean;
  readonly max_tokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly logprobs?: boolean;
  readonly [key: string]: unknown;
}

export type Part = { readonly type: "text"; readonly text: string } | { readonly type: "image_url"; readonly image_url: { readonly url: string } } | { readonly type: "video_url"; readonly video_url: { readonly url: string } };

const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  model: (v) => typeof v === "string" && v !== "",
  messages: (v) => Array.isArray(v) && v.length > 0 && v.every(isMessage),
  stream: (v) => typeof v === "boolean",
  stream_options: (v) => JSON.stringify(v) === '{"include_usage":true}',
  temperature: (v) => typeof v === "number" && v >= 0 && v <= 2,
  seed: Number.isSafeInteger,
  max_tokens: (v) => Number.isInteger(v) && (v as number) > 0,
  logprobs: (v) => typeof v === "boolean",
  top_logprobs: (v) => Number.isInteger(v) && (v as number) >= 0 && (v as number) <= 20,
};

function isMessage(value: unknown): boolean {
  const { role, content, ...rest } = value as Record<string, unknown>;
  if (Object.keys(rest).length > 0 || !["system", "user", "assistant"].includes(String(role))) return false;
  if (typeof content === "string") return true;
  return Array.isArray(content) && content.length > 0 && content.every((part) => isPart(part as Record<string, unknown>));
}

function isPart({ type, ...rest }: Record<string, unknown>): boolean {
  const [[key, value] = ["", undefined], ...more] = Object.entries(rest);
  if (more.length > 0 || key !== type) return false;
  if (type === "text") return typeof value === "string" && value !== "";
  const { url, ...extra } = (value ?? {}) as { url?: string };
  if (Object.keys(extra).length > 0 || typeof url !== "string") return false;
  if (type === "image_url") return isPng(url);
  return type === "video_url" && /^data:video\/[\w-]+;base64,[A-Za-z0-9+/]+=*$/.test(url);
}

function isPng(url: string): boolean {
  const [, data] = /^data:image\/png;base64,([A-Za-z0-9+/]+=*)$/.exec(url) ?? [];
  return data !== undefined && Buffer.from(data, "base64").subarray(1, 4).toString() === "PNG";
}

export interface FakeOptions {
  /** Fields beyond OpenAI's, as vLLM and others take them. */
  readonly extra?: readonly string[];
  /** Most pictures that fit. */
  readonly mostImages?: number;
  /** How it says that more are too many. */
  readonly tooLong?: { readonly status: number; readonly body: string };
  /** Bytes that are sent at once. */
  readonly chunk?: number;
  readonly say?: (body: ChatBody) => Said;
  readonly key?: string;
  /** Answers at once, though a stream was asked for. */
  readonly streams?: boolean;
}

export class FakeEngine {
  readonly asked: Asked[] = [];
  /** What goes wrong with the next requests, in order. */
  readonly faults: Fault[] = [];
  readonly #server: Server;
  /** Connections that were made, whatever was said over them. */
  connections = 0;

  private constructor(private readonly options: FakeOptions) {
    this.#server = createServer((request, response) => void this.#serve(request, response)).on("connection", () => this.connections++);
  }

  static async start(options: FakeOptions = {}): Promise<FakeEngine> {
    const fake = new FakeEngine(options);
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}/v1`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const piece of request) text += String(piece);
    const fault = this.faults.shift();
    if (fault?.kind === "hang-up") return void request.socket.destroy();
    if (fault?.kind === "silent") return;
    if (fault?.kind === "status") return void response.writeHead(fault.status, fault.headers).end(fault.body ?? "");
    if (fault?.kind === "raw") return void response.writeHead(200, { "content-type": fault.type }).end(fault.body);
    const refuse = (status: number, message: string, code: string | null = null): void =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error: { message, type: "invalid_request_error", param: null, code } }));
    if (request.method !== "POST" || request.url !== "/v1/chat/completions") return refuse(404, `no such path: ${request.url}`);
    if (request.headers["content-type"] !== "application/json") return refuse(415, "send JSON");
    if (this.options.key !== undefined && request.headers.authorization !== `Bearer ${this.options.key}`) return refuse(401, "Incorrect API key provided", "invalid_api_key");
    const body = JSON.parse(text) as ChatBody;
    const { extra = [] } = this.options;
    for (const [key, value] of Object.entries(body)) if (!(FIELDS[key]?.(value) ?? extra.includes(key))) return refuse(400, `${key} is not as published: ${JSON.stringify(value).slice(0, 200)}`);
    if (body["stream_options"] !== undefined && body.stream !== true) return refuse(400, "stream_options without stream");
    if (body["top_logprobs"] !== undefined && body.logprobs !== true) return refuse(400, "top_logprobs without logprobs");
    if (body.messages === undefined || body.model === undefined) return refuse(400, "model and messages are needed");
    this.asked.push({ body, authorization: request.headers.authorization });
    const images = body.messages.flatMap(({ content }) => (typeof content === "string" ? [] : content)).filter(({ type }) => type === "image_url").length;
    const { mostImages = 1000, tooLong = { status: 400, body: '{"error":{"message":"This model\'s maximum context length is 4096 tokens.","code":"context_length_exceeded"}}' } } = this.options;
    if (images > mostImages) return void response.writeHead(tooLong.status, { "content-type": "application/json" }).end(tooLong.body);

    const said = this.options.say?.(body) ?? { text: "a red circle" };
    if (body.stream !== true || this.options.streams === false) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ id: "1", object: "chat.completion", created: 1, model: body.model, choices: [{ index: 0, message: { role: "assistant", content: said.text }, finish_reason: said.finish ?? "stop" }], usage: { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 } }));
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    await this.#stream(response, body, said, fault);
  }

  async #stream(response: ServerResponse, body: ChatBody, said: Said, fault: Fault | undefined): Promise<void> {
    const chunk = (choices: readonly object[], more: object = {}): string => `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", created: 1, model: body.model, choices, ...more })}\n\n`;
    const words = said.text.split(/(?<= )/);
    const events = [
      ": keep-alive\r\n\r\n",
      chunk([{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }], { usage: null }),
      ...words.map((content, i) => {
        const tokens = said.alternatives?.[i];
        const logprobs = tokens === undefined ? null : { content: [{ ...tokens[0], bytes: null, top_logprobs: tokens.map((each) => ({ ...each, bytes: null })) }] };
        return chunk([{ index: 0, delta: { content }, finish_reason: null, ...(body.logprobs === true ? { logprobs } : {}) }]);
      }),
      chunk([{ index: 0, delta: {}, finish_reason: said.finish ?? "stop" }]),
      ...(body["stream_options"] === undefined ? [] : [chunk([], { usage: { prompt_tokens: 1234, completion_tokens: words.length, total_tokens: 1234 + words.length } })]),
      "data: [DONE]\n\n",
    ];
    if (fault?.kind === "garbled") events.splice(2, 0, "data: {\"choices\": [{\n\n");
    if (fault?.kind === "endless" || fault?.kind === "one-line") events.splice(3);
    const after = fault?.kind === "cut" || fault?.kind === "stall" ? fault.after : events.length;
    const bytes = Buffer.from(events.slice(0, after).join(""));
    const size = this.options.chunk ?? bytes.length;
    for (let at = 0; at < bytes.length; at += size) await written(response, bytes.subarray(at, at + size));
    if (fault?.kind === "stall") return;
    if (fault?.kind === "cut") return void response.destroy();
    if (fault?.kind === "endless" || fault?.kind === "one-line") {
      const more = fault.kind === "endless" ? chunk([{ index: 0, delta: { content: "and so on ".repeat(100) }, finish_reason: null }]) : "x".repeat(65_536);
      if (fault.kind === "one-line") response.write("data: ");
      while (!response.destroyed && !response.closed) await written(response, Buffer.from(more));
      return;
    }
    response.end();
  }
}

/** Resolves when the bytes are on their way, or nobody wants them any more. */
async function written(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  if (response.destroyed || response.closed) return;
  await new Promise<void>((resolve) => {
    response.once("close", resolve);
    response.write(bytes, () => {
      response.off("close", resolve);
      resolve();
    });
  });
}
