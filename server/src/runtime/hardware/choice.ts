/** From the setting to where things run, looked up once in the life of a process. */
import * as path from "node:path";
import { choose, noteOf, wishOf, type Chosen, type DeviceSetting, type EncoderDevice, type LanguageDevice } from "../../engine/hardware/devices.js";
import { lookAt } from "../llama/devices.js";
import { usableProvider } from "../onnx/providers.js";
import { packageRoot } from "../packs/locate.js";

export interface HardwareChoice {
  readonly setting: DeviceSetting;
  readonly language: Chosen<LanguageDevice>;
  readonly encoders: Chosen<EncoderDevice>;
  /** For the provenance of answers: what was asked for and could not be had. */
  readonly notes: readonly string[];
}

/** A small ONNX file that comes with the program. */
export function probeModel(): string {
  return path.join(packageRoot(), "server", "models", "micro", "projector.onnx");
}

export async function chooseHardware(setting: DeviceSetting): Promise<HardwareChoice> {
  const wish = wishOf(setting, process.platform);
  const language = await choose<LanguageDevice>(wish.language, async (device) => (device === "cpu" ? { usable: true } : (await lookAt(device)).state));
  const encoders = await choose<EncoderDevice>(wish.encoders, (device) => usableProvider(device, probeModel()));
  const notes = [noteOf("The language model", setting, language), noteOf("The encoders", setting, encoders)].filter((note) => note !== undefined);
  return { setting, language, encoders, notes };
}
