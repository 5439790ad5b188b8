/** A client of the language server, over real pipes: what an editor does, without an editor. */
import assert from "node:assert/strict";
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
  type MessageReader,
  type MessageWriter,
} from "vscode-jsonrpc/node";
import type { VqaError } from "../../server/src/engine/errors.js";
import { typedError } from "../../server/src/protocol/jsonrpc.js";
import { MessageCheck, type Wire } from "./messageCheck.js";

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
  private readonly waiting = new Map<string, (answer: Wire) => void>();

  /** Every message of the server is held against its definition; one that is not as defined fails the test that caused it. */
  readonly check = new MessageCheck();

  private constructor(child: ChildProcess, reader: MessageReader, writer: MessageWriter) {
    this.process = child;
    const connection = createMessageConnection(this.checked(reader), this.noted(writer));
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
    return new LspClient(child, new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  }

  static ipc(): LspClient {
    const child = fork(main, ["--node-ipc"], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    return new LspClient(child, new IPCMessageReader(child), new IPCMessageWriter(child));
  }

  private checked(reader: MessageReader): MessageReader {
    const listen = reader.listen.bind(reader);
    reader.listen = (take) =>
      listen((message) => {
        const faults = this.check.received(message as Wire);
        if (faults.length > 0) queueMicrotask(() => assert.fail(`The server sent what the protocol does not know:\n${faults.join("\n")}`));
        const { id } = message as Wire;
        const awaited = typeof id === "string" ? this.waiting.get(id) : undefined;
        if (awaited === undefined) take(message);
        else awaited(message as Wire);
      });
    return reader;
  }

  private noted(writer: MessageWriter): MessageWriter {
    const write = writer.write.bind(writer);
    writer.write = (message) => {
      this.check.sent(message as Wire);
      return write(message);
    };
    return writer;
  }

  /** The response to a request that `writeTogether` sends under this id. */
  answerTo(id: string): Promise<Wire> {
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  /** Messages in one piece, so that the server reads them in one go. Over standard input only. */
  writeTogether(messages: readonly Wire[]): void {
    const pieces = messages.map((message) => {
      this.check.sent(message);
      const body = JSON.stringify({ jsonrpc: "2.0", ...message });
      return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    });
    this.process.stdin?.write(pieces.join(""));
  }

  get pid(): number {
    return this.process.pid!;
  }

  async initialize(capabilities: object = {}, options: object = { threads: 1 }, locale?: string): Promise<{ capabilities: Record<string, unknown>; serverInfo: { name: string; version: string } }> {
    const result = await this.request<never>("initialize", { processId: process.pid, rootUri: null, capabilities, initializationOptions: options, ...(locale === undefined ? {} : { locale }) });
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
