/** No weights are loaded that were not compared with their manifest first. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { VqaError, throwIfAborted } from "../../engine/errors.js";
import { canonicalJson, type JsonValue } from "../../format/index.js";

export interface PackFile {
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

const NEXT = "Install the model pack again.";

/** Reads every file once. Errors: model-missing, model-damaged, each naming the file; cancelled. */
export async function verifyFiles(folder: string, files: readonly PackFile[], signal?: AbortSignal): Promise<void> {
  for (const each of files) await verifyFile(folder, path.join(folder, ...each.path.split("/")), each, signal);
}

/** A pack must not make the program read, or write rows into, files that are not its own. */
async function expectInside(folder: string, file: string): Promise<void> {
  const [root, real] = [await fs.realpath(folder), await fs.realpath(file)];
  const way = path.relative(root, real);
  if (way !== "" && !way.startsWith("..") && !path.isAbsolute(way)) return;
  throw new VqaError("model-damaged", `${file} is a link that leads out of the pack, to ${real}.`, "Copy the file into the pack.", { data: { file } });
}

async function verifyFile(folder: string, file: string, expected: PackFile, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  let bytes: number;
  try {
    bytes = (await fs.stat(file)).size;
    await expectInside(folder, file);
  } catch (thrown) {
    if (thrown instanceof VqaError) throw thrown;
    throw new VqaError("model-missing", `${file} is missing: ${(thrown as Error).message}`, NEXT, { cause: thrown, data: { file } });
  }
  if (bytes !== expected.bytes) {
    throw new VqaError("model-damaged", `${file} has ${bytes} bytes, its manifest says ${expected.bytes}.`, NEXT, { data: { file } });
  }
  const digest = await digestFile(file, signal);
  if (digest !== expected.sha256) {
    throw new VqaError("model-damaged", `${file} differs from its manifest: its sha256 is ${digest}, not ${expected.sha256}.`, NEXT, {
      data: { file },
    });
  }
}

async function digestFile(file: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash, signal === undefined ? {} : { signal });
  } catch (thrown) {
    throwIfAborted(signal);
    throw new VqaError("model-damaged", `${file} cannot be read: ${(thrown as Error).message}`, NEXT, { cause: thrown, data: { file } });
  }
  return hash.digest("hex");
}

/** What decides the embeddings and logits of a model, besides the bytes of its files. */
export interface ModelSettings {
  readonly files: readonly PackFile[];
  /** Sections of the manifest by name. */
  readonly [section: string]: JsonValue | readonly PackFile[] | undefined;
}

/**
 * The identity of a model: sha256 of the lines `path sha256` of its files, sorted, and of the
 * settings that they are run with as canonical JSON, each line ended by a line feed. Composer,
 * prompt and sampling are not in it: provenance names them by themselves.
 */
export function packDigest({ files, ...sections }: ModelSettings): string {
  const lines = files.map((each) => `${each.path} ${each.sha256}\n`).sort();
  const settings = `${canonicalJson(sections as { readonly [key: string]: JsonValue })}\n`;
  return createHash("sha256").update(lines.join("") + settings).digest("hex");
}

/** The identity of a part in a folder of its own: sha256 of the lines `path sha256` of its files, and of its settings. */
export function partDigest(files: readonly PackFile[], folder: string, settings: JsonValue): string {
  const own = files.filter((each) => each.path.startsWith(`${folder}/`));
  const lines = own.map((each) => `${each.path.slice(folder.length + 1)} ${each.sha256}\n`).sort();
  return createHash("sha256").update(`${lines.join("")}${canonicalJson(settings)}\n`).digest("hex");
}
