/** A model of the catalogue onto this machine. Only ever called because a user asked for it. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { VqaError, throwIfAborted } from "../../engine/errors.js";
import { assemblePack, type Gathered } from "./assemble.js";
import type { CatalogueEntry } from "./catalogue.js";
import { fetchFile } from "./download/fetchFile.js";
import type { Hub } from "./download/hub.js";
import { identify, type Identity } from "./download/identity.js";
import { expectSpace } from "./space.js";
import type { PackStore } from "./store.js";

export interface PullProgress {
  readonly stage: "wait" | "look" | "download" | "prepare";
  /** 0 to 1 within the stage, where it can be known. */
  readonly fraction?: number;
  /** Bytes that are there and that there will be. */
  readonly bytes?: number;
  readonly total?: number;
}

export interface PullOptions {
  readonly entry: CatalogueEntry;
  readonly store: PackStore;
  readonly hub: Hub;
  readonly onProgress?: (progress: PullProgress) => void;
  /** Download again what is there. */
  readonly again?: boolean;
  /** First pause after a failure; for tests. */
  readonly backoffMs?: number;
}

export interface Pulled {
  readonly folder: string;
  /** False when it was there already. */
  readonly fresh: boolean;
}

/**
 * What arrived stays for the next try. Errors: download-failed, download-refused, model-damaged,
 * limit-exceeded (no space), model-unsupported (the language model cannot take slots), cancelled.
 */
export async function pullPack(options: PullOptions, signal?: AbortSignal): Promise<Pulled> {
  const { entry, store, onProgress = () => undefined } = options;
  return store.alone(
    entry.id,
    async (incoming) => {
      if (options.again !== true && (await store.has(entry.id))) return { folder: store.packFolder(entry.id), fresh: false };
      const gathered = await gather(options, incoming, signal);
      const staged = path.join(incoming, "staged");
      await fs.rm(staged, { recursive: true, force: true });
      try {
        await assemblePack(entry, gathered, staged, (fraction) => onProgress({ stage: "prepare", fraction }), signal);
        throwIfAborted(signal);
        const folder = await store.publish(entry.id, staged);
        await fs.rm(incoming, { recursive: true, force: true });
        return { folder, fresh: true };
      } finally {
        await fs.rm(staged, { recursive: true, force: true });
      }
    },
    () => onProgress({ stage: "wait" }),
    signal,
  );
}

async function gather({ entry, hub, onProgress = () => undefined, backoffMs }: PullOptions, incoming: string, signal: AbortSignal | undefined): Promise<Gathered[]> {
  onProgress({ stage: "look" });
  const identities: Identity[] = [];
  const commits = new Map<string, string>();
  for (const file of entry.files) {
    const revision = commits.get(`${file.repo}@${file.revision}`) ?? file.revision;
    const identity = await identify(hub, { repo: file.repo, revision, path: file.file }, file, signal);
    identities.push(identity);
    // A branch may move between two files: all of a repository come from the commit of the first.
    if (identity.commit !== undefined) commits.set(`${file.repo}@${file.revision}`, identity.commit);
  }
  const partials = identities.map(({ digest }) => path.join(incoming, `${digest}.part`));
  const total = identities.reduce((sum, { bytes }) => sum + bytes, 0);
  const there = await Promise.all(partials.map((file) => fs.stat(file).then(({ size }) => size, () => 0)));
  const original = entry.files.findIndex((file) => file.path === entry.prepare?.source);
  // While it is prepared, the language model is there twice, and three times where it is converted first.
  const twice = original === -1 ? 0 : identities[original]!.bytes * (entry.prepare?.convert === undefined ? 1 : 2);
  await expectSpace(incoming, total - there.reduce((sum, size) => sum + size, 0) + twice);

  const gathered: Gathered[] = [];
  let before = 0;
  for (const [i, file] of entry.files.entries()) {
    const identity = identities[i]!;
    const revision = commits.get(`${file.repo}@${file.revision}`) ?? file.revision;
    const sha256 = await fetchFile(
      {
        hub,
        file: { repo: file.repo, revision, path: file.file },
        identity,
        partial: partials[i]!,
        onBytes: (bytes) => onProgress({ stage: "download", fraction: total === 0 ? 1 : (before + bytes) / total, bytes: before + bytes, total }),
        ...(backoffMs === undefined ? {} : { backoffMs }),
      },
      signal,
    );
    before += identity.bytes;
    gathered.push({ path: file.path, bytes: identity.bytes, sha256, at: partials[i]!, repo: file.repo, revision, file: file.file });
  }
  if (gathered.length === 0) throw new VqaError("model-damaged", `The catalogue names no files for "${entry.id}".`, "Update this program.");
  return gathered;
}
