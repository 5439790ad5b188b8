/** What an editor asks of the models of this machine: which there are, which there could be, and changes to that. */
import type { CatalogueResult, ModelInfo, PullParams, PullProgress, PullResult } from "../../protocol/models.js";
import { catalogued, readCatalogue } from "./catalogue.js";
import { Hub } from "./download/hub.js";
import { listPacks } from "./installed.js";
import { pullPack } from "./pull.js";
import { PackStore } from "./store.js";

export interface LibraryOptions {
  /** Folder of installed packs. */
  readonly folder: string;
  /** Folder of a pack that the user set by hand. */
  readonly own?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly proxy?: string | undefined;
  readonly noProxy?: readonly string[] | undefined;
}

export class ModelLibrary {
  readonly folder: string;
  private readonly store: PackStore;

  constructor(private readonly options: LibraryOptions) {
    this.folder = options.folder;
    this.store = new PackStore(options.folder);
  }

  list(signal?: AbortSignal): Promise<ModelInfo[]> {
    return listPacks({ models: this.folder, folder: this.options.own }, signal);
  }

  async catalogue(): Promise<CatalogueResult> {
    const entries = await readCatalogue();
    const hub = this.hub();
    try {
      return {
        hub: hub.endpoint.host,
        models: await Promise.all(
          entries.map(async ({ id, name, summary, licences, gated, files }) => ({
            id,
            name,
            summary,
            licences,
            gated,
            repositories: [...new Set(files.map(({ repo }) => repo))],
            installed: await this.store.has(id),
          })),
        ),
      };
    } finally {
      await hub.close();
    }
  }

  /** Errors: those of `pullPack`, model-missing for what the catalogue does not have. */
  async pull({ id, token, again }: Pick<PullParams, "id" | "token" | "again">, onProgress: (progress: PullProgress) => void, signal?: AbortSignal): Promise<PullResult> {
    const entry = await catalogued(id);
    const hub = this.hub(token);
    try {
      return await pullPack({ entry, store: this.store, hub, onProgress, ...(again === undefined ? {} : { again }) }, signal);
    } finally {
      await hub.close();
    }
  }

  remove(id: string, signal?: AbortSignal): Promise<void> {
    return this.store.remove(id, signal);
  }

  private hub(token?: string): Hub {
    const { endpoint, proxy, noProxy } = this.options;
    return new Hub({ endpoint, proxy, noProxy, token: token ?? process.env["HF_TOKEN"] });
  }
}
