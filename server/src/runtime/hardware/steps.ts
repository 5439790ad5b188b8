/** One look each. What cannot be found out is left empty: a report with a gap is better than none. */
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { VqaError } from "../../engine/errors.js";
import type { EncoderDevice, LanguageDevice } from "../../engine/hardware/devices.js";
import type { Found, ModelFit } from "../../protocol/hardware.js";
import { openMedia } from "../ffmpeg/index.js";
import { idleThreads } from "../llama/threads.js";
import { listPacks } from "../packs/installed.js";
import type { ExamineOptions, Part, Step } from "./messages.js";
import { freeMemory } from "./room.js";

export async function look(step: Step, options: ExamineOptions): Promise<Part> {
  const [what, device] = step.split(" ");
  switch (what) {
    case "system":
      return { system: system() };
    case "graphics":
      return { graphics: await graphics() };
    case "decoder":
      return { decoder: await decoder(options.ffmpegPath) };
    case "folders":
      return { folders: await folders(options) };
    case "language": {
      const { lookAt } = await import("../llama/devices.js");
      const { state, ...about } = await lookAt(device as Exclude<LanguageDevice, "cpu">);
      return { languageDevice: { device: device as LanguageDevice, ...about, ...state } };
    }
    case "encoders": {
      const { usableProvider } = await import("../onnx/providers.js");
      const { probeModel } = await import("./choice.js");
      return { encoderDevice: { device: device as EncoderDevice, ...(await usableProvider(device as EncoderDevice, probeModel())) } };
    }
    case "choice": {
      const { chooseHardware } = await import("./choice.js");
      const { setting, language, encoders } = await chooseHardware(options.device);
      return { uses: { setting, language, encoders } };
    }
    default:
      return { models: await models(options) };
  }
}

function system(): Found["system"] {
  const cpus = os.cpus();
  return {
    name: `${os.type()} ${os.release()}`,
    platform: process.platform,
    arch: process.arch,
    node: process.version,
    processor: cpus[0]?.model.trim() ?? "",
    cores: os.availableParallelism(),
    threads: idleThreads(),
    memory: Math.min(os.totalmem(), process.constrainedMemory() || Infinity),
    free: freeMemory(),
  };
}

async function graphics(): Promise<Found["graphics"]> {
  const { default: information } = await import("systeminformation");
  const { controllers } = await information.graphics();
  return controllers.map(({ model, name, vendor, vram, memoryTotal, driverVersion }) => {
    // Megabytes, and 0 or null where nobody knows.
    const memory = (memoryTotal ?? vram ?? 0) * 2 ** 20;
    return { name: (name ?? "") || model, vendor, ...(memory > 0 ? { memory } : {}), ...(driverVersion ? { driver: driverVersion } : {}) };
  });
}

async function decoder(ffmpegPath: string | undefined): Promise<Found["decoder"]> {
  try {
    const media = await openMedia(ffmpegPath === undefined ? {} : { ffmpegPath });
    const found = await media.frames.describe();
    await media.close();
    return { found };
  } catch (thrown) {
    return { problem: VqaError.from(thrown).toJSON() };
  }
}

async function folders({ cacheFolder, modelsFolder }: ExamineOptions): Promise<Found["folders"]> {
  return Promise.all(
    ([["cache", cacheFolder], ["models", modelsFolder]] as const).map(async ([use, at]) => {
      const free = await freeAt(at);
      return { use, path: at, ...(free === undefined ? {} : { free }) };
    }),
  );
}

/** Of the disk on which a folder lies or will lie. */
async function freeAt(folder: string): Promise<number | undefined> {
  for (let at = folder; ; at = path.dirname(at)) {
    try {
      const { bavail, bsize } = await fs.statfs(at);
      return bavail * bsize;
    } catch {
      if (path.dirname(at) === at) return undefined;
    }
  }
}

async function models({ device, contextSize, modelsFolder, ownPack }: ExamineOptions): Promise<ModelFit[]> {
  const { chooseHardware } = await import("./choice.js");
  const { planSystem } = await import("../packs/fit.js");
  const { readManifest } = await import("../packs/manifest.js");
  const { systemsOf } = await import("../packs/systems.js");
  const hardware = await chooseHardware(device);
  const packs = await listPacks({ models: modelsFolder, folder: ownPack });
  const fits: ModelFit[] = [];
  for (const { id, name, folder, composers, problem } of packs) {
    if (problem) fits.push({ id, name, problem });
    // A pack of speech or of sentences alone answers no questions.
    if (problem || composers.length === 0) continue;
    try {
      const manifest = await readManifest(folder);
      const { room: _, ...plan } = await planSystem(folder, manifest, systemsOf(manifest)[0]!, { hardware, contextSize });
      fits.push({ id, name, plan });
    } catch (thrown) {
      fits.push({ id, name, problem: VqaError.from(thrown).toJSON() });
    }
  }
  return fits;
}
