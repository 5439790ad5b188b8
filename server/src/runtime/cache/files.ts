/**
 * Files made from videos, in a bounded folder that every process of the user shares: copies, sheets of
 * thumbnails. Names say what they were made from (digest, recipe), so a name is made once; files
 * appear by rename and never change. The folder may be emptied at any time.
 */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import { join } from "node:path";

export interface FileCacheOptions {
  readonly folder: string;
  /** Which names are entries. Others are left alone. */
  readonly entries: RegExp;
  /** The files that were not used for longest go first. */
  readonly maxBytes: number;
}

/** A temporary file this old belongs to a process that died. */
const STALE_MS = 24 * 3_600_000;
const TEMPORARY = /^\..+\.[0-9a-f]{8}\.part$/;

export class FileCache {
  constructor(private readonly options: FileCacheOptions) {}

  pathOf(name: string): string {
    return join(this.options.folder, name);
  }

  /** The path of an entry that is there; it counts as used now. */
  async find(name: string): Promise<string | undefined> {
    const path = this.pathOf(name);
    const now = new Date();
    return fs.utimes(path, now, now).then(() => path, () => undefined);
  }

  /**
   * Has an entry written to a temporary path, and gives it its name when that went well.
   * @param write false when nothing came of it
   */
  async make(name: string, write: (temporary: string) => Promise<boolean>): Promise<string | undefined> {
    await fs.mkdir(this.options.folder, { recursive: true, mode: 0o700 });
    const temporary = join(this.options.folder, `.${name}.${randomBytes(4).toString("hex")}.part`);
    try {
      if (!(await write(temporary))) return undefined;
      const path = this.pathOf(name);
      await fs.rename(temporary, path);
      await this.trim(path);
      return path;
    } finally {
      await fs.rm(temporary, { force: true });
    }
  }

  /** Removes the least recently used entries until the rest fits, but never `kept`, and what dead processes left. */
  private async trim(kept: string): Promise<void> {
    const entries: { readonly path: string; readonly bytes: number; readonly usedMs: number }[] = [];
    for (const name of await fs.readdir(this.options.folder).catch(() => [] as string[])) {
      const path = this.pathOf(name);
      const stat = await fs.stat(path).catch(() => undefined);
      if (stat === undefined) continue;
      if (this.options.entries.test(name)) entries.push({ path, bytes: stat.size, usedMs: path === kept ? Infinity : stat.mtimeMs });
      else if (TEMPORARY.test(name) && Date.now() - stat.mtimeMs > STALE_MS) await fs.rm(path, { force: true });
    }
    let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes } of entries.sort((a, b) => a.usedMs - b.usedMs)) {
      if (total <= this.options.maxBytes || path === kept) return;
      await fs.rm(path, { force: true });
      total -= bytes;
    }
  }
}
