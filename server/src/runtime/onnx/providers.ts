/** Execution providers of onnxruntime: which this build has, and which of them work here. */
import { InferenceSession, listSupportedBackends } from "./library.js";
import type { EncoderDevice, Usable } from "../../engine/hardware/devices.js";

/** Our names and onnxruntime-node's. */
export const PROVIDERS: Readonly<Record<EncoderDevice, string>> = { cpu: "cpu", cuda: "cuda", webgpu: "webgpu", directml: "dml", coreml: "coreml" };

/** Providers that this build of onnxruntime knows; their libraries and drivers may be missing all the same. */
export function builtProviders(): readonly EncoderDevice[] {
  const built = new Set(listSupportedBackends().map(({ name }) => name));
  return (Object.keys(PROVIDERS) as EncoderDevice[]).filter((device) => built.has(PROVIDERS[device]));
}

/**
 * Loads `probe`, a small model that is known to be good, on a provider. It is not enough to ask for the
 * provider of a session: onnxruntime-node drops one that it does not know without an error, and the
 * lists of providers tell nothing of drivers.
 */
export async function usableProvider(device: EncoderDevice, probe: string): Promise<Usable> {
  if (!builtProviders().includes(device)) return { usable: false, why: "onnxruntime is built without it here" };
  try {
    const session = await InferenceSession.create(probe, { executionProviders: [PROVIDERS[device]], logSeverityLevel: 4 });
    await session.release();
    return { usable: true };
  } catch (thrown) {
    return { usable: false, why: reason((thrown as Error).message) };
  }
}

/** Without the source lines and function names that onnxruntime puts around what it says. */
export function reason(message: string): string {
  if (/Failed to load shared library|cannot open shared object|providers_(shared|cuda)/i.test(message)) return "its libraries are not installed";
  if (/No supported adapters|Failed to get a WebGPU adapter/i.test(message)) return "no graphics device with a driver was found";
  return message.split("\n", 1)[0]!.replace(/^\S*\.(?:cc|h):\d+ .*?(?:\bwas false\. |\] )/, "").trim().slice(0, 200);
}
