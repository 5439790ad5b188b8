/**
 * The program's side of the decoding process: starts it when it is needed, ends it when it is idle,
 * deaf or broken. Whoever waits for it then gets the error `worker-crashed`, and may ask again.
 */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { cancelled, throwIfAborted, VqaError } from "../../../engine/errors.js";
import { MAX_WALK_MS } from "../difference.js";
import { endWithUs } from "../run.js";
import type { MediaLimits } from "../limits.js";
import type { Arguments, Call, FromChild, Listener, Result, ToChild } from "./messages.js";

/** A process that nobody needs keeps its memory no longer than this. */
const IDLE_MS = 20_000;
/** A cancelled call is answered within this, or the process is killed. */
const DEAF_MS = 300;

/**
 * MiB. Packets and pictures lie outside the heap, where V8 lets them gather to many times the size of its
 * young generation before it looks which are still in use: a small one keeps the process small.
 */
const EXEC_ARGV = ["--max-semi-space-size=1"];

interface Waiting extends Listener {
  readonly done: (value: unknown) => void;
  readonly fail: (error: unknown) => void;
}

interface Live {
  readonly child: ChildProcess;
  readonly opened: Promise<string | undefined>;
  readonly waiting: Map<number, Waiting>;
}

/** One decoding process at a time, and the calls that wait for it. */
export class DecodingProcess {
  private live: Live | undefined;
  private idle: NodeJS.Timeout | undefined;
  private lastId = 0;

  constructor(
    private readonly limits: MediaLimits,
    private readonly threads: number,
    private readonly entry: string = fileURLToPath(new URL("child.js", import.meta.url)),
  ) {}

  /** Name and version of the binding; undefined where it does not load. Error: worker-crashed. */
  open(): Promise<string | undefined> {
    return this.start().opened.finally(() => this.rest());
  }

  /**
   * @param listener is told of what comes before the end, and of nothing after an abort; where it throws, the call ends
   * Errors: worker-crashed, cancelled, what the listener threw, those of the call.
   */
  async call<C extends Call>(call: C, args: Arguments<C>, signal?: AbortSignal, listener: Listener = {}): Promise<Result<C>> {
    throwIfAborted(signal);
    clearTimeout(this.idle);
    const live = this.start();
    const id = ++this.lastId;
    let deaf: NodeJS.Timeout | undefined;
    const overdue = setTimeout(() => live.child.kill("SIGKILL"), (call === "differences" ? MAX_WALK_MS : this.limits.maxRunMs) + DEAF_MS);
    const stop = (): void => {
      // Pictures that are under way are nobody's any more.
      const caller = live.waiting.get(id);
      if (caller) live.waiting.set(id, { done: caller.done, fail: caller.fail });
      send(live.child, { type: "cancel", id });
      deaf = setTimeout(() => live.child.kill("SIGKILL"), DEAF_MS);
    };
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const result = (await new Promise<unknown>((done, fail) => {
        live.waiting.set(id, { done, fail, ...listener });
        send(live.child, { type: "call", id, call, args });
      })) as Result<C>;
      // It may have been ready just before the process heard that nobody wants it any more.
      throwIfAborted(signal);
      return result;
    } catch (error) {
      throw signal?.aborted ? cancelled() : error;
    } finally {
      clearTimeout(deaf);
      clearTimeout(overdue);
      signal?.removeEventListener("abort", stop);
      live.waiting.delete(id);
      this.rest();
    }
  }

  /** Process id; undefined while none runs. */
  get pid(): number | undefined {
    return this.live?.child.pid;
  }

  /** Ends the process, at once, and waits until it is gone. */
  async close(): Promise<void> {
    clearTimeout(this.idle);
    const { live } = this;
    this.live = undefined;
    if (!live || live.child.exitCode !== null || live.child.signalCode !== null) return;
    const gone = new Promise<void>((done) => live.child.once("exit", () => done()));
    live.child.ref();
    live.child.kill("SIGKILL");
    await gone;
  }

  private start(): Live {
    if (this.live) return this.live;
    const child = fork(this.entry, [], { serialization: "advanced", stdio: ["ignore", "ignore", "ignore", "ipc"], execArgv: EXEC_ARGV, env: environment(), windowsHide: true } as Parameters<typeof fork>[2]);
    endWithUs(child);
    const waiting = new Map<number, Waiting>();
    let opened: Waiting | undefined;
    const live: Live = { child, waiting, opened: new Promise((done, fail) => (opened = { done: done as (value: unknown) => void, fail })) };
    live.opened.catch(() => undefined);
    const tell = (id: number, what: (listener: Listener) => void): void => {
      const caller = waiting.get(id);
      if (!caller) return;
      try {
        what(caller);
      } catch (thrown) {
        caller.fail(thrown);
        send(child, { type: "cancel", id });
      }
    };
    child.on("message", (message: FromChild) => {
      if (message.type === "opened") opened?.done(message.name);
      else if (message.type === "reached") tell(message.id, ({ reached }) => reached?.(message.pts));
      else if (message.type === "picture") tell(message.id, ({ picture }) => picture?.(message.pts, message.rgb));
      else if (message.type === "done") waiting.get(message.id)?.done(message.value);
      else waiting.get(message.id)?.fail(VqaError.fromJSON(message.error));
    });
    let over = false;
    const end = (how: string): void => {
      if (over) return;
      over = true;
      if (this.live === live) this.live = undefined;
      const error = new VqaError("worker-crashed", `The decoding process ended (${how}).`, "Try again; if it stays, install ffmpeg.");
      opened?.fail(error);
      for (const { fail } of waiting.values()) fail(error);
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, killed) => end(killed ?? `code ${code}`));
    send(child, { type: "open", limits: this.limits, threads: this.threads });
    this.live = live;
    return live;
  }

  /** Nothing to do: it neither keeps the program alive nor stays for long. */
  private rest(): void {
    const { live } = this;
    if (!live || live.waiting.size > 0) return;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.close(), IDLE_MS).unref();
    live.child.unref();
    live.child.channel?.unref();
  }
}

/**
 * Options of Node are for this process. So are further certificates: the decoding process connects to
 * nobody, and parsing them takes three times as long as all else at the start of Node.
 */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_EXTRA_CA_CERTS: _certificates, ...rest } = process.env;
  return rest;
}

function send(child: ChildProcess, message: ToChild): void {
  child.ref();
  child.channel?.ref();
  child.send(message, () => undefined);
}
