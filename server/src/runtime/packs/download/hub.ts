/**
 * Where model files lie on a hub, and how it is spoken to. Addresses and headers are those of the
 * Hugging Face hub, which its mirrors share (huggingface_hub, file_download.py): files under
 * `/REPO/resolve/REVISION/PATH`, `X-Repo-Commit` for the revision that was found, `X-Linked-Etag` and
 * `X-Linked-Size` for large files, whose etag is their sha256, and otherwise `ETag`, the git blob id.
 */
import { type Agent, EnvHttpProxyAgent, request, type Dispatcher } from "undici";
import { VqaError, throwIfAborted } from "../../../engine/errors.js";

const DEFAULT_ENDPOINT = "https://huggingface.co";

export interface HubOptions {
  /** Base address of the hub or a mirror; `HF_ENDPOINT` or the public hub when absent. */
  readonly endpoint?: string | undefined;
  /** For models whose authors ask for a sign-in. Sent to the endpoint's own host only, and never logged. */
  readonly token?: string | undefined;
  /** `http://host:port`; the environment's HTTP_PROXY, HTTPS_PROXY and NO_PROXY when absent. */
  readonly proxy?: string | undefined;
  /** Hosts that `proxy` is not for, as in NO_PROXY. */
  readonly noProxy?: readonly string[] | undefined;
  /** A server that says nothing for this time is given up; 30 s when absent. */
  readonly stallMs?: number | undefined;
}

export interface RemoteFile {
  readonly repo: string;
  readonly revision: string;
  readonly path: string;
}

const MOST_REDIRECTS = 5;

export type Answer = Dispatcher.ResponseData;

export class Hub {
  readonly endpoint: URL;
  private readonly token: string | undefined;
  private readonly dispatcher: Dispatcher;

  /** Error: invalid-request for an address that cannot be used. */
  constructor({ endpoint = process.env["HF_ENDPOINT"] ?? DEFAULT_ENDPOINT, token, proxy, noProxy = [], stallMs = 30_000 }: HubOptions = {}) {
    this.endpoint = address(endpoint, "The address of the model hub");
    this.token = token === undefined || token.trim() === "" ? undefined : token.trim();
    const limits: Agent.Options = { connect: { timeout: stallMs }, headersTimeout: stallMs, bodyTimeout: stallMs };
    // A proxy that was named is used alone: what the environment excepts is meant for the environment's own.
    const named = proxy === undefined || proxy === "" ? {} : { httpProxy: proxy, httpsProxy: proxy, noProxy: noProxy.join(",") };
    this.dispatcher = new EnvHttpProxyAgent({ ...limits, ...named });
  }

  get hasToken(): boolean {
    return this.token !== undefined;
  }

  url({ repo, revision, path }: RemoteFile): URL {
    const parts = [...repo.split("/"), "resolve", revision, ...path.split("/")].map(encodeURIComponent);
    const url = new URL(this.endpoint);
    url.pathname = [url.pathname.replace(/\/$/, ""), ...parts].join("/");
    return url;
  }

  /**
   * One request. With `follow`, redirects are followed; the token goes to no other host than the hub's,
   * and from https there is no way back to http. Errors: download-failed, cancelled.
   */
  async send(method: "GET" | "HEAD", url: URL, headers: Readonly<Record<string, string>>, follow: boolean, signal?: AbortSignal): Promise<Answer> {
    for (let hop = 0, at = url; ; hop++) {
      throwIfAborted(signal);
      const own = at.origin === this.endpoint.origin;
      let answer: Answer;
      try {
        answer = await request(at, {
          method,
          dispatcher: this.dispatcher,
          headers: { "user-agent": "vqa", "accept-encoding": "identity", ...headers, ...(own && this.token !== undefined ? { authorization: `Bearer ${this.token}` } : {}) },
          ...(signal === undefined ? {} : { signal }),
        });
      } catch (thrown) {
        throwIfAborted(signal);
        throw new VqaError("download-failed", `${at.host} does not answer: ${(thrown as Error).message}`, "Check the connection and the proxy, then try again: what is there already is kept.", {
          cause: thrown,
          data: { host: at.host },
        });
      }
      const location = answer.headers["location"];
      if (answer.statusCode < 300 || answer.statusCode >= 400 || typeof location !== "string") return answer;
      const next = new URL(location, at);
      // A hub's own renaming of a repository is followed even when only the headers are wanted.
      if (!follow && next.origin !== this.endpoint.origin) return answer;
      if (hop >= MOST_REDIRECTS) throw new VqaError("download-failed", `${url.host} redirects again and again.`, "Try again later, or use another mirror.");
      await discard(answer);
      if (at.protocol === "https:" && next.protocol !== "https:") {
        throw new VqaError("download-failed", `${at.host} redirects to an address that is not encrypted, ${next.host}.`, "Use another mirror.");
      }
      at = address(next.href, "A redirection");
    }
  }

  close(): Promise<void> {
    return this.dispatcher.close();
  }
}

/** A body that nobody reads would hold its connection. */
export async function discard(answer: Answer): Promise<void> {
  answer.body.on("error", () => undefined);
  await answer.body.dump({ limit: 16_384 }).catch(() => undefined);
}

export function header(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name];
  return typeof value === "string" ? value : undefined;
}

/** Plain http is for this machine only: what a checksum is taken from must not be open to others on the way. */
function address(text: string, what: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch (thrown) {
    throw new VqaError("invalid-request", `${what} is ${JSON.stringify(text)}, which is no address.`, "Write it as https://host.", { cause: thrown });
  }
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol === "https:" || (url.protocol === "http:" && local)) return url;
  throw new VqaError("invalid-request", `${what} is ${url.origin}, which is not encrypted.`, "Use an address that begins with https.");
}
