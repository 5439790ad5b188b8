/** Looks at the machine with a process of its own, and with another one where that was ended by what it looked at. */
import * as os from "node:os";
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import { adviceFor } from "../../engine/hardware/advice.js";
import type { Found, HardwareReport } from "../../protocol/hardware.js";
import { startChild, type Exit } from "../worker/child.js";
import type { ExamineOptions, FromExaminer, Part, Start, Step } from "./messages.js";
import { allSteps, devicesOf } from "./order.js";

/** A look that takes longer hangs in a driver. */
const STEP_MS = 30_000;

type Findings = { -readonly [K in keyof Found]?: Found[K] };

/** Error: cancelled. `entry` is the program that looks; tests give one that crashes. */
export async function examine(options: ExamineOptions, signal?: AbortSignal, entry: URL = new URL("./examiner.js", import.meta.url)): Promise<HardwareReport> {
  const found: Findings = { language: [], encoders: [], crashes: [] };
  let steps = allSteps(process.platform);
  while (steps.length > 0) {
    const { done, ended } = await pass(entry, { type: "start", steps, options }, (part) => merge(found, part), signal);
    if (ended) {
      const { step, how } = ended;
      found.crashes = [...found.crashes!, { while: nameOf(step), how }];
      const [part, device] = step.split(" ");
      const why = `looking at it ended the process (${how})`;
      if (part === "language") merge(found, { languageDevice: { device: device as "cuda", usable: false, why, names: [], memory: 0, free: 0, unified: false } });
      if (part === "encoders") merge(found, { encoderDevice: { device: device as "cuda", usable: false, why } });
    }
    const left = steps.slice(done + (ended ? 1 : 0));
    if (left.length === steps.length) break;
    steps = left;
  }
  const whole: Found = { ...emptyReport(options), ...found };
  return { ...whole, advice: adviceFor(whole) };
}

interface Passed {
  /** Steps that gave something. */
  readonly done: number;
  /** The step at which the process went. */
  readonly ended?: { readonly step: Step; readonly how: string };
}

function pass(entry: URL, start: Start, onPart: (part: Part) => void, signal: AbortSignal | undefined): Promise<Passed> {
  throwIfAborted(signal);
  return new Promise((resolve, reject) => {
    let done = 0;
    let step: Step = start.steps[0]!;
    let timer: NodeJS.Timeout | undefined;
    let late = false;
    const stop = (): void => child.kill();
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => ((late = true), child.kill()), STEP_MS);
    };
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    };
    const child = startChild(
      entry,
      (message) => {
        const said = message as FromExaminer;
        if (said.type === "begin") {
          step = said.step;
          wait();
        } else if (said.type === "found") {
          done++;
          onPart(said.part);
        }
      },
      (exit) => {
        finish();
        if (signal?.aborted) reject(new VqaError("cancelled", "Stopped.", ""));
        else resolve(done === start.steps.length ? { done } : { done, ended: { step, how: late ? `no answer in ${STEP_MS / 1000} seconds` : howOf(exit) } });
      },
    );
    signal?.addEventListener("abort", stop, { once: true });
    wait();
    child.send(start);
  });
}

function howOf({ signal, code, error }: Exit): string {
  if (error) return error.message;
  return signal === null ? `exit code ${code ?? "unknown"}` : `signal ${signal}`;
}

function merge(found: Findings, { languageDevice, encoderDevice, ...part }: Part): void {
  Object.assign(found, part);
  if (languageDevice) found.language = [...found.language!, languageDevice];
  if (encoderDevice) found.encoders = [...found.encoders!, encoderDevice];
}

function nameOf(step: Step): string {
  const [part, device] = step.split(" ");
  if (part === "language") return `llama.cpp on ${device}`;
  if (part === "encoders") return `onnxruntime on ${device}`;
  return LOOKED_AT[step] ?? step;
}

/** What a step looks at, in words. */
const LOOKED_AT: Readonly<Record<string, string>> = {
  system: "the system",
  graphics: "the graphics",
  decoder: "the decoder",
  folders: "the folders",
  choice: "the devices",
  models: "the models",
};

/** What stands where a look gave nothing. */
function emptyReport({ device, cacheFolder, modelsFolder }: ExamineOptions): Found {
  const devices = devicesOf(process.platform);
  return {
    system: { name: os.type(), platform: process.platform, arch: process.arch, node: process.version, processor: "", cores: os.availableParallelism(), threads: 1, memory: os.totalmem(), free: os.freemem() },
    graphics: [],
    language: devices.language.map((each) => ({ device: each, usable: false, names: [], memory: 0, free: 0, unified: false })),
    encoders: devices.encoders.map((each) => ({ device: each, usable: false })),
    decoder: {},
    folders: [{ use: "cache", path: cacheFolder }, { use: "models", path: modelsFolder }],
    uses: { setting: device, language: { device: "cpu", passedOver: [] }, encoders: { device: "cpu", passedOver: [] } },
    models: [],
    crashes: [],
  };
}
