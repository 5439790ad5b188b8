/** `vqa doctor`: what this machine has, what of it is used, and what is missing. */
import { size } from "../engine/hardware/memoryPlan.js";
import type { HardwareReport } from "../protocol/hardware.js";
import { defaultCacheFolder } from "../runtime/cache/folder.js";
import { examine } from "../runtime/hardware/examine.js";
import { defaultModelsFolder } from "../runtime/packs/home.js";
import { columns, type CommandSpec } from "./args.js";
import { deviceOption, ENGINE_OPTIONS, JSON_OPTION, type Invocation } from "./common.js";
import { EXIT } from "./exit.js";
import { json, line } from "./terminal.js";

export const DOCTOR: CommandSpec = {
  name: "doctor",
  arguments: "[options]",
  summary: "Tells what this machine has for models, what will be used, and what to install.",
  options: {
    device: { value: "NAME", help: "what it would be with this device" },
    "context-size": ENGINE_OPTIONS["context-size"],
    ...JSON_OPTION,
  },
  notes: "Exit code 1 when something is missing that questions need: a decoder, a device that was asked for, or memory for every model.",
};

export async function doctor({ args, terminal, signal }: Invocation): Promise<number> {
  if (args.positionals.length > 0) throw args.usage(`It takes no arguments; there is ${JSON.stringify(args.positionals[0])}.`);
  const setting = deviceOption(args);
  const report = await examine(
    {
      device: setting ?? "auto",
      contextSize: args.whole("context-size", 512, 1_048_576),
      cacheFolder: defaultCacheFolder(),
      modelsFolder: defaultModelsFolder(),
    },
    signal,
  );
  if (args.flag("json")) json(terminal.out, report);
  else line(terminal.out, describeHardware(report));
  return wellEnough(report) ? EXIT.ok : EXIT.failed;
}

function wellEnough({ decoder, uses, models }: HardwareReport): boolean {
  const honoured = uses.setting === "auto" || (uses.language.passedOver.length === 0 && uses.encoders.passedOver.length === 0);
  return decoder.problem === undefined && honoured && models.some(({ plan }) => plan?.fits === true);
}

function describeHardware(report: HardwareReport): string {
  const { system, graphics, decoder, folders, uses, advice } = report;
  const rows = (title: string, list: readonly (readonly [string, string])[]): string[] => (list.length === 0 ? [] : [`${title}\n${columns(list)}`]);
  const found = rows("Found", [
    ["system", `${system.name}, ${system.arch}, Node ${system.node}`],
    ["processor", `${system.processor}, ${system.cores} cores, ${system.threads} for models now`],
    ["memory", `${size(system.memory)}, ${size(system.free)} free`],
    ...(graphics.length === 0 ? ([["graphics", "none"]] as const) : graphics.map(({ name, memory, driver }) => ["graphics", [name, ...(memory === undefined ? [] : [size(memory)]), ...(driver === undefined ? [] : [`driver ${driver}`])].join(", ")] as const)),
    ["decoder", decoder.found ?? decoder.problem?.message ?? "not found out"],
    ...folders.map(({ use, path, free }) => [use, `${path}${free === undefined ? "" : `, ${size(free)} free`}`] as const),
  ]);
  const devices = rows("Devices", [
    ["llama.cpp cpu", "usable"],
    ...report.language.map(({ device, usable, why, names, memory, free }) => [`llama.cpp ${device}`, usable ? `usable: ${names.join(", ")}, ${size(memory)}, ${size(free)} free` : (why ?? "not found out")] as const),
    ["onnxruntime cpu", "usable"],
    ...report.encoders.map(({ device, usable, why }) => [`onnxruntime ${device}`, usable ? "usable" : (why ?? "not found out")] as const),
  ]);
  const used = rows(`Used with the device "${uses.setting}"`, [
    ["language model", chosen(uses.language)],
    ["encoders", chosen(uses.encoders)],
  ]);
  const models = rows("Models", report.models.map((model) => [model.id, fitText(model)] as const));
  const todo = advice.length === 0 ? ["Nothing is missing."] : rows("What to do", advice.map(({ what, next }, i) => [`${i + 1}.`, `${what}\n${next}`] as const));
  return [...found, ...devices, ...used, ...models, ...todo].join("\n\n");
}

function chosen({ device, passedOver }: HardwareReport["uses"]["language"] | HardwareReport["uses"]["encoders"]): string {
  return [device, ...passedOver.map(({ device: other, why }) => `not ${other}: ${why}`)].join("; ");
}

function fitText({ plan, problem }: HardwareReport["models"][number]): string {
  if (plan === undefined) return problem?.message ?? "not found out";
  const { total, weights, context, encoders, contextSize, deviceLayers, layers, fits } = plan;
  const all = total.memory + total.deviceMemory;
  const parts = `weights ${size(weights.memory + weights.deviceMemory)}, context of ${contextSize} ${size(context.memory + context.deviceMemory)}, encoders ${size(encoders.memory + encoders.deviceMemory)}`;
  const where = total.deviceMemory === 0 ? "" : `; ${size(total.deviceMemory)} of it on the device, with ${deviceLayers} of ${layers} layers`;
  return `${fits ? "fits" : "does not fit"}: ${size(all)} (${parts})${where}`;
}
