/** Whether a system of a pack fits this machine, found out before anything of it is loaded. */
import * as path from "node:path";
import type { LanguageDevice } from "../../engine/hardware/devices.js";
import { planMemory, refusal, type MemoryPlan, type Need, type Room } from "../../engine/hardware/memoryPlan.js";
import type { HardwareChoice } from "../hardware/choice.js";
import { freeRoom } from "../hardware/room.js";
import { llamaBackend } from "../llama/backend.js";
import { languageNeeds } from "../llama/needs.js";
import { readCatalogue } from "./catalogue.js";
import { EMBEDDED_PACKS } from "./locate.js";
import type { Manifest } from "./manifest.js";
import { filesOf, type SystemManifest } from "./systems.js";

export interface FitOptions {
  /** Default: everything on the processor. */
  readonly hardware?: HardwareChoice | undefined;
  /** Positions of a context; default and at most: the manifest's. */
  readonly contextSize?: number | undefined;
  /** Default: what is free now. */
  readonly room?: Room | undefined;
}

/** Errors: those of reading the GGUF file. */
export async function planSystem(folder: string, manifest: Manifest, system: SystemManifest, options: FitOptions = {}): Promise<MemoryPlan> {
  const device = options.hardware?.language.device ?? "cpu";
  const llama = await llamaBackend(device === "cpu" ? false : device);
  const language = await languageNeeds(llama, path.join(folder, ...system.language.file.split("/")));
  const onDevice = (options.hardware?.encoders.device ?? "cpu") !== "cpu";
  const bytes = manifest.files.filter((file) => filesOf(system).includes(file.path) && file.path.endsWith(".onnx")).reduce((sum, file) => sum + file.bytes, 0);
  const needs = { ...language, contextSize: system.language.contextSize, encoders: encoderNeed(system, bytes, onDevice) };
  return planMemory(needs, options.room ?? (await freeRoom(llama)), contextOf(system, options.contextSize));
}

export interface Fit {
  readonly plan: MemoryPlan;
  /** Where the language model goes: the chosen device, or the processor where not even its work space fits there. */
  readonly device: LanguageDevice;
}

/** Error: limit-exceeded, with what would fit. */
export async function expectFit(folder: string, manifest: Manifest, system: SystemManifest, options: FitOptions): Promise<Fit> {
  const plan = await planSystem(folder, manifest, system, options);
  const device = options.hardware?.language.device ?? "cpu";
  if (plan.fits) return { plan, device };
  if (options.hardware !== undefined && device !== "cpu") {
    const hardware: HardwareChoice = { ...options.hardware, language: { device: "cpu", passedOver: [] } };
    const without = await planSystem(folder, manifest, system, { ...options, hardware });
    if (without.fits) return { plan: without, device: "cpu" };
  }
  throw refusal(manifest.name, plan, await smallerModels(manifest, plan));
}

function contextOf({ language }: SystemManifest, wanted: number | undefined): number {
  return Math.min(language.contextSize, wanted ?? language.contextSize);
}

/**
 * onnxruntime says nothing of what a model will take. Its weights are in memory once more while it
 * optimises the graph. A transformer's work space is its residual stream with the four times wider
 * hidden layer, and the scores of attention, all of a batch of frames; the patches are taken to be of
 * 14 x 14 pixels and the heads of 64 values, as in CLIP and SigLIP. A side that is given back before the
 * next part starts (projectors, Q-formers) is not added. Measured with a random ViT-B/16 at 512 x 512
 * pixels, four frames: 1127 MB foretold, 937 MB at the peak.
 */
function encoderNeed({ preprocess, encoder }: Pick<SystemManifest, "preprocess" | "encoder">, bytes: number, onDevice: boolean): Need {
  const patches = (preprocess.width * preprocess.height) / (14 * 14);
  const stream = patches * encoder.width * 6 * 4;
  const scores = Math.ceil(encoder.width / 64) * patches * patches * 4;
  const need = bytes + Math.round(FRAMES_AT_ONCE * (stream + scores));
  return onDevice ? { memory: bytes, deviceMemory: need } : { memory: bytes + need, deviceMemory: 0 };
}

const FRAMES_AT_ONCE = 4;

/** The catalogue's smaller ones, the largest first, and what comes with the program. */
async function smallerModels(manifest: Manifest, plan: MemoryPlan): Promise<string[]> {
  const entries = await readCatalogue().catch(() => []);
  const sized = entries
    .filter(({ manifest: about, id }) => "composer" in about && id !== manifest.id)
    .map(({ id, files }) => ({ id, bytes: files.reduce((sum, file) => sum + (file.bytes ?? Infinity), 0) }));
  const own = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const fitting = sized.filter(({ bytes }) => bytes < own && bytes < plan.room.memory).sort((a, b) => b.bytes - a.bytes);
  return [...fitting.map(({ id }) => id), ...EMBEDDED_PACKS].filter((id) => id !== manifest.id);
}
