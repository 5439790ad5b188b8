/** The command line as its users start it: a process, its two outputs and its exit code. */
import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../server/src/cli.js", import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Standard error so far. */
  stderr(): string;
  readonly ended: Promise<Ran>;
}

export function start(args: readonly string[], options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly program?: string; readonly prefix?: readonly string[] } = {}): Running {
  const [first = process.execPath, ...rest] = [...(options.prefix ?? []), process.execPath, options.program ?? program, ...args];
  const child = spawn(first, rest, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ran>((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
  return { child, stderr: () => stderr, ended };
}

export function vqa(args: readonly string[], options: Parameters<typeof start>[1] = {}): Promise<Ran> {
  return start(args, options).ended;
}
