/** What is alive on this machine, asked of the operating system. */
import { execFileSync } from "node:child_process";

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Resolves when the process is gone; a process that stays makes the test time out. */
export async function gone(pid: number): Promise<void> {
  await until(() => !isAlive(pid));
}

/**
 * The workers that a process has started, once they run their own program: before that they are
 * copies of their parent, which waits for them. POSIX only.
 */
export function workersOf(pid: number): readonly number[] {
  return execFileSync("ps", ["-A", "-ww", "-o", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [, child, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return Number(parent) === pid && command?.endsWith("worker/entry.js") === true ? [Number(child)] : [];
    });
}

/** Resolves with the first value that is neither undefined nor false. */
export async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (;;) {
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
