/** Packs and model files that came in another way: on a stick, over a share, from another machine. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { VqaError, throwIfAborted } from "../../engine/errors.js";
import { assemblePack, type Gathered } from "./assemble.js";
import type { CatalogueEntry } from "./catalogue.js";
import { isPackId } from "./home.js";
import { readHead } from "./head.js";
import { MANIFEST_FILE } from "./manifest.js";
import { expectSpace } from "./space.js";
import type { PackStore } from "./store.js";
import { verifyFiles } from "./verify.js";

/**
 * Copies a whole pack, verified before and as copied. Returns its id. Errors: model-missing,
 * model-damaged, model-unsupported, invalid-request (an id that is no folder name), limit-exceeded, cancelled.
 */
export async function importPack(source: string, store: PackStore, signal?: AbortSignal): Promise<string> {
  const manifest = await readHead(source);
  if (!isPackId(manifest.id)) {
    throw new VqaError("invalid-request", `The pack in ${source} calls itself "${manifest.id}", which cannot be a folder's name everywhere.`, "Use it by its folder, or give it another id.", { data: { folder: source } });
  }
  await verifyFiles(source, manifest.files, signal);
  return store.alone(manifest.id, async (incoming) => {
    await expectSpace(incoming, manifest.files.reduce((sum, { bytes }) => sum + bytes, 0));
    await stage(incoming, async (staged) => {
      for (const name of [...manifest.files.map((file) => file.path), MANIFEST_FILE]) {
        throwIfAborted(signal);
        const place = path.join(staged, ...name.split("/"));
        await fs.mkdir(path.dirname(place), { recursive: true });
        await fs.copyFile(path.join(source, ...name.split("/")), place, fs.constants.COPYFILE_FICLONE);
      }
      await verifyFiles(staged, manifest.files, signal);
      await store.publish(manifest.id, staged);
    });
    return manifest.id;
  }, undefined, signal);
}

/**
 * Makes a pack of the catalogue from the published files, found in `source` by their names there or by
 * their last part. Files whose checksum the catalogue knows must have it; the others are taken as they
 * are, and the pack pins what they were. Errors: model-missing (names the file), model-damaged, and
 * those of `assemblePack`.
 */
export async function importFiles(entry: CatalogueEntry, source: string, store: PackStore, onFraction: (fraction: number) => void = () => undefined, signal?: AbortSignal): Promise<string> {
  return store.alone(entry.id, async (incoming) => {
    const found: { readonly from: string; readonly bytes: number }[] = [];
    for (const file of entry.files) found.push(await find(source, file.file));
    const twice = (found[entry.files.findIndex((file) => file.path === entry.prepare?.source)]?.bytes ?? 0) * (entry.prepare?.convert === undefined ? 1 : 2);
    await expectSpace(incoming, found.reduce((sum, { bytes }) => sum + bytes, twice));
    const gathered: Gathered[] = [];
    for (const [i, file] of entry.files.entries()) {
      throwIfAborted(signal);
      const { from, bytes } = found[i]!;
      const at = path.join(incoming, `import-${i}.part`);
      await fs.rm(at, { force: true });
      await fs.copyFile(from, at, fs.constants.COPYFILE_FICLONE);
      const sha256 = await digestOf(at, signal);
      if (file.sha256 !== undefined && sha256 !== file.sha256) {
        throw new VqaError("model-damaged", `${from} is not the published ${file.file}: its sha256 is ${sha256}, not ${file.sha256}.`, "Copy the file again.", { data: { file: from } });
      }
      gathered.push({ path: file.path, bytes, sha256, at, repo: file.repo, revision: file.revision, file: file.file });
    }
    await stage(incoming, async (staged) => {
      await assemblePack(entry, gathered, staged, onFraction, signal);
      await store.publish(entry.id, staged);
    });
    await fs.rm(incoming, { recursive: true, force: true });
    return entry.id;
  }, undefined, signal);
}

async function stage(incoming: string, work: (staged: string) => Promise<void>): Promise<void> {
  const staged = path.join(incoming, "staged");
  await fs.rm(staged, { recursive: true, force: true });
  try {
    await work(staged);
  } finally {
    await fs.rm(staged, { recursive: true, force: true });
  }
}

async function find(source: string, name: string): Promise<{ readonly from: string; readonly bytes: number }> {
  for (const candidate of [path.join(source, ...name.split("/")), path.join(source, path.posix.basename(name))]) {
    const stat = await fs.stat(candidate).catch(() => undefined);
    if (stat?.isFile() === true) return { from: candidate, bytes: stat.size };
  }
  throw new VqaError("model-missing", `${source} has no ${name}.`, "Put all files of the model into one folder, under their published names.", { data: { folder: source, file: name } });
}

async function digestOf(file: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    throwIfAborted(signal);
    hash.update(chunk);
  }
  return hash.digest("hex");
}
