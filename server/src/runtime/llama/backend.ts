/** llama.cpp as node-llama-cpp brings it: one binding a process and setting, and its errors in our words. */
import {
  getLlama,
  getModuleVersion,
  InsufficientMemoryError,
  LlamaLogLevel,
  NoBinaryFoundError,
  type Llama,
  type LlamaModel,
} from "node-llama-cpp";
import { VqaError, throwIfAborted } from "../../engine/errors.js";

/** false is the processor. */
export type GpuSetting = "cuda" | "vulkan" | "metal" | false;

/** llama.cpp's own last words, for error messages. */
const KEPT_LINES = 20;
const log: string[] = [];

const bindings = new Map<GpuSetting, Promise<Llama>>();

/**
 * Never builds from source: only what came with npm is used. The first call takes 0.6 to 1.3 s,
 * because node-llama-cpp tries the binary in a child process first.
 * Error: model-unsupported when there is no binary for this platform.
 */
export async function llamaBackend(gpu: GpuSetting): Promise<Llama> {
  let binding = bindings.get(gpu);
  if (binding === undefined) {
    binding = getLlama({
      gpu,
      build: "never",
      skipDownload: true,
      progressLogs: false,
      // The context's own `threads` is then taken as it is.
      maxThreads: 0,
      logLevel: LlamaLogLevel.warn,
      logger: (_level, message) => {
        log.push(message.trimEnd());
        if (log.length > KEPT_LINES) log.shift();
      },
    });
    bindings.set(gpu, binding);
  }
  try {
    return await binding;
  } catch (thrown) {
    bindings.delete(gpu);
    if (thrown instanceof NoBinaryFoundError) {
      throw new VqaError(
        "model-unsupported",
        `node-llama-cpp has no binary for ${process.platform}-${process.arch} that runs here.`,
        "Run npm install again with optional dependencies, or set the GPU to off.",
        { cause: thrown },
      );
    }
    throw VqaError.from(thrown, "model-unsupported", "Run npm install again.");
  }
}

export async function backendName(llama: Llama): Promise<string> {
  return `node-llama-cpp ${await getModuleVersion()} (${llama.gpu === false ? "cpu" : llama.gpu})`;
}

export interface LoadOptions {
  /** The file that messages speak of: the pack's, not its private copy. */
  readonly named: string;
  readonly useMmap: boolean;
  /** Layers on the device. */
  readonly deviceLayers: number;
}

export async function loadGguf(llama: Llama, path: string, { named, useMmap, deviceLayers }: LoadOptions, signal?: AbortSignal): Promise<LlamaModel> {
  log.length = 0;
  try {
    return await llama.loadModel({ modelPath: path, useMmap, gpuLayers: deviceLayers, ...(signal === undefined ? {} : { loadSignal: signal }) });
  } catch (thrown) {
    throwIfAborted(signal);
    if (thrown instanceof InsufficientMemoryError) throw outOfMemory(named, thrown);
    throw new VqaError(
      "model-unsupported",
      `llama.cpp cannot load ${named}: ${log.at(-1) ?? (thrown as Error).message}`,
      "Install the model pack again; if it stays so, the pack needs a newer version of this program.",
      { cause: thrown, data: { file: named, log: [...log] } },
    );
  }
}

export function outOfMemory(named: string, cause: unknown): VqaError {
  return new VqaError("limit-exceeded", `There is not enough free memory for ${named}.`, "Close other programs, or choose a smaller model.", {
    cause,
    data: { file: named },
  });
}
