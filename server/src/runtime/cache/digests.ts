/**
 * Digests of large files, so that an hour of film is not read from end to end by each process. An
 * entry is named by path, size, times and inode: another file has another name. Shared by all
 * processes of the user; may be emptied at any time; what cannot be read is a miss.
 */
import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import { join } from "node:path";

/** Reading less than this costs less than looking it up is worth. */
export const WORTH_BYTES = 16 * 2 ** 20;
/** A file that changed this recently may change again within one tick of its clock. */
const SETTLED_MS = 3000;
/** An entry takes a block of the disk; the oldest go first. */
const MAX_ENTRIES = 4096;
const ENTRY = /^[0-9a-f]{64}\.sha256$/;

export interface DigestedFile {
  readonly path: string;
  readonly bytes: number;
  /** Changes whenever the content may have. */
  readonly key: string;
}

export class DiskDigests {
  constructor(private readonly folder: string) {}

  async get(file: DigestedFile): Promise<string | undefined> {
    if (file.bytes < WORTH_BYTES) return undefined;
    const text = await fs.readFile(this.pathOf(file), "latin1").catch(() => "");
    return /^[0-9a-f]{64}$/.test(text) ? text : undefined;
  }

  async set(file: DigestedFile, digest: string): Promise<void> {
    if (file.bytes < WORTH_BYTES) return;
    const path = this.pathOf(file);
    const temporary = join(this.folder, `.${randomBytes(8).toString("hex")}.part`);
    try {
      if (Date.now() - (await fs.stat(file.path)).mtimeMs < SETTLED_MS) return;
      await fs.mkdir(this.folder, { recursive: true, mode: 0o700 });
      await fs.writeFile(temporary, digest, { mode: 0o600 });
      await fs.rename(temporary, path);
      await this.trim();
    } catch {
      // A cache never fails what it serves.
      await fs.rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  private async trim(): Promise<void> {
    const names = (await fs.readdir(this.folder)).filter((name) => ENTRY.test(name));
    if (names.length <= MAX_ENTRIES) return;
    const aged = await Promise.all(names.map(async (name) => ({ name, at: (await fs.stat(join(this.folder, name)).catch(() => undefined))?.mtimeMs ?? 0 })));
    for (const { name } of aged.sort((a, b) => a.at - b.at).slice(0, names.length - MAX_ENTRIES)) await fs.rm(join(this.folder, name), { force: true });
  }

  private pathOf({ key }: DigestedFile): string {
    return join(this.folder, `${createHash("sha256").update(key).digest("hex")}.sha256`);
  }
}
