/** The original of a prepared model, byte for byte. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { VqaError, throwIfAborted } from "../../../engine/errors.js";
import { parseGgufHead, readGgufHeader, type GgufHeader, type GgufTensor } from "../gguf.js";
import { shardsOf, stemOf } from "../split.js";
import { expectSpace } from "../../packs/space.js";
import { OutFile, type WrittenFile } from "./outFile.js";
import { undoName, UNDO_VERSION } from "./undo.js";

export interface RestoreOptions {
  /** First file of the prepared model; its undo file lies beside it. */
  readonly prepared: string;
  readonly into: string;
}

const CHUNK = 1 << 20;

/**
 * Every file is compared with the digest that it had. Errors: model-missing, model-damaged,
 * model-unsupported, limit-exceeded, cancelled. After an error nothing is left of what was written.
 */
export async function restoreGguf({ prepared, into }: RestoreOptions, signal?: AbortSignal): Promise<readonly WrittenFile[]> {
  const shards = shardsOf(prepared, readGgufHeader(prepared));
  const undoPath = path.join(path.dirname(prepared), undoName(stemOf(prepared)));
  const undo = readGgufHeader(undoPath);
  const originals = await readUndo(undoPath, undo);
  if (originals.length + 1 !== shards.length) throw damaged(undoPath, `it is of a model in ${originals.length} files, and ${prepared} has ${shards.length - 1}`);
  await expectSpace(into, originals.reduce((sum, { bytes }) => sum + bytes, 0));
  const made: OutFile[] = [];
  try {
    const written: WrittenFile[] = [];
    for (const [i, original] of originals.entries()) {
      const from = i === 0 ? shards.at(-1)! : shards[i]!;
      const out = await OutFile.create(path.join(into, original.name));
      made.push(out);
      await rewrite(original, { path: from, header: readGgufHeader(from) }, { path: undoPath, header: undo }, out, signal);
      const file = await out.finish();
      if (file.sha256 !== original.sha256) throw damaged(prepared, `${original.name} came out with the sha256 ${file.sha256}, not ${original.sha256}`);
      written.push(file);
    }
    return written;
  } catch (thrown) {
    for (const out of made) await out.discard();
    throw thrown;
  }
}

interface Original {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly head: Buffer;
}

interface Part {
  readonly path: string;
  readonly header: GgufHeader;
}

async function rewrite({ name, bytes, head }: Original, part: Part, undo: Part, out: OutFile, signal: AbortSignal | undefined): Promise<void> {
  const handles = new Map<Part, fs.FileHandle>();
  const open = async (of: Part): Promise<fs.FileHandle> => {
    const handle = handles.get(of) ?? (await fs.open(of.path, "r"));
    handles.set(of, handle);
    return handle;
  };
  try {
    if (head.length === 0) return await pump(await open(part), 0, bytes, out, signal);
    await out.write(head);
    let at = head.length;
    for (const tensor of [...parseGgufHead(head, bytes).tensors.values()].sort((a, b) => a.offset - b.offset)) {
      await out.zeros(tensor.offset - at);
      const home: Part = tensor.name === "token_embd.weight" ? undo : part;
      const here: GgufTensor | undefined = home.header.tensors.get(tensor.name);
      if (here === undefined || here.bytes < tensor.bytes) throw damaged(home.path, `it lacks ${tensor.name} of ${name}`);
      await pump(await open(home), here.offset, tensor.bytes, out, signal);
      at = tensor.offset + tensor.bytes;
    }
    await out.zeros(bytes - at);
  } finally {
    for (const handle of handles.values()) await handle.close();
  }
}

async function pump(handle: fs.FileHandle, start: number, bytes: number, out: OutFile, signal: AbortSignal | undefined): Promise<void> {
  const buffer = Buffer.alloc(Math.min(CHUNK, bytes));
  for (let done = 0; done < bytes; ) {
    throwIfAborted(signal);
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, bytes - done), start + done);
    if (bytesRead === 0) throw damaged(out.path, "a prepared file ends early");
    await out.write(buffer.subarray(0, bytesRead));
    done += bytesRead;
  }
}

async function readUndo(file: string, header: GgufHeader): Promise<Original[]> {
  const version = header.metadata.get("vqa.undo.version");
  if (version !== UNDO_VERSION) throw damaged(file, `it is no undo file of version ${UNDO_VERSION}`);
  const head = Buffer.alloc(header.headerEnd);
  const handle = await fs.open(file, "r");
  try {
    await handle.read(head, 0, head.length, 0);
  } finally {
    await handle.close();
  }
  const content = (key: string): { readonly length: number; readonly bytes: Buffer } => {
    const entry = header.entries.get(key);
    const value = header.metadata.get(key);
    if (entry === undefined || typeof value !== "object") throw damaged(file, `it has no ${key}`);
    return { length: value.arrayLength, bytes: head.subarray(entry.valueStart + 12, entry.end) };
  };
  const texts = (key: string): string[] => {
    const { length, bytes } = content(key);
    let at = 0;
    return Array.from({ length }, () => {
      const size = Number(bytes.readBigUInt64LE(at));
      at += 8 + size;
      return bytes.toString("utf8", at - size, at);
    });
  };
  const numbers = (key: string): number[] => {
    const { length, bytes } = content(key);
    return Array.from({ length }, (_, i) => Number(bytes.readBigUInt64LE(8 * i)));
  };
  const [sizes, digests, headSizes, heads] = [numbers("vqa.undo.bytes"), texts("vqa.undo.sha256"), numbers("vqa.undo.headBytes"), content("vqa.undo.heads").bytes];
  let at = 0;
  return texts("vqa.undo.names").map((name, i) => {
    // Names come from a file: they must not lead out of the folder.
    if (name !== path.basename(name) || name === ".." || name.includes("\\")) throw damaged(file, `it names ${JSON.stringify(name)}`);
    const from = at;
    at += headSizes[i]!;
    return { name, bytes: sizes[i]!, sha256: digests[i]!, head: heads.subarray(from, at) };
  });
}

function damaged(file: string, why: string): VqaError {
  return new VqaError("model-damaged", `${file}: ${why}.`, "Download the original again.", { data: { file } });
}

