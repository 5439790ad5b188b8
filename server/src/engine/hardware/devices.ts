/** What runs where: from the user's setting and from what is usable here to a choice for each of the two native libraries. */

/** The values of the setting `vqa.device` and of `--device`. */
export const DEVICE_SETTINGS = ["auto", "cpu", "cuda", "vulkan", "metal", "directml", "coreml"] as const;
export type DeviceSetting = (typeof DEVICE_SETTINGS)[number];

/** Where llama.cpp can hold the layers of a language model. */
export type LanguageDevice = "cpu" | "cuda" | "vulkan" | "metal";

/** Execution providers of onnxruntime. WebGPU goes through Vulkan, Metal or Direct3D 12. */
export type EncoderDevice = "cpu" | "cuda" | "webgpu" | "directml" | "coreml";

export interface Wish {
  /** Best first. The processor is not named: it is always the last resort. */
  readonly language: readonly Exclude<LanguageDevice, "cpu">[];
  readonly encoders: readonly Exclude<EncoderDevice, "cpu">[];
}

/**
 * What a setting asks for. `auto` takes what its library's makers recommend for the platform and leaves
 * out what changes numbers on its own: CoreML computes in half precision, and WebGPU's operators are
 * still called experimental by onnxruntime, so both are used only by name.
 */
export function wishOf(setting: DeviceSetting, platform: NodeJS.Platform): Wish {
  switch (setting) {
    case "cpu":
      return { language: [], encoders: [] };
    case "cuda":
      return { language: ["cuda"], encoders: ["cuda"] };
    case "vulkan":
      return { language: ["vulkan"], encoders: ["webgpu"] };
    case "metal":
      return { language: ["metal"], encoders: ["webgpu"] };
    case "directml":
      // llama.cpp has no DirectML; whatever DirectML runs on has a Vulkan driver as well.
      return { language: ["vulkan"], encoders: ["directml"] };
    case "coreml":
      return { language: ["metal"], encoders: ["coreml"] };
    case "auto":
      if (platform === "darwin") return { language: ["metal"], encoders: [] };
      return { language: ["cuda", "vulkan"], encoders: platform === "win32" ? ["cuda", "directml"] : ["cuda"] };
  }
}

/** Whether a device can be used, with the reason where it cannot. */
export type Usable = { readonly usable: true } | { readonly usable: false; readonly why: string };

export interface Chosen<D extends string> {
  readonly device: D | "cpu";
  /** What was asked for and could not be had, in the order of the wish. */
  readonly passedOver: readonly { readonly device: D; readonly why: string }[];
}

/** The first of a wish that is usable, else the processor. Later ones are not looked at. */
export async function choose<D extends string>(wish: readonly D[], look: (device: D) => Promise<Usable>): Promise<Chosen<D>> {
  const passedOver: { device: D; why: string }[] = [];
  for (const device of wish) {
    const found = await look(device);
    if (found.usable) return { device, passedOver };
    passedOver.push({ device, why: found.why });
  }
  return { device: "cpu", passedOver };
}

/**
 * What a user is told of a choice: nothing where a device was wished for and is used, and nothing where
 * `auto` found no other than the processor, which is the usual case.
 */
export function noteOf(part: "The language model" | "The encoders", setting: DeviceSetting, { device, passedOver }: Chosen<string>): string | undefined {
  if (setting === "auto" || passedOver.length === 0) return undefined;
  const reasons = passedOver.map(({ device: wanted, why }) => `${wanted}: ${why}`).join("; ");
  return `${part} ran on ${device === "cpu" ? "the processor" : device}, since the device "${setting}" could not be used (${reasons}).`;
}
