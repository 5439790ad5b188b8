/**
 * What is kept in a cache folder: rooms of entries that were made from videos and can be made again.
 * Only files that look like entries of ours are counted and removed, never a folder with what is in it:
 * another process may be writing, and a folder may have been named by mistake.
 */
import * as fs from "node:fs/promises";
import { join } from "node:path";

const ROOMS: Readonly<Record<string, RegExp>> = {
  features: /^[0-9a-f]{64}\.f32$/,
  transcripts: /^[0-9a-f]{64}(-[\w.-]+)?\.(vtt|json)$/,
  summaries: /^[0-9a-f]{64}\.txt$/,
  proxies: /^[0-9a-f]{64}-(sound|all)-\d+\.(mp4|webm)$/,
  sprites: /^[0-9a-f]{64}-\d+x\d+-\d+\.png$/,
  digests: /^[0-9a-f]{64}\.sha256$/,
};

export interface Room {
  readonly name: string;
  readonly entries: number;
  readonly bytes: number;
}

/** All rooms, empty ones too. @param folder may not exist */
export function measureCache(folder: string): Promise<Room[]> {
  return each(folder, async () => undefined);
}

/** Removes all entries and says what was removed. Entries that others use at this moment are made again by them. */
export function clearCache(folder: string): Promise<Room[]> {
  return each(folder, (path) => fs.rm(path, { force: true }));
}

async function each(folder: string, job: (path: string) => Promise<void>): Promise<Room[]> {
  const rooms: Room[] = [];
  for (const [name, pattern] of Object.entries(ROOMS)) {
    let [entries, bytes] = [0, 0];
    for (const file of await fs.readdir(join(folder, name)).catch(() => [] as string[])) {
      if (!pattern.test(file)) continue;
      const path = join(folder, name, file);
      const stat = await fs.lstat(path).catch(() => undefined);
      if (!stat?.isFile()) continue;
      await job(path);
      entries++;
      bytes += stat.size;
    }
    rooms.push({ name, entries, bytes });
  }
  return rooms;
}
