/** Where llama.cpp can run here: its builds that are installed, and the devices that their drivers show. */
import { NoBinaryFoundError } from "node-llama-cpp";
import type { LanguageDevice, Usable } from "../../engine/hardware/devices.js";
import { VqaError } from "../../engine/errors.js";
import { llamaBackend } from "./backend.js";

export interface LanguageDeviceState {
  readonly state: Usable;
  /** Names as the driver gives them. */
  readonly names: readonly string[];
  /** Bytes of all of them together. */
  readonly memory: number;
  readonly free: number;
  /** They have no memory of their own. */
  readonly unified: boolean;
}

const NOTHING = { names: [], memory: 0, free: 0, unified: false };

/** Takes about a quarter of a second where the build is installed, and next to nothing where it is not. */
export async function lookAt(device: Exclude<LanguageDevice, "cpu">): Promise<LanguageDeviceState> {
  try {
    const llama = await llamaBackend(device);
    // Where a build is missing for the whole platform, another one is handed out.
    if (llama.gpu !== device) return { ...NOTHING, state: { usable: false, why: "llama.cpp has no such build for this system" } };
    const names = await llama.getGpuDeviceNames();
    const { total, free, unifiedSize } = await llama.getVramState();
    const state: Usable = names.length > 0 && llama.supportsGpuOffloading ? { usable: true } : { usable: false, why: "no graphics device with a driver was found" };
    return { state, names, memory: total, free, unified: unifiedSize > 0 };
  } catch (thrown) {
    const missing = thrown instanceof VqaError && thrown.cause instanceof NoBinaryFoundError;
    return { ...NOTHING, state: { usable: false, why: missing ? "its build of llama.cpp is not installed, or its driver is missing" : (thrown as Error).message } };
  }
}
