import * as os from "node:os";
import type { Llama } from "node-llama-cpp";
import type { Room } from "../../engine/hardware/memoryPlan.js";

/**
 * What is free now. libuv counts what the system would give back (MemAvailable on Linux), and less
 * where a container has a limit of its own.
 */
export async function freeRoom(llama: Pick<Llama, "gpu" | "getVramState">): Promise<Room> {
  const memory = freeMemory();
  if (llama.gpu === false) return { memory, deviceMemory: 0, unified: false };
  const { free, unifiedSize } = await llama.getVramState();
  return { memory, deviceMemory: free, unified: unifiedSize > 0 };
}

export function freeMemory(): number {
  return Math.min(process.availableMemory(), os.freemem());
}
