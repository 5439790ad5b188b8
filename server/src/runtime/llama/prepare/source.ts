/** The file that is prepared, read once from its beginning to its end, and hashed on the way. */
import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import { VqaError, throwIfAborted } from "../../../engine/errors.js";

/** Small enough that a language server stays awake between two of them. */
const CHUNK = 1 << 20;

export class SourceReader {
  private readonly hash = createHash("sha256");
  private readonly buffer = Buffer.alloc(CHUNK);
  private at = 0;

  private constructor(
    readonly path: string,
    readonly bytes: number,
    private readonly handle: fs.FileHandle,
  ) {}

  static async open(path: string): Promise<SourceReader> {
    const handle = await fs.open(path, "r");
    return new SourceReader(path, (await handle.stat()).size, handle);
  }

  /**
   * Passes the bytes up to `end` on, in pieces that are whole multiples of `unit`; the piece is only
   * valid until `take` is done with it.
   */
  async upTo(end: number, unit: number, take: (piece: Buffer) => Promise<void>, signal?: AbortSignal): Promise<void> {
    const most = Math.max(unit, CHUNK - (CHUNK % unit));
    const buffer = most > this.buffer.length ? Buffer.alloc(most) : this.buffer;
    while (this.at < end) {
      throwIfAborted(signal);
      const piece = buffer.subarray(0, Math.min(most, end - this.at));
      for (let filled = 0; filled < piece.length; ) {
        const { bytesRead } = await this.handle.read(piece, filled, piece.length - filled, this.at + filled);
        if (bytesRead === 0) {
          throw new VqaError("model-damaged", `${this.path} ends at byte ${this.at + filled} of ${end}.`, "Download the model again.", { data: { file: this.path } });
        }
        filled += bytesRead;
      }
      this.hash.update(piece);
      this.at += piece.length;
      await take(piece);
    }
  }

  digest(): string {
    return this.hash.digest("hex");
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}
