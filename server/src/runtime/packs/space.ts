import * as fs from "node:fs/promises";
import { VqaError } from "../../engine/errors.js";

/** Left for others on the disk. */
const RESERVE = 100 * 2 ** 20;

/**
 * Error: limit-exceeded when the disk of `folder`, which must exist, has less than `bytes` and a
 * reserve. A file system that does not tell is taken at its word that there is enough.
 */
export async function expectSpace(folder: string, bytes: number): Promise<void> {
  const free = await freeSpace(folder);
  if (free === undefined || free >= bytes + RESERVE) return;
  const gigabytes = (n: number): string => `${(n / 1e9).toFixed(2)} GB`;
  throw new VqaError(
    "limit-exceeded",
    `${folder} needs ${gigabytes(bytes)} more, and its disk has ${gigabytes(free)} free; ${gigabytes(RESERVE)} stay for others.`,
    "Free some space, or choose a folder on another disk.",
    { data: { folder, bytes, free } },
  );
}

async function freeSpace(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await fs.statfs(folder);
    // Some network file systems report nothing at all.
    return bavail === 0 && bsize === 0 ? undefined : bavail * bsize;
  } catch {
    return undefined;
  }
}
