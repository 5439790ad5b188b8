/**
 * What a language model takes before it is loaded. llama.cpp itself is asked, through node-llama-cpp: it
 * goes through loading without allocating. Measured with the embedded model on a CPU: 30 MB foretold,
 * 40 MB taken, of which the rest is the library's; 70 ms.
 */
import { GgufInsights, readGgufFileInfo, type Llama } from "node-llama-cpp";
import type { Need } from "../../engine/hardware/memoryPlan.js";
import { batchOf } from "./slotModel.js";

export interface LanguageNeeds {
  readonly layers: number;
  weights(deviceLayers: number): Promise<Need>;
  context(contextSize: number, deviceLayers: number): Promise<Need>;
}

/** `file` is a whole GGUF file or the first of its shards, known to be readable. */
export async function languageNeeds(llama: Llama, file: string): Promise<LanguageNeeds> {
  const insights = await GgufInsights.from(await readGgufFileInfo(file, { sourceType: "filesystem" }), llama);
  const need = ({ cpuRam, gpuVram }: { cpuRam: number; gpuVram: number }): Need => ({ memory: cpuRam, deviceMemory: llama.gpu === false ? 0 : gpuVram });
  return {
    layers: insights.totalLayers,
    weights: async (gpuLayers) => need(await insights.estimateModelResourceRequirementsV2({ gpuLayers, useMmap: true })),
    context: async (contextSize, modelGpuLayers) =>
      need(
        await insights.estimateContextResourceRequirementsV2({
          contextSize,
          modelGpuLayers,
          batchSize: Math.min(contextSize, batchOf(llama)),
          sequences: 1,
          useMmap: true,
          ...(llama.gpu === false ? { flashAttention: false } : {}),
        }),
      ),
  };
}
