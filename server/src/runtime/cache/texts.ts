/**
 * Texts that a model made of videos, such as summaries of clips, shared by every process of the user.
 * Names are digests of keys, entries appear by rename and never change, so readers need no lock; the
 * folder may be emptied at any time. What cannot be read is a miss, what cannot be written is not kept.
 */
import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import { join } from "node:path";
import type { TextCache } from "../../engine/ports.js";

/** Entries; ten hours of video in clips of 20 seconds make 1,800. The ones that were not used for longest go first. */
const MAX_ENTRIES = 20_000;
/** The folder is looked through once in so many writes. */
const TRIM_EVERY = 500;
const STALE_MS = 60 * 60 * 1000;
const ENTRY = /^[0-9a-f]{64}\.txt$/;
const TEMPORARY = /^\.[0-9a-f]{64}\..*\.part$/;
const DIGEST = 64;

export class DiskTexts implements TextCache {
  private writes = 0;

  constructor(
    readonly folder: string,
    private readonly maxEntries = MAX_ENTRIES,
  ) {}

  async get(key: string): Promise<string | undefined> {
    const file = this.fileOf(key);
    const written = await fs.readFile(file, "utf8").catch(() => undefined);
    if (written === undefined) return undefined;
    const text = written.slice(DIGEST + 1);
    // Half a file, or one that somebody has edited, is no longer what the model said.
    if (written.slice(0, DIGEST + 1) !== `${digestOf(key, text)}\n`) {
      await fs.rm(file, { force: true }).catch(() => undefined);
      return undefined;
    }
    const now = new Date();
    await fs.utimes(file, now, now).catch(() => undefined);
    return text;
  }

  async set(key: string, text: string): Promise<void> {
    const file = this.fileOf(key);
    const temporary = join(this.folder, `.${nameOf(key)}.${process.pid}.${randomBytes(4).toString("hex")}.part`);
    try {
      await fs.mkdir(this.folder, { recursive: true, mode: 0o700 });
      await fs.writeFile(temporary, `${digestOf(key, text)}\n${text}`, { mode: 0o600 });
      await fs.rename(temporary, file);
    } catch {
      await fs.rm(temporary, { force: true }).catch(() => undefined);
      return;
    }
    if (this.writes++ % TRIM_EVERY === 0) await this.trim().catch(() => undefined);
  }

  /** Removes the least recently used entries until the rest fits, and what dead processes left. */
  private async trim(): Promise<void> {
    const entries: { readonly file: string; readonly usedMs: number }[] = [];
    for (const name of await fs.readdir(this.folder)) {
      const file = join(this.folder, name);
      const usedMs = (await fs.stat(file).catch(() => undefined))?.mtimeMs;
      if (usedMs === undefined) continue;
      if (ENTRY.test(name)) entries.push({ file, usedMs });
      else if (TEMPORARY.test(name) && Date.now() - usedMs > STALE_MS) await fs.rm(file, { force: true });
    }
    const oldest = entries.sort((a, b) => a.usedMs - b.usedMs).slice(0, Math.max(0, entries.length - this.maxEntries));
    for (const { file } of oldest) await fs.rm(file, { force: true });
  }

  private fileOf(key: string): string {
    return join(this.folder, `${nameOf(key)}.txt`);
  }
}

function nameOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** Covers the key: a file under a wrong name is as wrong as one with a changed word. */
function digestOf(key: string, text: string): string {
  return createHash("sha256").update(`${key}\n${text}`).digest("hex");
}
