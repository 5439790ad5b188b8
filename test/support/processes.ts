/** What is alive on this machine, asked of the operating system. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Running } from "./cli.js";

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Resolves when the process is gone. */
export async function gone(pid: number): Promise<void> {
  await until(() => !isAlive(pid), { what: `process ${pid} to end` });
}

/**
 * The workers that a process has started, once they run their own program: before that they are
 * copies of their parent, which waits for them. POSIX only.
 */
export function workersOf(pid: number): readonly number[] {
  return childrenOf(pid).flatMap(([child, command]) => (command.trimEnd().endsWith("worker/entry.js") ? [child] : []));
}

/** Asked many times a second, so without a process of its own where the system has a folder to read. */
function childrenOf(pid: number): readonly (readonly [pid: number, command: string])[] {
  if (existsSync(`/proc/${pid}/task/${pid}/children`)) {
    return orNothing(() => readdirSync(`/proc/${pid}/task`)).flatMap((thread) =>
      orNothing(() => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim().split(" "))
        .filter((child) => child !== "")
        .map((child) => [Number(child), orNothing(() => [readFileSync(`/proc/${child}/cmdline`, "utf8").replaceAll("\0", " ")]).join("")] as const),
    );
  }
  return execFileSync("ps", ["-A", "-ww", "-o", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [, child, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return Number(parent) === pid && command !== undefined ? [[Number(child), command] as const] : [];
    });
}

/** A process may end while it is looked at. */
function orNothing<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch {
    return [];
  }
}

export interface Waiting {
  /** What is waited for, as an error message goes on after "waited for". */
  readonly what: string;
  readonly seconds?: number;
  /** The processes that it is expected of: once one has ended, it will not come any more. */
  readonly of?: readonly Running[];
}

/** Resolves with the first value that is neither undefined nor false. */
export async function until<T>(look: () => T | undefined | false, { what, seconds = 60, of = [] }: Waiting): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    // What has ended may have done it before.
    const over = of.find(({ child }) => child.exitCode !== null || child.signalCode !== null);
    const late = performance.now() > end;
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
    const told = of.map(({ child, stderr }) => `\n${child.spawnargs.slice(2).join(" ")}:\n${stderr().slice(-1000)}`).join("");
    if (over !== undefined) throw new Error(`Waited for ${what}, but ${over.child.spawnargs[2] ?? "the process"} has ended with ${over.child.exitCode ?? over.child.signalCode ?? "nothing"}.${told}`);
    if (late) throw new Error(`Waited ${seconds} s in vain for ${what}.${told}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
