/** Processes by a mark in their environment, which children inherit and orphans keep. Linux: others do not show it to everybody. */
import { readdirSync, readFileSync } from "node:fs";

export const marksShow = process.platform === "linux";

export interface Marked {
  readonly pid: number;
  readonly command: string;
}

/** @param mark NAME=value, as it stands in the environment */
export function markedProcesses(mark: string): Marked[] {
  return readdirSync("/proc").flatMap((name): Marked[] => {
    if (!/^\d+$/.test(name) || !(read(`/proc/${name}/environ`) ?? "").split("\0").includes(mark)) return [];
    const command = (read(`/proc/${name}/cmdline`) ?? "").split("\0").join(" ").trim();
    // Nothing of a process that has ended but was not waited for.
    return command === "" ? [] : [{ pid: Number(name), command }];
  });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
