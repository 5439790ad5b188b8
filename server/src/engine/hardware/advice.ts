/** From what was found to what a user can do about it. */
import { wishOf, type DeviceSetting } from "./devices.js";
import { size } from "./memoryPlan.js";

export interface Looked {
  readonly system: { readonly platform: string; readonly cores: number; readonly threads: number };
  readonly graphics: readonly { readonly name: string; readonly vendor: string }[];
  readonly language: readonly { readonly device: string; readonly usable: boolean; readonly why?: string | undefined }[];
  readonly encoders: readonly { readonly device: string; readonly usable: boolean; readonly why?: string | undefined }[];
  readonly decoder: { readonly problem?: { readonly message: string; readonly next: string } | undefined };
  readonly folders: readonly { readonly use: string; readonly path: string; readonly free?: number | undefined }[];
  readonly uses: { readonly setting: DeviceSetting; readonly language: { readonly device: string }; readonly encoders: { readonly device: string } };
  readonly models: readonly { readonly id: string; readonly plan?: { readonly fits: boolean; readonly smallerContext?: number | undefined; readonly deviceLayers: number; readonly layers: number } | undefined; readonly problem?: { readonly message: string; readonly next: string } | undefined }[];
  readonly crashes: readonly { readonly while: string; readonly how: string }[];
}

export interface Advice {
  readonly what: string;
  readonly next: string;
}

/** Below this a pack does not fit on the disk, nor do the features of a day's videos. */
const LITTLE_DISK = 2e9;

export function adviceFor(found: Looked): Advice[] {
  const { system, graphics, uses, crashes } = found;
  const advice: Advice[] = crashes.map(({ while: what, how }) => ({
    what: `Looking at ${what} ended the process that looked (${how}).`,
    next: "Update the graphics driver, or set the device to cpu.",
  }));

  if (found.decoder.problem) advice.push({ what: found.decoder.problem.message, next: found.decoder.problem.next });

  const nvidia = graphics.some(({ name, vendor }) => /nvidia/i.test(`${vendor} ${name}`));
  const any = graphics.length > 0;
  const lacks = (list: Looked["language"], device: string): boolean => list.some((each) => each.device === device && !each.usable);
  const wish = wishOf(uses.setting, system.platform as NodeJS.Platform);
  if (uses.setting !== "cpu") {
    if (nvidia && uses.language.device === "cpu" && lacks(found.language, "cuda")) {
      advice.push({ what: "There is NVIDIA graphics, and the language model runs on the processor.", next: "Set this program up again with VQA_GPU=cuda (or VQA_GPU=vulkan, which is smaller): see “Graphics” in the README." });
    } else if (any && uses.language.device === "cpu" && lacks(found.language, "vulkan") && system.platform !== "darwin") {
      advice.push({ what: `There is graphics (${graphics[0]!.name}), and the language model runs on the processor.`, next: "Set this program up again with VQA_GPU=vulkan, and see that the graphics driver has Vulkan." });
    }
    if (nvidia && uses.encoders.device === "cpu" && system.platform === "linux" && lacks(found.encoders, "cuda")) {
      advice.push({ what: "There is NVIDIA graphics, and the encoders run on the processor.", next: "Install CUDA 12 with cuDNN 9, and onnxruntime's libraries for it: npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12." });
    }
    for (const [part, wanted, list, used] of [["language", wish.language, found.language, uses.language.device], ["encoders", wish.encoders, found.encoders, uses.encoders.device]] as const) {
      if (uses.setting === "auto" || used !== "cpu" || wanted.length === 0) continue;
      const why = list.find(({ device }) => device === wanted[0])?.why ?? "it does not exist on this platform";
      advice.push({
        what: part === "language" ? `The device is set to ${uses.setting}, and the language model cannot use it: ${why}.` : `The device is set to ${uses.setting}, and the encoders cannot use it: ${why}.`,
        next: "Install what is missing, or set the device to auto.",
      });
    }
  }

  for (const { id, plan, problem } of found.models) {
    if (problem) advice.push({ what: `${id}: ${problem.message}`, next: problem.next });
    else if (plan && !plan.fits) advice.push({ what: `${id} does not fit into the memory that is free.`, next: plan.smallerContext === undefined ? "Close other programs, or choose a smaller model." : `Set the context size to ${plan.smallerContext}, or close other programs.` });
  }
  for (const { use, path, free } of found.folders) {
    if (free !== undefined && free < LITTLE_DISK) advice.push({ what: use === "cache" ? `The disk of the cache (${path}) has ${size(free)} left.` : `The disk of the models (${path}) has ${size(free)} left.`, next: "Free some space, or choose a folder on another disk." });
  }
  if (system.threads === 1 && system.cores > 2) advice.push({ what: `Of ${system.cores} cores one is idle: other programs are busy.`, next: "Wait for them, or close them: answers take several times as long now." });
  return advice;
}
