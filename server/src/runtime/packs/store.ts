/**
 * The folder of installed packs. A pack is put together aside, under `.incoming`, and appears under its
 * id by one rename, whole or not at all. One process at a time works on a pack; others wait.
 */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { VqaError, throwIfAborted } from "../../engine/errors.js";
import { takeLock } from "../batch/lock.js";
import { isPackId } from "./home.js";
import { readHead } from "./head.js";
import { MANIFEST_FILE } from "./manifest.js";
import { verifyFiles } from "./verify.js";

export class PackStore {
  constructor(readonly folder: string) {}

  /** Error: invalid-request for what can be no pack's id. */
  packFolder(id: string): string {
    if (!isPackId(id)) throw new VqaError("invalid-request", `"${id}" is no name of a model.`, "See `vqa models list`.", { data: { model: id } });
    return path.join(this.folder, id);
  }

  async has(id: string): Promise<boolean> {
    return exists(path.join(this.packFolder(id), MANIFEST_FILE));
  }

  /** A folder for what is on its way, kept from one try to the next. */
  async incoming(id: string): Promise<string> {
    const folder = path.join(this.folder, ".incoming", path.basename(this.packFolder(id)));
    await fs.mkdir(folder, { recursive: true }).catch((thrown: unknown) => {
      throw new VqaError("limit-exceeded", `${folder} cannot be made: ${(thrown as Error).message}`, "Choose another folder for models.", { cause: thrown, data: { folder } });
    });
    return folder;
  }

  /** Runs `work` while no other process works on that pack. Waits for one that does; error: cancelled. */
  async alone<T>(id: string, work: (incoming: string) => Promise<T>, onWait: () => void = () => undefined, signal?: AbortSignal): Promise<T> {
    const incoming = await this.incoming(id);
    const give = await this.lock(`${incoming}.lock`, onWait, signal);
    try {
      return await work(incoming);
    } finally {
      await give();
    }
  }

  /** Makes `staged` the pack; an older one gives way. Nobody ever sees half of either. */
  async publish(id: string, staged: string): Promise<string> {
    const folder = this.packFolder(id);
    const old = `${path.join(this.folder, ".incoming", path.basename(folder))}.old-${randomBytes(4).toString("hex")}`;
    const replaced = await fs.rename(folder, old).then(() => true, (thrown: NodeJS.ErrnoException) => {
      if (thrown.code === "ENOENT") return false;
      throw inUse(folder, thrown);
    });
    try {
      await fs.rename(staged, folder);
    } catch (thrown) {
      if (replaced) await fs.rename(old, folder);
      throw inUse(folder, thrown);
    }
    await fs.rm(old, { recursive: true, force: true }).catch(() => undefined);
    return folder;
  }

  /** Error: model-missing when there is none, limit-exceeded when the system does not let it go. */
  async remove(id: string, signal?: AbortSignal): Promise<void> {
    const folder = this.packFolder(id);
    if (!(await exists(folder))) throw new VqaError("model-missing", `The model "${id}" is not installed.`, "See `vqa models list`.", { data: { model: id } });
    await this.alone(id, async (incoming) => {
      const aside = `${incoming}.old-${randomBytes(4).toString("hex")}`;
      await fs.rename(folder, aside).catch((thrown: unknown) => {
        throw inUse(folder, thrown);
      });
      await fs.rm(aside, { recursive: true, force: true }).catch(() => undefined);
      await fs.rm(incoming, { recursive: true, force: true }).catch(() => undefined);
    }, undefined, signal);
  }

  /** Reads every file of the pack. Errors: model-missing, model-damaged, cancelled. */
  async verify(id: string, signal?: AbortSignal): Promise<{ readonly files: number; readonly bytes: number }> {
    const folder = this.packFolder(id);
    const { files } = await readHead(folder);
    await verifyFiles(folder, files, signal);
    return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  private async lock(file: string, onWait: () => void, signal: AbortSignal | undefined): Promise<() => Promise<void>> {
    for (let told = false; ; ) {
      throwIfAborted(signal);
      try {
        return await takeLock(file);
      } catch (thrown) {
        if (VqaError.from(thrown).code !== "invalid-request") throw thrown;
      }
      if (!told) onWait();
      told = true;
      await pause(200, undefined, signal === undefined ? {} : { signal }).catch(() => throwIfAborted(signal));
    }
  }
}

async function exists(file: string): Promise<boolean> {
  return fs.access(file).then(() => true, () => false);
}

function inUse(folder: string, thrown: unknown): VqaError {
  return new VqaError("limit-exceeded", `${folder} cannot be replaced: ${(thrown as Error).message}`, "End the programs that use this model, then try again.", { cause: thrown, data: { folder } });
}
