/** What is looked at, in which order. */
import type { EncoderDevice, LanguageDevice } from "../../engine/hardware/devices.js";
import type { Step } from "./messages.js";

/** The devices that there can be on a platform. */
export function devicesOf(platform: NodeJS.Platform): { readonly language: readonly Exclude<LanguageDevice, "cpu">[]; readonly encoders: readonly Exclude<EncoderDevice, "cpu">[] } {
  if (platform === "darwin") return { language: ["metal"], encoders: ["coreml", "webgpu"] };
  if (platform === "win32") return { language: ["cuda", "vulkan"], encoders: ["cuda", "directml", "webgpu"] };
  return { language: ["cuda", "vulkan"], encoders: ["cuda", "webgpu"] };
}

export function allSteps(platform: NodeJS.Platform): readonly Step[] {
  const { language, encoders } = devicesOf(platform);
  return ["system", "graphics", "decoder", "folders", ...language.map((device) => `language ${device}` as const), ...encoders.map((device) => `encoders ${device}` as const), "choice", "models"];
}
