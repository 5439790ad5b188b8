/** A file that is written once from its beginning, and hashed on the way. */
import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import { VqaError } from "../../../engine/errors.js";

export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export class OutFile {
  private readonly hash = createHash("sha256");
  private written = 0;

  private constructor(
    readonly path: string,
    private readonly handle: fs.FileHandle,
  ) {}

  /** Error: limit-exceeded when there is such a file already, or none can be made. */
  static async create(path: string): Promise<OutFile> {
    try {
      return new OutFile(path, await fs.open(path, "wx"));
    } catch (thrown) {
      throw notWritten(path, thrown);
    }
  }

  async write(bytes: Buffer): Promise<void> {
    this.hash.update(bytes);
    for (let done = 0; done < bytes.length; ) {
      try {
        done += (await this.handle.write(bytes, done, bytes.length - done)).bytesWritten;
      } catch (thrown) {
        throw notWritten(this.path, thrown);
      }
    }
    this.written += bytes.length;
  }

  async zeros(count: number): Promise<void> {
    for (let left = count; left > 0; left -= ZEROS.length) await this.write(ZEROS.subarray(0, Math.min(left, ZEROS.length)));
  }

  /** Flushes to the disk, so that a rename that follows cannot name a file that is not there yet. */
  async finish(): Promise<WrittenFile> {
    await this.handle.sync();
    await this.handle.close();
    return { path: this.path, bytes: this.written, sha256: this.hash.digest("hex") };
  }

  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await fs.rm(this.path, { force: true }).catch(() => undefined);
  }
}

const ZEROS = Buffer.alloc(1 << 20);

function notWritten(path: string, thrown: unknown): VqaError {
  const full = (thrown as NodeJS.ErrnoException).code === "ENOSPC";
  return new VqaError(
    "limit-exceeded",
    full ? `The disk is full: ${path} could not be written.` : `${path} cannot be written: ${(thrown as Error).message}`,
    full ? "Free some space, then try again." : "Choose another folder, or remove what is there.",
    { cause: thrown, data: { file: path } },
  );
}
