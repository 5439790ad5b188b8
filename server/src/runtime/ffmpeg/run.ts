import { spawn, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { throwIfAborted, VqaError } from "../../engine/errors.js";

export interface RunRequest {
  readonly program: string;
  readonly args: readonly string[];
  /** Receives standard output as it comes. Throwing kills the process and rejects the run. */
  readonly onStdout?: (chunk: Buffer) => void;
  /** Receive what the program writes to descriptors 3, 4 and so on. */
  readonly onPipes?: readonly ((chunk: Buffer) => void)[];
  readonly maxRunMs: number;
}

export interface RunResult {
  readonly code: number | null;
  /** The first 256 KiB of standard error. */
  readonly head: string;
  /** The last lines of standard error, for messages. */
  readonly tail: string;
}

/** Descriptors 0 to 2 are the standard streams. */
export const FIRST_PIPE = 3;

const HEAD_BYTES = 256 * 1024;
const TAIL_BYTES = 2048;
const live = new Set<ChildProcess>();
const companions = new Set<ChildProcess>();

// A process that ends must not leave decoders behind.
process.once("exit", () => {
  for (const child of [...live, ...companions]) child.kill("SIGKILL");
});

/**
 * Runs a program without a shell and without standard input, until it ends. An abort, the time cap
 * and a throwing consumer all end it with SIGKILL; the promise settles only when it is gone.
 * Errors: cancelled, limit-exceeded (time), decoder-missing (does not start), worker-crashed (a signal
 * that was not ours ended it), what a consumer threw.
 */
export async function run(request: RunRequest, signal?: AbortSignal): Promise<RunResult> {
  throwIfAborted(signal);
  const { program, args, onStdout, onPipes = [], maxRunMs } = request;
  const child = spawn(program, [...args], {
    stdio: ["ignore", onStdout ? "pipe" : "ignore", "pipe", ...onPipes.map(() => "pipe" as const)],
    windowsHide: true,
    shell: false,
  });
  live.add(child);
  let failure: unknown;
  const stop = (why: unknown): void => {
    failure ??= why;
    child.kill("SIGKILL");
  };
  const consume = (stream: unknown, take: (chunk: Buffer) => void): void => {
    const readable = stream as Readable | null;
    readable?.on("data", (chunk: Buffer) => {
      if (failure !== undefined) return;
      try {
        take(chunk);
      } catch (error) {
        stop(error);
      }
    });
    readable?.on("error", () => undefined);
  };
  let head = "";
  let tail = "";
  const decoder = new TextDecoder();
  consume(child.stderr, (chunk) => {
    const text = decoder.decode(chunk, { stream: true });
    if (head.length < HEAD_BYTES) head += text;
    tail = (tail + text).slice(-TAIL_BYTES);
  });
  if (onStdout) consume(child.stdout, onStdout);
  for (const [i, take] of onPipes.entries()) consume(child.stdio[FIRST_PIPE + i], take);

  const timer = setTimeout(() => {
    stop(new VqaError("limit-exceeded", `The decoder was stopped after ${Math.round(maxRunMs / 1000)} s.`, "Use a shorter video, or raise the media limits."));
  }, maxRunMs);
  const onAbort = (): void => stop(new VqaError("cancelled", "Stopped."));
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const [code, ended] = await new Promise<readonly [number | null, NodeJS.Signals | null]>((done, fail) => {
      child.once("error", (error) => {
        fail(new VqaError("decoder-missing", `${program} does not start: ${error.message}.`, "Check the ffmpeg installation.", { cause: error }));
      });
      child.once("close", (...how) => done(how));
    });
    throwIfAborted(signal);
    if (failure !== undefined) throw failure;
    if (ended !== null) throw new VqaError("worker-crashed", `The decoder ended of itself (${ended}).`, "Try again; if it stays, copy or convert the video.", { data: { stderr: lastLines(tail) } });
    return { code, head, tail: lastLines(tail) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    live.delete(child);
  }
}

const lastLines = (text: string): string => text.trimEnd().split(/\r?\n/).slice(-6).join("\n");

/** Sees to it that a process that stays for longer does not outlive this one. */
export function endWithUs(child: ChildProcess): void {
  companions.add(child);
  child.once("exit", () => companions.delete(child));
}

/** Number of decoder processes running now, for tests and for the status view. */
export const runningDecoders = (): number => live.size;
