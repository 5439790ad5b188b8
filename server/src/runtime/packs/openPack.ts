import { throwIfAborted } from "../../engine/errors.js";
import type { OpenPack } from "../../engine/pack.js";
import type { LlamaLanguageModel } from "../llama/model.js";
import { idleThreads } from "../llama/threads.js";
import type { FitOptions } from "./fit.js";
import { locatePack } from "./locate.js";
import { readManifest } from "./manifest.js";
import { openEmbedder, openPackEmbedder } from "./openEmbedder.js";
import { SystemOpener } from "./openSystem.js";
import { systemOf, systemsOf } from "./systems.js";
import { verifyFiles } from "./verify.js";

export interface OpenPackOptions extends FitOptions {
  /** For each native library; default: the idle cores. */
  readonly threads?: number;
  /** A pack whose sentence embedder takes the place of this one's: a name or an absolute folder. */
  readonly embedder?: string;
  /** Folder for the language model's private copy; default: the system's folder for temporary files. */
  readonly tempRoot?: string;
}

/** An open pack whose language model is known to be llama.cpp's. */
export interface RuntimePack extends OpenPack {
  readonly language: LlamaLanguageModel;
}

/**
 * Verifies a pack's files, then loads its default system. `pack` is "micro" or a pack's absolute folder.
 * Errors: model-missing, model-damaged, model-unsupported, limit-exceeded, cancelled.
 */
export async function openPack(pack: string, options: OpenPackOptions = {}, signal?: AbortSignal): Promise<RuntimePack> {
  const folder = locatePack(pack);
  const manifest = await readManifest(folder);
  throwIfAborted(signal);
  await verifyFiles(folder, manifest.files, signal);

  const opener = new SystemOpener(folder, manifest, options.threads ?? idleThreads(), options);
  const embedder = options.embedder === undefined ? openEmbedder(folder, manifest, options.threads ?? idleThreads()) : await openPackEmbedder(options.embedder, options, signal);
  try {
    const first = await opener.open(systemsOf(manifest)[0]!, signal);
    return {
      ...first,
      ...(embedder === undefined ? {} : { embedder }),
      system: (name, systemSignal) => (name === first.spec.system ? Promise.resolve(first) : opener.open(systemOf(manifest, name), systemSignal)),
      dispose: async () => {
        await embedder?.dispose();
        await opener.dispose();
      },
    };
  } catch (thrown) {
    await opener.dispose();
    throw thrown;
  }
}
