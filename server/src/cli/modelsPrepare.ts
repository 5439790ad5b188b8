/** `vqa models prepare` and `restore`: single model files, without a pack around them. */
import { mkdir, realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { prepareGguf, type Prepared } from "../runtime/llama/prepare/prepare.js";
import { restoreGguf } from "../runtime/llama/prepare/restore.js";
import type { Args } from "./args.js";
import type { Invocation } from "./common.js";
import { EXIT } from "./exit.js";
import { megabytes } from "./modelsList.js";
import { transferBar } from "./transferBar.js";
import { json, line } from "./terminal.js";

/** Positions of 45 frames of 64 tokens, and more than any model of the catalogue asks for. */
const DEFAULT_SLOTS = 3072;

export async function prepareModel({ args, terminal, signal }: Invocation, operands: readonly string[]): Promise<number> {
  const source = onlyFile(args, operands, "prepare");
  const rows = args.text("rows") ?? "auto";
  if (rows !== "auto" && rows !== "f16" && rows !== "f32") throw args.usage(`--rows is auto, f16 or f32, and not "${rows}".`);
  const slots = args.whole("slots", 1, 65_536) ?? DEFAULT_SLOTS;
  const into = await outFolder(args, source);
  const bar = transferBar(terminal.err, !args.flag("json"), "preparing");
  try {
    const prepared = await prepareGguf({ source, into, slots, rows }, (fraction) => bar.show(fraction), signal);
    bar.hide();
    if (args.flag("json")) json(terminal.out, prepared);
    else line(terminal.out, describe(prepared));
    return EXIT.ok;
  } finally {
    bar.hide();
  }
}

export async function restoreModel({ args, terminal, signal }: Invocation, operands: readonly string[]): Promise<number> {
  const prepared = onlyFile(args, operands, "restore");
  const files = await restoreGguf({ prepared, into: await outFolder(args, prepared) }, signal);
  if (args.flag("json")) json(terminal.out, { files });
  else for (const file of files) line(terminal.out, `${file.path}  ${megabytes(file.bytes)}  sha256 ${file.sha256}`);
  return EXIT.ok;
}

function onlyFile(args: Args, operands: readonly string[], action: string): string {
  const [file, ...more] = operands;
  if (file === undefined) throw args.usage(`Which file is \`vqa models ${action}\` for? Name a .gguf file.`);
  if (more.length > 0) throw args.usage(`One file at a time; there is also ${JSON.stringify(more[0])}. Of a model in several files, name the first.`);
  return resolve(file);
}

async function outFolder(args: Args, beside: string): Promise<string> {
  const given = args.text("out");
  if (given === undefined) return dirname(beside);
  await mkdir(resolve(given), { recursive: true });
  return realpath(resolve(given));
}

function describe({ files, undo, slots, exactRows, exactOutput, largestError, architecture, rowType, untied }: Prepared): string {
  const notes = [
    `${slots.count} visual slots, token ids ${slots.first} to ${slots.first + slots.count - 1} (${architecture})`,
    exactRows ? `token embeddings kept exactly, as ${rowType === 0 ? "F32" : "F16"}` : `token embeddings rounded to F16, by ${largestError.toExponential(1)} of their size at most`,
    exactOutput
      ? untied ? "output matrix written by itself, as it was" : "output matrix as it was"
      : "output matrix converted with the token embeddings, for this family has no other: its answers can differ in rounding",
    undo === undefined ? "cannot be taken back: the original's padding is not empty" : "`vqa models restore` gives the original back",
  ];
  return [...files.map((file) => `${file.path}  ${megabytes(file.bytes)}`), ...(undo === undefined ? [] : [`${undo.path}  ${megabytes(undo.bytes)}`]), ...notes].join("\n");
}
