/** What was found on a machine, as a page to read. No editor needed. */
import type { HardwareReport } from "../../server/src/protocol/hardware.js";
import { decimalSize } from "../sizes.js";
import type { Translate } from "../words.js";

export function hardwareMarkdown(report: HardwareReport, say: Translate): string {
  const { system, graphics, decoder, folders, uses, models, advice, language, encoders } = report;
  const yes = say("yes");
  const unknown = say("not found out");
  const size = (bytes: number): string => decimalSize(bytes, say.language);
  const both = ({ memory, deviceMemory }: { readonly memory: number; readonly deviceMemory: number }): string => size(memory + deviceMemory);
  return [
    `# ${say("What this machine can do")}`,
    advice.length === 0 ? say("Nothing is missing.") : `## ${say("What to do")}\n\n${advice.map(({ what, next }) => `1. ${text(what)} ${text(next)}`).join("\n")}`,
    `## ${say("What is used")}`,
    say("The device is set to {0}. The language model runs on {1}, the encoders on {2}.", `**${uses.setting}**`, `**${uses.language.device}**`, `**${uses.encoders.device}**`),
    `## ${say("Models")}`,
    table(
      [say("Model"), say("Fits"), say("Memory"), say("Weights"), say("Context"), say("Encoders")],
      models.map(({ id, plan, problem }) =>
        plan === undefined
          ? [id, problem?.message ?? unknown, "", "", "", ""]
          : [id, plan.fits ? yes : say("no"), both(plan.total), both(plan.weights), say("{0} for {1} positions", both(plan.context), plan.contextSize), both(plan.encoders)],
      ),
    ),
    `## ${say("Devices")}`,
    table(
      [say("Device"), say("Usable"), ""],
      [
        ["llama.cpp cpu", yes, ""],
        ...language.map(({ device, usable, why, names, memory, free }) => [`llama.cpp ${device}`, usable ? yes : say("no"), usable ? `${names.join(", ")}, ${say("{0} of {1} free", size(free), size(memory))}` : (why ?? unknown)]),
        ["onnxruntime cpu", yes, ""],
        ...encoders.map(({ device, usable, why }) => [`onnxruntime ${device}`, usable ? yes : say("no"), usable ? "" : (why ?? unknown)]),
      ],
    ),
    `## ${say("What was found")}`,
    table(
      ["", ""],
      [
        [say("System"), `${system.name}, ${system.arch}, Node ${system.node}`],
        [say("Processor"), say("{0}, {1} cores, {2} for models now", system.processor, system.cores, system.threads)],
        [say("Memory"), say("{0} of {1} free", size(system.free), size(system.memory))],
        ...(graphics.length === 0 ? [[say("Graphics"), say("none")]] : graphics.map(({ name, memory, driver }) => [say("Graphics"), [name, ...(memory === undefined ? [] : [size(memory)]), ...(driver === undefined ? [] : [say("driver {0}", driver)])].join(", ")])),
        [say("Decoder"), decoder.found ?? decoder.problem?.message ?? unknown],
        ...folders.map(({ use, path, free }) => [use === "cache" ? say("Cache") : say("Models"), `${path}${free === undefined ? "" : `, ${say("{0} free", size(free))}`}`]),
      ],
    ),
  ].join("\n\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.map(text).join(" | ")} |`;
  return [row(head), `|${head.map(() => "---|").join("")}`, ...rows.map(row)].join("\n");
}

/** Names come from drivers and file systems: none of them is markup. */
function text(value: string): string {
  return value.replace(/[\\`*_{}[\]<>()#+!|~]/g, "\\$&").replace(/\s+/g, " ");
}
