/** A hub on this machine that serves files as the real one does, and misbehaves on demand. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface HubFile {
  content: Buffer;
  /** Small files are named by their git blob id, and come from the hub itself. */
  readonly large: boolean;
  /** Size that the hub tells, where that is not the content's. */
  readonly announced?: number;
}

export type Fault =
  /** Says nothing more after so many bytes of the body, and keeps the connection. */
  | { readonly kind: "stall"; readonly after: number }
  /** Closes the connection after so many bytes. */
  | { readonly kind: "cut"; readonly after: number }
  /** Sends more than it announced to be the file. */
  | { readonly kind: "longer" }
  | { readonly kind: "status"; readonly status: number; readonly retryAfter?: string }
  /** Another content of the same length. */
  | { readonly kind: "other" }
  /** Ignores ranges. */
  | { readonly kind: "whole" }
  /** Answers a range with another one. */
  | { readonly kind: "shifted" };

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly host: "hub" | "storage";
  readonly range?: string | undefined;
  readonly ifRange?: string | undefined;
  readonly authorization?: string | undefined;
}

export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

export class HubServer {
  /** By "repo/path". */
  readonly files = new Map<string, HubFile>();
  /** By "repo/path": one for each GET of the content, in order. */
  readonly faults = new Map<string, Fault[]>();
  readonly seen: Seen[] = [];
  /** Token that repositories of this name want. */
  readonly gated = new Map<string, string>();
  commit = COMMIT;
  headers = true;
  private readonly open = new Set<ServerResponse>();

  private constructor(
    private readonly hub: Server,
    private readonly storage: Server,
  ) {}

  static async start(): Promise<HubServer> {
    const server: HubServer = new HubServer(
      createServer((request, response) => server.answerHub(request, response)),
      createServer((request, response) => server.answerStorage(request, response)),
    );
    for (const each of [server.hub, server.storage]) await new Promise<void>((resolve) => each.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.hub.address() as AddressInfo).port}`;
  }

  add(repo: string, path: string, content: Buffer, large = true): void {
    this.files.set(`${repo}/${path}`, { content, large });
  }

  fault(name: string, ...faults: Fault[]): void {
    this.faults.set(name, faults);
  }

  /** Requests for content, in order. */
  gets(path?: string): readonly Seen[] {
    return this.seen.filter((each) => each.method === "GET" && (path === undefined || each.path.endsWith(path)));
  }

  async stop(): Promise<void> {
    for (const response of this.open) response.destroy();
    await Promise.all([this.hub, this.storage].map((each) => new Promise((resolve) => (each.closeAllConnections(), each.close(resolve)))));
  }

  private answerHub(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(new URL(request.url ?? "/", this.endpoint).pathname).slice(1);
    this.note(request, path, "hub");
    const match = /^(.+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    const name = match === null ? "" : `${match[1]}/${match[3]}`;
    const file = this.files.get(name);
    const token = match === null ? undefined : this.gated.get(match[1]!);
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) return void response.writeHead(request.headers.authorization === undefined ? 401 : 403).end();
    if (file === undefined || match === null || (match[2] !== "main" && match[2] !== this.commit)) return void response.writeHead(404).end();
    const sha256 = createHash("sha256").update(file.content).digest("hex");
    const git = createHash("sha1").update(`blob ${file.content.length}\0`).update(file.content).digest("hex");
    const told = this.headers ? { "x-repo-commit": this.commit, ...(file.large ? { "x-linked-etag": `"${sha256}"`, "x-linked-size": String(file.announced ?? file.content.length) } : {}) } : {};
    if (file.large) {
      const location = `http://127.0.0.1:${(this.storage.address() as AddressInfo).port}/${encodeURIComponent(name)}`;
      return void response.writeHead(302, { ...told, location }).end();
    }
    if (request.method === "HEAD") return void response.writeHead(200, { ...told, etag: `"${git}"`, "content-length": file.content.length }).end();
    this.send(name, file, request, response, told);
  }

  private answerStorage(request: IncomingMessage, response: ServerResponse): void {
    const name = decodeURIComponent((request.url ?? "/").slice(1));
    this.note(request, name, "storage");
    const file = this.files.get(name);
    if (file === undefined) return void response.writeHead(404).end();
    this.send(name, file, request, response, {});
  }

  private send(name: string, file: HubFile, request: IncomingMessage, response: ServerResponse, headers: Record<string, string>): void {
    this.open.add(response);
    response.on("close", () => this.open.delete(response));
    const fault = this.faults.get(name)?.shift();
    if (fault?.kind === "status") return void response.writeHead(fault.status, fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter }).end();
    let { content } = file;
    if (fault?.kind === "other") content = Buffer.alloc(content.length, 7);
    const etag = `"${createHash("md5").update(content).digest("hex")}"`;
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
    const current = request.headers["if-range"] === undefined || request.headers["if-range"] === etag;
    let from = range === null || !current || fault?.kind === "whole" ? 0 : Number(range[1]);
    if (from > 0 && from >= content.length) return void response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
    if (fault?.kind === "shifted") from = Math.max(1, from - 10);
    const body = content.subarray(from);
    const length = fault?.kind === "longer" ? {} : { "content-length": String(body.length) };
    const partial = from > 0 ? { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` } : {};
    response.writeHead(from > 0 ? 206 : 200, { ...headers, etag, ...length, ...partial });
    if (fault?.kind === "stall" || fault?.kind === "cut") {
      response.write(body.subarray(0, fault.after), () => {
        if (fault.kind === "cut") setTimeout(() => response.destroy(), 20);
      });
      return;
    }
    if (fault?.kind === "longer") response.write(Buffer.alloc(5000, 1));
    response.end(body);
  }

  private note(request: IncomingMessage, path: string, host: Seen["host"]): void {
    this.seen.push({ method: request.method ?? "", path, host, range: request.headers.range, ifRange: request.headers["if-range"] as string | undefined, authorization: request.headers.authorization });
  }
}
