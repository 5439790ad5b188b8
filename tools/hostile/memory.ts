/** Peak memory of this process's children, on Linux; 0 elsewhere. */
import { readFileSync } from "node:fs";

const EVERY_MS = 25;

export interface Peak {
  /** Bytes: the largest child since the last `reset`. */
  peak(): number;
  reset(): void;
  stop(): void;
}

export function peakBytesOf(pid: number): Peak {
  let peak = 0;
  const look = (): void => {
    for (const child of childrenOf(pid)) peak = Math.max(peak, residentBytes(child));
  };
  const timer = setInterval(look, EVERY_MS).unref();
  return {
    peak: () => (look(), peak),
    reset: () => void (peak = 0),
    stop: () => clearInterval(timer),
  };
}

function childrenOf(pid: number): string[] {
  return (read(`/proc/${pid}/task/${pid}/children`) ?? "").split(" ").filter((each) => each.trim() !== "");
}

function residentBytes(pid: string): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kib === undefined ? 0 : Number(kib) * 1024;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
