/**
 * The operating-system side of the worker: starts it, ends it, and sees to it that nothing of it
 * stays behind. On POSIX the worker leads a process group of its own, so that one signal also
 * reaches the decoders it started, and so that Ctrl-C in a terminal reaches only us.
 */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { sweepAfter } from "../llama/privateFile.js";
import { Tail } from "./tail.js";

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started at all. */
  readonly error?: Error;
  /** The end of what it wrote to its standard streams. */
  readonly output: string;
}

export interface WorkerChild {
  readonly pid: number | undefined;
  send(message: unknown): void;
  /** At once and with everything it started; the exit is still reported. */
  kill(): void;
}

/** After an exit, how long to wait for the rest of its output. */
const DRAIN_MS = 250;

export function startChild(entry: URL, onMessage: (message: unknown) => void, onExit: (exit: Exit) => void): WorkerChild {
  const ownGroup = process.platform !== "win32";
  const child = fork(fileURLToPath(entry), [], {
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: ownGroup,
    // A debugger's port or a test runner's hooks are ours, not the worker's.
    execArgv: [],
    env: workerEnv(process.env),
  });
  const tail = new Tail();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => tail.push(chunk));
    // Libraries are talkative: only who looks for a fault wants to read it while it happens.
    if (process.env["VQA_DEBUG"] === "1") stream?.pipe(process.stderr, { end: false });
  }
  child.on("message", onMessage);

  const killNow = (): void => kill(child, ownGroup);
  process.once("exit", killNow);

  let reported = false;
  const report = (exit: Omit<Exit, "output">): void => {
    if (reported) return;
    reported = true;
    process.off("exit", killNow);
    onExit({ ...exit, output: tail.text() });
  };
  child.once("error", (error) => {
    // Also raised for a failed send to a process that lives: only a start that failed is the end.
    if (child.pid === undefined) report({ code: null, signal: null, error });
  });
  child.once("exit", (code, signal) => {
    // Its decoders outlive a worker that crashed; the group does not.
    kill(child, ownGroup);
    // One that was killed had no time to remove its copy of a model.
    if (child.pid !== undefined) sweepAfter(child.pid);
    const done = (): void => report({ code, signal });
    child.once("close", done);
    setTimeout(done, DRAIN_MS);
  });

  return {
    pid: child.pid,
    send(message) {
      // A channel that closed meanwhile is followed by the exit, which is what gets reported.
      if (child.connected) child.send(message as object, () => undefined);
    },
    kill: killNow,
  };
}

function kill(child: ChildProcess, ownGroup: boolean): void {
  if (child.pid === undefined) return;
  try {
    if (ownGroup) process.kill(-child.pid, "SIGKILL");
    else child.kill("SIGKILL");
  } catch {
    // ESRCH: it is gone already.
  }
}

/** Without our own options of Node, and with onnxruntime's telemetry off: in the bundled worker that library loads before any line of ours. */
function workerEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _ours, ...rest } = env;
  return { ...rest, ORT_DISABLE_TELEMETRY: "1" };
}
