import { resolve } from "node:path";
import { defaultModelsFolder } from "../runtime/packs/home.js";
import { listPacks } from "../runtime/packs/installed.js";
import type { ModelInfo } from "../protocol/models.js";
import type { Args } from "./args.js";
import type { Invocation } from "./common.js";
import { EXIT } from "./exit.js";
import { json, line } from "./terminal.js";

export function modelsFolder(args: Args): string {
  const given = args.text("dir");
  return given === undefined ? defaultModelsFolder() : resolve(given);
}

export async function listModels({ args, terminal, signal }: Invocation, operands: readonly string[]): Promise<number> {
  if (operands.length > 0) throw args.usage(`\`list\` takes no names; there is ${JSON.stringify(operands[0])}.`);
  const folder = modelsFolder(args);
  const models = await listPacks({ models: folder }, signal);
  if (args.flag("json")) json(terminal.out, { folder, models });
  else line(terminal.out, table(models));
  return EXIT.ok;
}

/** `12.4 MB`: decimal, as disks are sold and hubs list their files. */
export function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}

function table(models: readonly ModelInfo[]): string {
  const rows = models.map(({ id, version, origin, composers, bytes, licence, state }) => [id, version, origin, megabytes(bytes), licence, composers.join(", "), state]);
  const all = [["model", "version", "from", "size", "licence", "systems", "state"], ...rows];
  const widths = all[0]!.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  const lines = all.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd());
  const problems = models.flatMap(({ id, problem }) => (problem === undefined ? [] : [`\n${id}: ${problem.message} ${problem.next}`]));
  return [...lines, ...problems].join("\n");
}
