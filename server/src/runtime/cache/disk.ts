/**
 * Features on disk, shared by every process of the user. Names are digests of keys, entries appear
 * by rename and never change, so readers need no lock; the folder may be removed at any time. A
 * cache must never fail an answer: what cannot be read is a miss, what cannot be written is not kept.
 */
import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import type { FeatureCache, FrameFeatures } from "../../engine/ports.js";
import { decodeEntry, encodeEntry } from "./entry.js";
import { defaultCacheFolder } from "./folder.js";

export interface DiskCacheOptions {
  /** Default: `features` in the system's cache folder. */
  readonly folder?: string;
  /** Default 1 GiB. The entries that were not used for longest go first. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 2 ** 30;
/** A temporary file this old belongs to a process that died. */
const STALE_MS = 60 * 60 * 1000;
const ENTRY = /^[0-9a-f]{64}\.f32$/;
const TEMPORARY = /^\.[0-9a-f]{64}\.\d+\.[0-9a-f]+$/;

export class DiskFeatureCache implements FeatureCache {
  readonly folder: string;
  private readonly maxBytes: number;

  constructor(options: DiskCacheOptions = {}) {
    this.folder = options.folder ?? path.join(defaultCacheFolder(), "features");
    this.maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  }

  async get(key: string): Promise<FrameFeatures | undefined> {
    const file = this.fileOf(key);
    let bytes: Buffer;
    try {
      bytes = await fs.readFile(file);
    } catch {
      return undefined;
    }
    const value = decodeEntry(key, bytes);
    if (value === undefined) {
      await remove(file);
      return undefined;
    }
    const now = new Date();
    await fs.utimes(file, now, now).catch(() => undefined);
    return value;
  }

  async set(key: string, value: FrameFeatures): Promise<void> {
    const bytes = encodeEntry(key, value);
    if (bytes.length > this.maxBytes) return;
    const file = this.fileOf(key);
    const name = path.basename(file, ".f32");
    const temporary = path.join(this.folder, `.${name}.${process.pid}.${randomBytes(4).toString("hex")}`);
    try {
      await fs.mkdir(this.folder, { recursive: true, mode: 0o700 });
      await fs.writeFile(temporary, bytes, { mode: 0o600 });
      await fs.rename(temporary, file);
    } catch {
      await remove(temporary);
      return;
    }
    await this.trim();
  }

  /** Removes the least recently used entries until the rest fits, and what dead processes left. */
  private async trim(): Promise<void> {
    const entries: { file: string; bytes: number; usedMs: number }[] = [];
    for (const name of await fs.readdir(this.folder).catch(() => [] as string[])) {
      const file = path.join(this.folder, name);
      const stat = await fs.stat(file).catch(() => undefined);
      if (stat === undefined) continue;
      if (ENTRY.test(name)) entries.push({ file, bytes: stat.size, usedMs: stat.mtimeMs });
      else if (TEMPORARY.test(name) && Date.now() - stat.mtimeMs > STALE_MS) await remove(file);
    }
    let total = entries.reduce((sum, each) => sum + each.bytes, 0);
    entries.sort((a, b) => a.usedMs - b.usedMs);
    for (const each of entries) {
      if (total <= this.maxBytes) return;
      await remove(each.file);
      total -= each.bytes;
    }
  }

  private fileOf(key: string): string {
    return path.join(this.folder, `${createHash("sha256").update(key).digest("hex")}.f32`);
  }
}

async function remove(file: string): Promise<void> {
  await fs.rm(file, { force: true }).catch(() => undefined);
}
