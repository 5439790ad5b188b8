import * as path from "node:path";
import { throwIfAborted } from "../../engine/errors.js";
import type { OpenPack, PackSpec } from "../../engine/pack.js";
import type { GpuSetting } from "../llama/backend.js";
import { openLlamaModel, type LlamaLanguageModel } from "../llama/model.js";
import { idleThreads } from "../llama/threads.js";
import { OnnxVisionEncoder } from "../onnx/encoder.js";
import { identityProjector } from "../onnx/identity.js";
import { OnnxProjector } from "../onnx/projector.js";
import { locatePack } from "./locate.js";
import { readManifest, type Manifest } from "./manifest.js";
import { packDigest, verifyFiles } from "./verify.js";

export interface OpenPackOptions {
  /** For each native library; default: the idle cores. */
  readonly threads?: number;
  /** For the language model; default: the CPU. */
  readonly gpu?: GpuSetting;
  /** Folder for the language model's private copy; default: the system's folder for temporary files. */
  readonly tempRoot?: string;
}

/** An open pack whose language model is known to be llama.cpp's. */
export interface RuntimePack extends OpenPack {
  readonly language: LlamaLanguageModel;
}

/**
 * Verifies a pack's files, then loads them. `pack` is "micro" or a pack's absolute folder.
 * Errors: model-missing, model-damaged, model-unsupported, limit-exceeded, cancelled.
 */
export async function openPack(pack: string, options: OpenPackOptions = {}, signal?: AbortSignal): Promise<RuntimePack> {
  const folder = locatePack(pack);
  const manifest = await readManifest(folder);
  throwIfAborted(signal);
  await verifyFiles(folder, manifest.files, signal);

  const threads = options.threads ?? idleThreads();
  const opened: { dispose(): Promise<void> }[] = [];
  const keep = async <T extends { dispose(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
    const part = await opening;
    opened.push(part);
    throwIfAborted(signal);
    return part;
  };
  const dispose = async (): Promise<void> => {
    for (const part of opened.splice(0).reverse()) await part.dispose();
  };
  try {
    const encoder = await keep(openEncoder(folder, manifest, threads));
    const projector =
      manifest.projector === undefined
        ? identityProjector(manifest.language.width)
        : await keep(OnnxProjector.open({ ...manifest.projector, file: inPack(folder, manifest.projector.file), threads }));
    const language = await keep(
      openLlamaModel(
        {
          ...manifest.language,
          file: inPack(folder, manifest.language.file),
          stop: manifest.prompt.stop,
          threads,
          ...(options.gpu === undefined ? {} : { gpu: options.gpu }),
          ...(options.tempRoot === undefined ? {} : { tempRoot: options.tempRoot }),
        },
        signal,
      ),
    );
    return { spec: packSpec(manifest), encoder, projector, language, dispose };
  } catch (thrown) {
    await dispose();
    throw thrown;
  }
}

function openEncoder(folder: string, { encoder, preprocess }: Manifest, threads: number): Promise<OnnxVisionEncoder> {
  const { width: tokenWidth, tokens, cls, input, output, mask } = encoder;
  return OnnxVisionEncoder.open({ ...preprocess, tokenWidth, tokens, cls, input, output, mask, file: inPack(folder, encoder.file), threads });
}

function packSpec(manifest: Manifest): PackSpec {
  const { id, name, version, composer, sampling, subtitles, prompt, choices } = manifest;
  return { id, name, version, digest: packDigest(manifest), composer, sampling, subtitles, prompt, choices };
}

function inPack(folder: string, file: string): string {
  return path.join(folder, ...file.split("/"));
}
