/** A client of the language server, over real pipes: what an editor does, without an editor. */
import { fork, spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import type { VqaError } from "../../server/src/engine/errors.js";
import { typedError } from "../../server/src/protocol/jsonrpc.js";

const main = fileURLToPath(new URL("../../server/src/main.js", import.meta.url));

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class LspClient {
  readonly connection: MessageConnection;
  readonly exited: Promise<Exit>;
  /** Everything on standard error so far. */
  log = "";
  /** Latest pushed diagnostics by document. */
  readonly pushed = new Map<string, readonly { code: string; message: string; range: unknown }[]>();
  private readonly process: ChildProcess;

  private constructor(child: ChildProcess, connection: MessageConnection) {
    this.process = child;
    this.connection = connection;
    this.exited = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
    child.stderr?.on("data", (chunk: Buffer) => (this.log += chunk.toString()));
    // A message that is no message fails the test that caused it.
    connection.onError(([error]) => {
      throw error;
    });
    connection.onNotification("textDocument/publishDiagnostics", ({ uri, diagnostics }) => void this.pushed.set(uri, diagnostics));
    connection.listen();
  }

  /** `program` is what an editor would start: the server itself, or the launcher with `lsp`. */
  static stdio(env: NodeJS.ProcessEnv = {}, program: readonly string[] = [main]): LspClient {
    const child = spawn(process.execPath, [...program, "--stdio"], { env: { ...process.env, ...env }, stdio: "pipe" });
    // Writing to a server that was killed on purpose.
    child.stdin.on("error", () => undefined);
    return new LspClient(child, createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin)));
  }

  static ipc(): LspClient {
    const child = fork(main, ["--node-ipc"], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    return new LspClient(child, createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child)));
  }

  get pid(): number {
    return this.process.pid!;
  }

  async initialize(capabilities: object = {}, options: object = { threads: 1 }): Promise<{ capabilities: Record<string, unknown>; serverInfo: { name: string; version: string } }> {
    const result = await this.request<never>("initialize", { processId: process.pid, rootUri: null, capabilities, initializationOptions: options });
    await this.notify("initialized", {});
    return result;
  }

  request<R>(method: string, params: unknown, ...more: [] | [import("vscode-jsonrpc").CancellationToken]): Promise<R> {
    return this.connection.sendRequest(method, params, ...more);
  }

  notify(method: string, params: unknown): Promise<void> {
    return this.connection.sendNotification(method, params);
  }

  open(uri: string, text: string): Promise<void> {
    return this.notify("textDocument/didOpen", { textDocument: { uri, languageId: "vqa", version: 1, text } });
  }

  async shutdown(): Promise<Exit> {
    await this.request("shutdown", undefined);
    await this.notify("exit", undefined);
    return this.exited;
  }

  /** Closes the server's standard input, as an editor's crash does. */
  hangUp(): void {
    this.process.stdin?.end();
  }

  kill(): Promise<Exit> {
    this.process.kill("SIGKILL");
    return this.exited;
  }
}

export interface Refusal {
  readonly rpc: number;
  readonly message: string;
  readonly error: VqaError | undefined;
}

/** The error that a request ends with. */
export async function refusal(request: Promise<unknown>): Promise<Refusal> {
  try {
    await request;
  } catch (thrown) {
    if (!(thrown instanceof ResponseError)) throw thrown;
    return { rpc: thrown.code, message: thrown.message, error: typedError(thrown.data) };
  }
  throw new Error("The request was answered.");
}
