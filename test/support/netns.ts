/**
 * Two network namespaces and a cable between them, as two machines have: what is on its way when the cable
 * is pulled is lost, and nobody is told. Linux, as root or where users may have namespaces of their own.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { gone, until } from "./processes.js";

export const NEAR = "10.77.0.1";
const FAR = "10.77.0.2";

export class TwoMachines {
  private constructor(
    readonly near: readonly string[],
    readonly far: readonly string[],
    private readonly holders: readonly ChildProcess[],
  ) {}

  /** In words why there are none. */
  static async make(): Promise<TwoMachines | string> {
    if (process.platform !== "linux") return "network namespaces are Linux's";
    const own = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
    const possible = spawnSync("unshare", [...own, "--net", "ip", "link", "add", "name", "near", "type", "veth", "peer", "name", "far"], { encoding: "utf8" });
    if (possible.status !== 0) return (possible.stderr || possible.error?.message || "unshare failed").trim();
    const hold = async (prefix: readonly string[], extra: readonly string[]): Promise<ChildProcess> => {
      const [program = "", ...args] = [...prefix, "unshare", ...extra, "--net", "sleep", "100000"];
      const child = spawn(program, args, { stdio: "ignore" });
      await until(() => spawnSync("cat", [`/proc/${child.pid}/comm`], { encoding: "utf8" }).stdout.trim() === "sleep", { what: "a network namespace" });
      return child;
    };
    const enter = ({ pid }: ChildProcess): readonly string[] => ["nsenter", "--target", String(pid), ...(own.length === 0 ? [] : ["--user", "--preserve-credentials"]), "--net", "--"];
    const first = await hold([], own);
    const second = await hold(own.length === 0 ? [] : ["nsenter", "--target", String(first.pid), "--user", "--preserve-credentials", "--"], []);
    const machines = new TwoMachines(enter(first), enter(second), [second, first]);
    machines.#run(machines.near, "link", "add", "name", "cable", "type", "veth", "peer", "name", "cable", "netns", String(second.pid));
    for (const [side, address] of [[machines.near, NEAR], [machines.far, FAR]] as const) {
      machines.#run(side, "addr", "add", `${address}/24`, "dev", "cable");
      machines.#run(side, "link", "set", "cable", "up");
      machines.#run(side, "link", "set", "lo", "up");
    }
    return machines;
  }

  pull(): void {
    this.#run(this.near, "link", "set", "cable", "down");
  }

  plug(): void {
    this.#run(this.near, "link", "set", "cable", "up");
  }

  async close(): Promise<void> {
    for (const { pid } of this.holders) {
      if (pid === undefined) continue;
      process.kill(pid, "SIGKILL");
      await gone(pid);
    }
  }

  #run(side: readonly string[], ...args: readonly string[]): void {
    const [program = "", ...rest] = [...side, "ip", ...args];
    const { status, stderr } = spawnSync(program, rest, { encoding: "utf8" });
    if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
  }
}
