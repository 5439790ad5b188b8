/** `vqa models catalogue | pull | verify | remove | import`. */
import { readdir, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { catalogued, readCatalogue } from "../runtime/packs/catalogue.js";
import { Hub } from "../runtime/packs/download/hub.js";
import { readHead } from "../runtime/packs/head.js";
import { isPackId } from "../runtime/packs/home.js";
import { importFiles, importPack } from "../runtime/packs/importPack.js";
import { EMBEDDED_PACKS, locatePack } from "../runtime/packs/locate.js";
import { pullPack, type PullProgress } from "../runtime/packs/pull.js";
import { PackStore } from "../runtime/packs/store.js";
import { verifyFiles } from "../runtime/packs/verify.js";
import { columns } from "./args.js";
import type { Args } from "./args.js";
import type { Invocation } from "./common.js";
import { EXIT } from "./exit.js";
import { megabytes, modelsFolder } from "./modelsList.js";
import { json, line } from "./terminal.js";
import { transferBar } from "./transferBar.js";

export async function showCatalogue({ args, terminal }: Invocation, operands: readonly string[]): Promise<number> {
  if (operands.length > 0) throw args.usage(`\`catalogue\` takes no names; there is ${JSON.stringify(operands[0])}.`);
  const entries = await readCatalogue(catalogueOf(args));
  if (args.flag("json")) json(terminal.out, { models: entries });
  else line(terminal.out, columns(entries.map(({ id, summary, licences, gated }) => [id, `${summary}\n${[...new Set(licences.map(({ spdx }) => spdx))].join(", ")}${gated ? "; needs a sign-in at the hub" : ""}`] as const)));
  return EXIT.ok;
}

export async function pullModel({ args, terminal, signal }: Invocation, operands: readonly string[]): Promise<number> {
  const id = only(args, operands, "pull");
  const entry = await catalogued(id, catalogueOf(args));
  const hub = new Hub({ endpoint: args.text("mirror"), proxy: args.text("proxy"), token: await tokenOf(args) });
  const bar = transferBar(terminal.err, !args.flag("json"), "downloading");
  try {
    const store = new PackStore(modelsFolder(args));
    const pulled = await pullPack({ entry, store, hub, again: args.flag("again"), onProgress: (progress) => bar.show(overall(progress), words(progress)) }, signal);
    bar.hide();
    if (args.flag("json")) json(terminal.out, { id, ...pulled });
    else line(terminal.out, pulled.fresh ? `${id} is installed in ${pulled.folder}. Use it with --model ${id}.` : `${id} is there already, in ${pulled.folder}. Use --again to download it again.`);
    return EXIT.ok;
  } finally {
    bar.hide();
    await hub.close();
  }
}

export async function verifyModels({ args, terminal, signal }: Invocation, operands: readonly string[]): Promise<number> {
  const store = new PackStore(modelsFolder(args));
  const ids = operands.length > 0 ? operands : await installed(store);
  const results: { readonly id: string; readonly files: number; readonly bytes: number }[] = [];
  for (const id of ids) {
    const folder = (EMBEDDED_PACKS as readonly string[]).includes(id) ? locatePack(id) : store.packFolder(id);
    const { files } = await readHead(folder);
    await verifyFiles(folder, files, signal);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    results.push({ id, files: files.length, bytes });
    if (!args.flag("json")) line(terminal.out, `${id}: ${files.length} files, ${megabytes(bytes)}, as the manifest says`);
  }
  if (args.flag("json")) json(terminal.out, { verified: results });
  else if (ids.length === 0) line(terminal.out, `No models are installed in ${store.folder}.`);
  return EXIT.ok;
}

export async function removeModel({ args, terminal, signal }: Invocation, operands: readonly string[]): Promise<number> {
  const id = only(args, operands, "remove");
  await new PackStore(modelsFolder(args)).remove(id, signal);
  if (args.flag("json")) json(terminal.out, { removed: id });
  else line(terminal.out, `${id} is removed.`);
  return EXIT.ok;
}

export async function importModel({ args, terminal, signal }: Invocation, operands: readonly string[]): Promise<number> {
  const [first, second, ...more] = operands;
  if (first === undefined || more.length > 0) throw args.usage("`import` takes a pack's folder, or a model of the catalogue and the folder of its published files.");
  const store = new PackStore(modelsFolder(args));
  const bar = transferBar(terminal.err, !args.flag("json"), "preparing");
  try {
    const id = second === undefined ? await importPack(resolve(first), store, signal) : await importFiles(await catalogued(first, catalogueOf(args)), resolve(second), store, (fraction) => bar.show(fraction), signal);
    bar.hide();
    if (args.flag("json")) json(terminal.out, { id, folder: store.packFolder(id) });
    else line(terminal.out, `${id} is installed in ${store.packFolder(id)}. Use it with --model ${id}.`);
    return EXIT.ok;
  } finally {
    bar.hide();
  }
}

function catalogueOf(args: Args): string | undefined {
  const given = args.text("catalogue");
  return given === undefined ? undefined : resolve(given);
}

function only(args: Args, operands: readonly string[], action: string): string {
  const [id, ...more] = operands;
  if (id === undefined) throw args.usage(`Which model is \`vqa models ${action}\` for?`);
  if (more.length > 0) throw args.usage(`One model at a time; there is also ${JSON.stringify(more[0])}.`);
  return id;
}

/** Never on the command line itself, where every program of the machine can read it. */
async function tokenOf(args: Args): Promise<string | undefined> {
  if (!args.flag("token-stdin")) return process.env["HF_TOKEN"];
  let text = "";
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) text += chunk.toString();
  return text.trim();
}

async function installed({ folder }: PackStore): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter(isPackId).sort();
  const folders = await Promise.all(names.map(async (name) => (await stat(resolve(folder, name))).isDirectory()));
  return names.filter((_, i) => folders[i] === true);
}

/** Downloading is most of the work; preparing reads the language model once more. */
function overall({ stage, fraction = 0 }: PullProgress): number {
  return stage === "download" ? fraction * 0.9 : stage === "prepare" ? 0.9 + fraction * 0.1 : 0;
}

function words({ stage, bytes, total }: PullProgress): string {
  if (stage === "wait") return "waiting for another process";
  if (stage === "look") return "asking the hub";
  if (stage === "prepare") return "preparing";
  return total === undefined ? "downloading" : `${megabytes(bytes ?? 0)} of ${megabytes(total)}`;
}
