import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rm, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { throwIfAborted } from "../engine/errors.js";
import { FORMATS, Losses, parse, rawRecords, readRecords, stemOf, type DatasetFormat, type VideoNotes } from "../format/index.js";
import { columns, type Args, type CommandSpec } from "./args.js";
import { JSON_OPTION, type Invocation } from "./common.js";
import { PARQUET, writeParquet } from "../runtime/datasets/parquet.js";
import { exists, fileError, FileWriter, place, refuseOverwrite, textFile } from "./datasetFiles.js";
import { EXIT } from "./exit.js";
import { readNotebookFile } from "./files.js";
import { formatOption } from "./datasetSources.js";
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

interface Target {
  readonly names: readonly string[];
  /** By part; undefined for standard output. */
  readonly paths: ReadonlyMap<string, string> | undefined;
}

export async function exportNotebooks({ args, terminal, signal }: Invocation): Promise<number> {
  const names = args.positionals;
  if (names.length === 0) throw args.usage("Which notebook? None was given.");
  const format = formatOption(args, FORMATS) ?? byExtension(args);
  const targets = await targetsOf(args, format, names);
  const paths = targets.flatMap((target) => [...(target.paths?.values() ?? [])]);
  if (new Set(paths).size < paths.length) throw args.usage("Two of the notebooks have the same name: export them one at a time.");
  const asJson = args.flag("json");
  if (asJson && paths.length === 0) throw args.usage("--json reports on standard output: give the file to write with --out.");
  const force = args.flag("force");
  const present: string[] = [];
  for (const path of paths) if (!force && (await exists(path))) present.push(path);
  if (present.length > 0) throw refuseOverwrite(present);

  const parquet = paths.some((path) => PARQUET.test(path));
  if (parquet && (format.rows !== true || paths.length > 1)) throw args.usage(`${format.title} is no list of rows: it cannot be written as Parquet.`);
  const losses = new Losses();
  for (const target of parquet ? [] : targets) {
    const writers = new Map<string, FileWriter>();
    try {
      for (const [part, path] of target.paths ?? []) writers.set(part, await FileWriter.create(path).catch((thrown: unknown) => Promise.reject(fileError(path, thrown))));
      for await (const { part, text } of format.write(notebooks(target.names, losses, signal), losses)) {
        throwIfAborted(signal);
        const writer = writers.get(part);
        if (writer !== undefined) await writer.write(text);
        else if (!terminal.out.write(text)) await once(terminal.out, "drain");
      }
      for (const writer of writers.values()) await writer.finish(force);
    } catch (thrown) {
      for (const writer of writers.values()) await writer.discard();
      throw fileError(target.names[0] ?? "", thrown);
    }
  }
  if (parquet) await exportParquet(format, names, paths[0] ?? "", force, losses, signal);
  if (asJson) json(terminal.out, { format: format.name, files: paths, leftOut: losses.list() });
  else {
    for (const path of paths) line(terminal.out, path);
    reportLosses(terminal.err, losses);
  }
  return EXIT.ok;
}

/** The records as the format writes them, put into columns. */
async function exportParquet(format: DatasetFormat, names: readonly string[], path: string, force: boolean, losses: Losses, signal: AbortSignal): Promise<void> {
  const plain = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    const writer = await FileWriter.create(`${plain}.rows`);
    try {
      for await (const { text } of format.write(notebooks(names, losses, signal), losses)) await writer.write(text);
      await writer.finish(true);
    } catch (thrown) {
      await writer.discard();
      throw thrown;
    }
    const records = async function* (): AsyncGenerator<Readonly<Record<string, unknown>>> {
      for await (const [raw] of rawRecords(textFile(`${plain}.rows`, path, signal), new Losses())) yield raw;
    };
    await writeParquet(records, `${plain}.tmp`, signal);
    await place(`${plain}.tmp`, path, force);
  } catch (thrown) {
    throw fileError(path, thrown);
  } finally {
    await rm(`${plain}.rows`, { force: true });
    await rm(`${plain}.tmp`, { force: true });
  }
}

/** One at a time, so that memory does not grow with their number. */
async function* notebooks(names: readonly string[], losses: Losses, signal: AbortSignal): AsyncGenerator<VideoNotes> {
  for (const name of names) {
    const { source } = await readNotebookFile(name, resolve(name));
    throwIfAborted(signal);
    yield readRecords(parse(source), name, stemOf(basename(name)), losses);
  }
}

function byExtension(args: Args): DatasetFormat {
  const out = args.text("out");
  const extension = out === undefined ? "" : extname(out).toLowerCase();
  // Of the extensions only these tell the format.
  const format = [".vtt", ".srt", ".jsonl"].includes(extension) ? FORMATS.find((each) => each.extension === extension) : undefined;
  if (format === undefined) throw args.usage(`Which format? Give --format, one of ${FORMATS.map((each) => each.name).join(", ")}.`);
  return format;
}

async function targetsOf(args: Args, format: DatasetFormat, names: readonly string[]): Promise<readonly Target[]> {
  const out = args.text("out");
  if (out === undefined) {
    if (format.parts.length > 1) throw args.usage(`${format.title} is of ${format.parts.length} files: say where with --out.`);
    if (format.oneVideo && names.length > 1) throw args.usage(`${format.title} is of one video: give a folder with --out.`);
    return [{ names, paths: undefined }];
  }
  const isFolder = await stat(out).then((facts) => facts.isDirectory(), () => false);
  if (format.oneVideo && (isFolder || names.length > 1)) {
    if (!isFolder) throw args.usage(`${format.title} is of one video: --out must be a folder, and ${out} is none.`);
    return names.map((name) => ({ names: [name], paths: new Map([["", join(resolve(out), `${stemOf(basename(name))}${format.extension}`)]]) }));
  }
  if (isFolder) throw args.usage(`--out is a folder: name the file in it.`);
  return [{ names, paths: partPaths(resolve(out), format) }];
}

/** `val.json` gives `val_q.json` and `val_a.json`; a part that has an extension of its own keeps it. */
function partPaths(path: string, { parts, extension }: DatasetFormat): ReadonlyMap<string, string> {
  if (parts.length === 1) return new Map([["", path]]);
  const end = extname(path) || extension;
  let base = extname(path) === "" ? path : path.slice(0, -end.length);
  for (const part of parts) if (part !== "" && base.endsWith(part)) base = base.slice(0, -part.length);
  return new Map(parts.map((part) => [part, `${base}${part}${part.includes(".") ? "" : end}`]));
}
