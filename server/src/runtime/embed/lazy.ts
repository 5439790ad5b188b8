import { throwIfAborted, VqaError } from "../../engine/errors.js";
import type { Embedder } from "../../engine/ports.js";
import { SentenceEmbedder, type SentenceEmbedderOptions } from "./embedder.js";

export interface LazyEmbedder extends Embedder {
  dispose(): Promise<void>;
}

/**
 * An embedder that is loaded when it is first asked: most questions need none. A load that failed is
 * tried again by the next call. Error besides those of loading: model-unsupported when it is not `width` wide.
 */
export function lazyEmbedder({ width, ...options }: SentenceEmbedderOptions & { readonly width: number }): LazyEmbedder {
  let loading: Promise<SentenceEmbedder> | undefined;
  let closed = false;

  /** Shared by all callers: one that stops does not stop the others, so no signal goes in. */
  async function load(): Promise<SentenceEmbedder> {
    const embedder = await SentenceEmbedder.open(options);
    if (embedder.width === width && !closed) return embedder;
    await embedder.dispose();
    if (closed) throw new VqaError("internal", `The embedder in ${options.folder} was asked after it had been closed.`);
    throw new VqaError(
      "model-unsupported",
      `The embedder in ${options.folder} gives ${embedder.width} numbers a text, its manifest says ${width}.`,
      "Correct embedder.width in the pack's vqa-model.json.",
      { data: { folder: options.folder } },
    );
  }

  return {
    width,
    digest: options.digest,
    embed: async (texts, signal) => {
      throwIfAborted(signal);
      loading ??= load();
      const embedder = await loading.catch((thrown: unknown) => {
        loading = undefined;
        throw thrown;
      });
      throwIfAborted(signal);
      return embedder.embed(texts, signal);
    },
    dispose: async () => {
      closed = true;
      const loaded = await loading?.catch(() => undefined);
      loading = undefined;
      await loaded?.dispose();
    },
  };
}
