/** Processes that the editor tests start: each in a group of its own, since it starts others, which have to go with it. */
import { spawnSync, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** How long a process may take to end by itself. */
const GRACE_MS = 5000;

/** Sees to it that a group does not outlive this process, however that ends. */
export function withUs(child: ChildProcess): void {
  const killNow = (): void => killGroup(child);
  // A signal alone would end us without that.
  const leave = (): never => process.exit(130);
  process.once("exit", killNow);
  for (const signal of SIGNALS) process.once(signal, leave);
  child.once("exit", () => {
    process.off("exit", killNow);
    for (const signal of SIGNALS) process.off(signal, leave);
  });
}

/** Asks a group to end, and ends what is left of it. */
export async function endGroup(child: ChildProcess): Promise<void> {
  const gone = child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : new Promise((resolve) => child.once("exit", resolve));
  signalGroup(child, "SIGTERM");
  await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, GRACE_MS).unref())]);
  killGroup(child);
}

const killGroup = (child: ChildProcess): void => signalGroup(child, "SIGKILL");

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  // Windows knows no groups, but the children of a process.
  if (process.platform === "win32") return void spawnSync("taskkill", ["/pid", String(child.pid), "/t", "/f"], { stdio: "ignore" });
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Gone already.
  }
}

export async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
