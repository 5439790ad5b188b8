/**
 * Gives a language model visual slots. The result is a model in several files: the first, which each
 * process copies for itself, holds the metadata and the token table with the slots' rows; the others
 * hold everything else and are shared. The original is read once and never written.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { VqaError, throwIfAborted } from "../../../engine/errors.js";
import { blockOf, GGML_F32 } from "../ggml.js";
import { readGgufHeader } from "../gguf.js";
import { shardName, shardsOf, stemOf } from "../split.js";
import { expectSpace } from "../../packs/space.js";
import { GgufHead } from "./head.js";
import { firstMetadata, splitEntries } from "./metadata.js";
import { OutFile, type WrittenFile } from "./outFile.js";
import { planPreparation, type OutTensor, type PlanOptions, type PreparePlan, type SourceFile } from "./plan.js";
import { SourceReader } from "./source.js";
import { TableRows } from "./tableRows.js";
import { undoName, UndoWriter } from "./undo.js";

export interface PrepareOptions extends PlanOptions {
  /** First file of the model. */
  readonly source: string;
  /** Folder for the result; it must exist. */
  readonly into: string;
  /** Name of the result's files without what tells a shard; that of the source when absent. */
  readonly stem?: string;
}

export interface Prepared extends Omit<PreparePlan, "shards" | "table"> {
  /** The first one is to be loaded. */
  readonly files: readonly WrittenFile[];
  /** What `restoreGguf` needs besides; absent when the original holds what cannot be written again. */
  readonly undo?: WrittenFile;
  readonly sources: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
  /** Largest relative error of a rounded embedding; 0 when all are exact. */
  readonly largestError: number;
}

/**
 * Memory: the header and a few megabytes. Errors: model-missing, model-damaged, model-unsupported (see
 * `planPreparation`), limit-exceeded (no space, or files of that name are there), cancelled. After an
 * error nothing is left of what was written.
 */
export async function prepareGguf(options: PrepareOptions, onFraction: (fraction: number) => void = () => undefined, signal?: AbortSignal): Promise<Prepared> {
  const first = readGgufHeader(options.source);
  const files = shardsOf(options.source, first).map((file, i): SourceFile => ({ path: file, header: i === 0 ? first : readGgufHeader(file) }));
  const plan = planPreparation(files, options);
  throwIfAborted(signal);
  const table = plan.table.dimensions.reduce((product, d) => product * d, plan.rowType === GGML_F32 ? 4 : 2);
  await expectSpace(options.into, files.reduce((sum, { header }, i) => sum + (plan.shards[i] === undefined ? 0 : header.bytes), table));
  const made: (() => Promise<void>)[] = [];
  try {
    return await prepare(files, plan, options, made, onFraction, signal);
  } catch (thrown) {
    for (const discard of made) await discard();
    throw thrown;
  }
}

async function prepare(
  files: readonly SourceFile[],
  plan: PreparePlan,
  { into, source, stem = stemOf(source) }: PrepareOptions,
  made: (() => Promise<void>)[],
  onFraction: (fraction: number) => void,
  signal: AbortSignal | undefined,
): Promise<Prepared> {
  // The original's first file becomes the last one, so that files taken over whole keep their numbers.
  const count = files.length + 1;
  const tensors = plan.shards.reduce((n, shard, i) => n + (shard?.length ?? files[i]!.header.tensors.size), 1);
  const place = (no: number): string => path.join(into, shardName(stem, no, count));
  const keep = <T extends { discard(): Promise<void> }>(out: T): T => {
    made.push(() => out.discard());
    return out;
  };
  const heads: Buffer[] = [];
  for (const file of files) heads.push(await headOf(file));

  const first = keep(await OutFile.create(place(0)));
  await first.write(firstMetadata(heads[0]!, files[0]!.header, plan, { no: 0, count, tensors }).finish([plan.table], files[0]!.header.alignment).head);
  const named = files.map(({ path: file, header }, i) => ({ name: path.basename(file), bytes: header.bytes, head: plan.shards[i] === undefined ? Buffer.alloc(0) : heads[i]! }));
  const undo = keep(await UndoWriter.create(path.join(into, undoName(stem)), named, plan.table.from));
  const rows = new TableRows(plan.table.from.type, plan.rowType);

  const total = files.reduce((sum, { header }) => sum + header.bytes, 0);
  let before = 0;
  let reversible = true;
  const written: WrittenFile[] = [];
  const digests: string[] = [];
  for (const [i, file] of files.entries()) {
    const no = i === 0 ? count - 1 : i;
    const shard = plan.shards[i];
    const progress = (bytes: number): void => onFraction((before + bytes) / total);
    if (shard === undefined) {
      const out = await takeOver(file.path, place(no), made, signal);
      written.push(out);
      digests.push(out.sha256);
    } else {
      const out = keep(await OutFile.create(place(no)));
      const head = new GgufHead();
      splitEntries(head, { no, count, tensors });
      const { alignment } = file.header;
      if (alignment !== 32) head.uint32("general.alignment", alignment);
      const { head: bytes, sizes } = head.finish(shard, alignment);
      await out.write(bytes);
      const copied = await copy(file, shard, sizes.map(({ padding }) => padding), plan, { first, undo, out, rows }, progress, signal);
      written.push(await out.finish());
      digests.push(copied.sha256);
      reversible &&= copied.zeroPadding;
    }
    before += file.header.bytes;
    progress(0);
  }
  await first.zeros(plan.slots.count * plan.width * (plan.rowType === GGML_F32 ? 4 : 2));
  const firstFile = await first.finish();
  const undone = await undo.finish(digests);
  if (!reversible) await fs.rm(undone.path);
  const { shards: _, table: __, ...facts } = plan;
  return {
    ...facts,
    files: [firstFile, ...written].sort((a, b) => (a.path < b.path ? -1 : 1)),
    ...(reversible ? { undo: undone } : {}),
    sources: named.map(({ name, bytes }, i) => ({ name, bytes, sha256: digests[i]! })),
    largestError: rows.largestError,
  };
}

interface Outputs {
  readonly first: OutFile;
  readonly undo: UndoWriter;
  readonly out: OutFile;
  readonly rows: TableRows;
}

/** One pass over a file of the original; every tensor goes where the plan says. */
async function copy(
  file: SourceFile,
  shard: readonly OutTensor[],
  paddings: readonly number[],
  plan: PreparePlan,
  { first, undo, out, rows }: Outputs,
  onBytes: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<{ readonly sha256: string; readonly zeroPadding: boolean }> {
  const reader = await SourceReader.open(file.path);
  let zeroPadding = true;
  try {
    const skip = async (piece: Buffer): Promise<void> => {
      zeroPadding &&= piece.every((byte) => byte === 0);
    };
    await reader.upTo(file.header.headerEnd, 1, async () => undefined, signal);
    const tensors = [...file.header.tensors.values()].sort((a, b) => a.offset - b.offset);
    for (const tensor of tensors) {
      await reader.upTo(tensor.offset, 1, skip, signal);
      const at = shard.findIndex(({ from }) => from === tensor);
      const target = shard[at];
      const isTable = tensor === plan.table.from;
      await reader.upTo(
        tensor.offset + tensor.bytes,
        blockOf(tensor.type)!.bytes,
        async (piece) => {
          if (isTable) {
            await undo.write(piece);
            await first.write(rows.convert(piece));
          }
          if (target !== undefined) await out.write(piece);
          onBytes(tensor.offset + tensor.bytes);
        },
        signal,
      );
      if (target !== undefined) await out.zeros(target.zeroBytes + paddings[at]!);
    }
    await reader.upTo(reader.bytes, 1, skip, signal);
    return { sha256: reader.digest(), zeroPadding };
  } finally {
    await reader.close();
  }
}

/** A second name for the file where the disk allows that, a copy otherwise. */
async function takeOver(from: string, to: string, made: (() => Promise<void>)[], signal: AbortSignal | undefined): Promise<WrittenFile> {
  throwIfAborted(signal);
  const source = await fs.realpath(from);
  try {
    await fs.link(source, to);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") {
      throw new VqaError("limit-exceeded", `${to} is there already.`, "Choose another folder, or remove what is there.", { cause: thrown, data: { file: to } });
    }
    await fs.copyFile(source, to, fs.constants.COPYFILE_FICLONE | fs.constants.COPYFILE_EXCL);
  }
  made.push(() => fs.rm(to, { force: true }));
  const hash = createHash("sha256");
  await pipeline(createReadStream(to, { highWaterMark: 1 << 20 }), hash, signal === undefined ? {} : { signal });
  return { path: to, bytes: (await fs.stat(to)).size, sha256: hash.digest("hex") };
}

async function headOf({ path: file, header }: SourceFile): Promise<Buffer> {
  const handle = await fs.open(file, "r");
  try {
    const head = Buffer.alloc(Math.min(header.dataStart, header.bytes));
    await handle.read(head, 0, head.length, 0);
    return head;
  } finally {
    await handle.close();
  }
}
