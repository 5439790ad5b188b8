/** Which packs this machine has. Nothing is hashed here: `vqa models verify` and every load do that. */
import type { Dirent } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { VqaError, throwIfAborted } from "../../engine/errors.js";
import type { ModelInfo } from "../../protocol/models.js";
import { readHead } from "./head.js";
import { isPackId } from "./home.js";
import { EMBEDDED_PACKS, locatePack } from "./locate.js";

export interface WhereToLook {
  /** Folder of installed packs. */
  readonly models: string;
  /** Folder of a pack that the user set by hand, if any. */
  readonly folder?: string | undefined;
}

/** Embedded packs first, then installed ones by id, then the folder that the user named. Error: cancelled. */
export async function listPacks({ models, folder }: WhereToLook, signal?: AbortSignal): Promise<ModelInfo[]> {
  const found: ModelInfo[] = [];
  for (const id of EMBEDDED_PACKS) found.push(await describePack(locatePack(id), "embedded", id));
  for (const id of await installedIds(models)) {
    throwIfAborted(signal);
    found.push(await describePack(path.join(models, id), "installed", id));
  }
  if (folder !== undefined && path.isAbsolute(folder) && !found.some((each) => path.relative(each.folder, folder) === "")) {
    found.push(await describePack(folder, "folder", path.basename(folder)));
  }
  throwIfAborted(signal);
  return found;
}

/** Names of folders that can be packs; what is being downloaded begins with a dot. */
async function installedIds(models: string): Promise<string[]> {
  const entries = await fs.readdir(models, { withFileTypes: true }).catch((): Dirent[] => []);
  return entries.filter((entry) => entry.isDirectory() && isPackId(entry.name)).map((entry) => entry.name).sort();
}

/** `named` stands for id and name where the manifest cannot be read. */
async function describePack(folder: string, origin: ModelInfo["origin"], named: string): Promise<ModelInfo> {
  try {
    const { id, name, version, licence, files, composers } = await readHead(folder);
    const problem = await firstMisfit(folder, files);
    return {
      // A folder of another name than its pack is asked for by the folder's name.
      id: origin === "installed" ? named : id,
      name,
      version,
      origin,
      folder,
      composers,
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      licence,
      ...(problem === undefined ? { state: "ready" } : { state: "damaged", problem: problem.toJSON() }),
    };
  } catch (thrown) {
    const problem = VqaError.from(thrown, "model-damaged").toJSON();
    return { id: named, name: named, version: "", origin, folder, composers: [], bytes: 0, licence: "", state: "damaged", problem };
  }
}

async function firstMisfit(folder: string, files: readonly { readonly path: string; readonly bytes: number }[]): Promise<VqaError | undefined> {
  for (const { path: name, bytes } of files) {
    const file = path.join(folder, ...name.split("/"));
    const size = await fs.stat(file).then(
      (stat) => (stat.isFile() ? stat.size : -1),
      () => -1,
    );
    const next = "Install the model pack again.";
    if (size === -1) return new VqaError("model-missing", `${file} is missing.`, next, { data: { file } });
    if (size !== bytes) return new VqaError("model-damaged", `${file} has ${size} bytes, its manifest says ${bytes}.`, next, { data: { file } });
  }
  return undefined;
}
