import * as path from "node:path";
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import { lazyEmbedder, type LazyEmbedder } from "../embed/lazy.js";
import { idleThreads } from "../llama/threads.js";
import { readHead } from "./head.js";
import { locatePack } from "./locate.js";
import type { Manifest } from "./manifest.js";
import { partDigest, verifyFiles } from "./verify.js";

/** The embedder of a pack whose files were verified; undefined when it has none. */
export function openEmbedder(folder: string, { embedder, files }: Pick<Manifest, "embedder" | "files">, threads: number): LazyEmbedder | undefined {
  if (embedder === undefined) return undefined;
  const { folder: within, precision, width } = embedder;
  return lazyEmbedder({ folder: path.join(folder, ...within.split("/")), precision, width, digest: partDigest(files, within, { precision }), threads });
}

/**
 * The embedder of a pack that is asked for by itself, its files verified now and loaded when it is first
 * used. `pack` is a name or an absolute folder. Errors: model-missing, model-damaged, model-unsupported
 * when the pack has none, cancelled.
 */
export async function openPackEmbedder(pack: string, { threads }: { readonly threads?: number }, signal?: AbortSignal): Promise<LazyEmbedder> {
  const folder = locatePack(pack);
  const { embedder, files: all } = await readHead(folder);
  if (embedder === undefined) {
    throw new VqaError("model-unsupported", `The model in ${folder} has no sentence embedder.`, "Choose one that has, such as all-minilm-l6-v2.", { data: { model: pack } });
  }
  throwIfAborted(signal);
  const files = all.filter((file) => file.path.startsWith(`${embedder.folder}/`));
  await verifyFiles(folder, files, signal);
  return openEmbedder(folder, { embedder, files }, threads ?? idleThreads())!;
}
