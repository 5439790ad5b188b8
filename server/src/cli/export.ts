import { once } from "node:events";
import { stat } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { throwIfAborted } from "../engine/errors.js";
import { FORMATS, Losses, stemOf, type DatasetFormat } from "../format/index.js";
import { exported, exportTo, partPaths, type ExportTarget, type NotebookInput } from "../runtime/datasets/exporting.js";
import { fileError } from "../runtime/datasets/files.js";
import { columns, type Args, type CommandSpec } from "./args.js";
import { JSON_OPTION, type Invocation } from "./common.js";
import { formatOption } from "./datasetSources.js";
import { EXIT } from "./exit.js";
import { reportLosses } from "./leftOut.js";
import { json, line } from "./terminal.js";

export const EXPORT: CommandSpec = {
  name: "export",
  arguments: "<notes.vqa>... [options]",
  summary: "Writes notebooks as subtitles or as a dataset.",
  options: {
    format: { value: "NAME", help: "what to write; that of the extension of --out otherwise" },
    out: { value: "FILE", help: "where to write it (default: standard output); a folder for subtitles of several notebooks" },
    force: { help: "replace files that are there already" },
    ...JSON_OPTION,
  },
  notes: `Formats:\n${columns(FORMATS.map(({ name, title }) => [name, title] as const))}\n\nA name that ends in .parquet gives Parquet instead, for formats that are lists of rows. What the format\ncannot hold is reported on standard error.`,
};

export async function exportNotebooks({ args, terminal, signal }: Invocation): Promise<number> {
  const names = args.positionals;
  if (names.length === 0) throw args.usage("Which notebook? None was given.");
  const format = formatOption(args, FORMATS) ?? byExtension(args);
  const targets = await targetsOf(args, format, names);
  const paths = targets?.flatMap((target) => [...target.paths.values()]) ?? [];
  if (new Set(paths).size < paths.length) throw args.usage("Two of the notebooks have the same name: export them one at a time.");
  const asJson = args.flag("json");
  if (asJson && targets === undefined) throw args.usage("--json reports on standard output: give the file to write with --out.");
  const losses = new Losses();
  if (targets !== undefined) await exportTo(targets, format, args.flag("force"), losses, {}, signal);
  else {
    try {
      for await (const { text } of exported(names.map(inputOf), format, losses, {}, signal)) {
        throwIfAborted(signal);
        if (!terminal.out.write(text)) await once(terminal.out, "drain");
      }
    } catch (thrown) {
      throw fileError(names[0] ?? "", thrown);
    }
  }
  if (asJson) json(terminal.out, { format: format.name, files: paths, leftOut: losses.list() });
  else {
    for (const path of paths) line(terminal.out, path);
    reportLosses(terminal.err, losses);
  }
  return EXIT.ok;
}

function inputOf(name: string): NotebookInput {
  return { name, path: resolve(name) };
}

function byExtension(args: Args): DatasetFormat {
  const out = args.text("out");
  const extension = out === undefined ? "" : extname(out).toLowerCase();
  // Of the extensions only these tell the format.
  const format = [".vtt", ".srt", ".jsonl"].includes(extension) ? FORMATS.find((each) => each.extension === extension) : undefined;
  if (format === undefined) throw args.usage(`Which format? Give --format, one of ${FORMATS.map((each) => each.name).join(", ")}.`);
  return format;
}

/** Undefined: to standard output. */
async function targetsOf(args: Args, format: DatasetFormat, names: readonly string[]): Promise<readonly ExportTarget[] | undefined> {
  const out = args.text("out");
  if (out === undefined) {
    if (format.parts.length > 1) throw args.usage(`${format.title} is of ${format.parts.length} files: say where with --out.`);
    if (format.oneVideo && names.length > 1) throw args.usage(`${format.title} is of one video: give a folder with --out.`);
    return undefined;
  }
  const isFolder = await stat(out).then((facts) => facts.isDirectory(), () => false);
  if (format.oneVideo && (isFolder || names.length > 1)) {
    if (!isFolder) throw args.usage(`${format.title} is of one video: --out must be a folder, and ${out} is none.`);
    return names.map((name) => ({ notebooks: [inputOf(name)], paths: new Map([["", join(resolve(out), `${stemOf(basename(name))}${format.extension}`)]]) }));
  }
  if (isFolder) throw args.usage(`--out is a folder: name the file in it.`);
  return [{ notebooks: names.map(inputOf), paths: partPaths(resolve(out), format) }];
}
