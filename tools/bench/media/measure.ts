/** Runs one contestant in a process of its own and watches how much memory it and its processes take together. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { Said } from "./contest.js";

export interface Measured extends Said {
  readonly wall: number;
  /** Largest sum of memory of the process and all that it started, MiB, looked at every 50 ms; what they share counts once. */
  readonly memoryMiB: number;
}

const EVERY_MS = 50;

/** Who has certificates of a company set has them parsed at each start of Node, for 40 ms: that is no part of any contest. */
const { NODE_EXTRA_CA_CERTS: _certificates, ...ENVIRONMENT } = process.env;

/** Error: what the contestant wrote, when it failed. */
export async function measure(program: string, args: readonly string[], signal?: AbortSignal): Promise<Measured> {
  const begun = performance.now();
  const child = spawn(program, [...args], { stdio: ["ignore", "pipe", "pipe"], env: ENVIRONMENT, ...(signal ? { signal } : {}) });
  let [stdout, stderr, memory] = ["", "", 0];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const watch = setInterval(() => (memory = Math.max(memory, memoryOf(child.pid!))), EVERY_MS);
  const code = await new Promise<number | null>((done, fail) => {
    child.once("error", fail);
    child.once("close", done);
  }).finally(() => clearInterval(watch));
  const wall = (performance.now() - begun) / 1000;
  if (code !== 0) throw new Error(`${program} ${args.slice(0, -1).join(" ")} ended with ${code}:\n${stderr.slice(-1000)}`);
  return { ...(JSON.parse(stdout) as Said), wall, memoryMiB: memory / 1024 };
}

/** KiB of a process and its descendants: their proportional set sizes. */
function memoryOf(root: number): number {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  let sum = 0;
  const visit = (pid: number): void => {
    sum += Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
    for (const child of children.get(pid) ?? []) visit(child);
  };
  visit(root);
  return sum;
}

/** Processes end while they are looked at. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
