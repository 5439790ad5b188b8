/**
 * What is needed to get the original of a prepared model back, byte for byte: the headers of its
 * rewritten files and the token table as it was. All else lies unchanged in the prepared files.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import * as fs from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { GgufTensor } from "../gguf.js";
import { GgufHead } from "./head.js";
import { OutFile, type WrittenFile } from "./outFile.js";

export const UNDO_VERSION = 1;

export interface UndoFile {
  readonly name: string;
  readonly bytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  /** Everything before its tensors' data; empty for a file that was taken over whole. */
  readonly head: Buffer;
}

export function undoName(stem: string): string {
  return `${stem}.undo.gguf`;
}

/** A GGUF file whose one tensor is the token table. Its header comes last: the digests in it are known only then. */
export class UndoWriter {
  private constructor(
    private readonly out: OutFile,
    private readonly files: readonly UndoFile[],
    private readonly table: GgufTensor,
  ) {}

  /** `files` without their digests. */
  static async create(path: string, files: readonly Omit<UndoFile, "sha256">[], table: GgufTensor): Promise<UndoWriter> {
    const provisional = files.map((file) => ({ ...file, sha256: "0".repeat(64) }));
    const out = await OutFile.create(path);
    await out.write(undoHead(provisional, table));
    return new UndoWriter(out, provisional, table);
  }

  write(table: Buffer): Promise<void> {
    return this.out.write(table);
  }

  async finish(digests: readonly string[]): Promise<WrittenFile> {
    const { path, bytes } = await this.out.finish();
    const head = undoHead(this.files.map((file, i) => ({ ...file, sha256: digests[i]! })), this.table);
    const handle = await fs.open(path, "r+");
    try {
      await handle.write(head, 0, head.length, 0);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    return { path, bytes, sha256: hash.digest("hex") };
  }

  discard(): Promise<void> {
    return this.out.discard();
  }
}

function undoHead(files: readonly UndoFile[], { name, dimensions, type }: GgufTensor): Buffer {
  const head = new GgufHead();
  head.text("general.architecture", "vqa-undo");
  head.uint32("vqa.undo.version", UNDO_VERSION);
  head.texts("vqa.undo.names", files.map((file) => file.name));
  head.uint64s("vqa.undo.bytes", files.map(({ bytes }) => bytes));
  head.texts("vqa.undo.sha256", files.map(({ sha256 }) => sha256));
  head.uint64s("vqa.undo.headBytes", files.map((file) => file.head.length));
  head.bytes("vqa.undo.heads", Buffer.concat(files.map((file) => file.head)));
  return head.finish([{ name, dimensions, type }], 32).head;
}
