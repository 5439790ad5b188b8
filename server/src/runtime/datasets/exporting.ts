/** Notebooks as the files of other programs: into files, elsewhere, or only counted and shown. */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import { parse, rawRecords, readRecords, stemOf, type DatasetFormat, Losses, type Piece, type VideoNotes } from "../../format/index.js";
import { exists, fileError, FileWriter, place, refuseOverwrite, textFile } from "./files.js";
import { readNotebookFile } from "./notebookFiles.js";
import { PARQUET, writeParquet } from "./parquet.js";

export interface NotebookInput {
  /** For messages. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** What it says, where that is not what is in the file. */
  readonly text?: string | undefined;
}

/** Notebooks that are written together, and the files that they are written to, by part. */
export interface ExportTarget {
  readonly notebooks: readonly NotebookInput[];
  readonly paths: ReadonlyMap<string, string>;
}

export interface ExportHooks {
  /** Told of every record, by its kind. */
  readonly onRecord?: (kind: string) => void;
  readonly onNotebook?: () => void;
}

/** Error: `invalid-request` where files are in the way, or the format cannot be written like that; nothing is written then. */
export async function exportTo(targets: readonly ExportTarget[], format: DatasetFormat, force: boolean, losses: Losses, hooks: ExportHooks, signal: AbortSignal): Promise<readonly string[]> {
  const paths = targets.flatMap((target) => [...target.paths.values()]);
  await refusePresent(paths, force);
  const parquet = paths.some((path) => PARQUET.test(path));
  if (parquet && (format.rows !== true || paths.length > 1)) throw new VqaError("invalid-request", `${format.title} is no list of rows: it cannot be written as Parquet.`, "Choose another name, or another format.");
  for (const target of targets) {
    if (parquet) await exportParquet(format, target, force, losses, hooks, signal);
    else await exportText(format, target, force, losses, hooks, signal);
  }
  return paths;
}

/** Error: `invalid-request`, naming files that are there already. */
async function refusePresent(paths: readonly string[], force: boolean): Promise<void> {
  const present: string[] = [];
  for (const path of paths) if (!force && (await exists(path))) present.push(path);
  if (present.length > 0) throw refuseOverwrite(present);
}

/** The pieces of an exported file. One notebook is in memory at a time, so that memory does not grow with their number. */
export async function* exported(notebooks: readonly NotebookInput[], format: DatasetFormat, losses: Losses, { onRecord, onNotebook }: ExportHooks, signal: AbortSignal): AsyncGenerator<Piece> {
  const read = async function* (): AsyncGenerator<VideoNotes> {
    for (const { name, path, text } of notebooks) {
      const source = text ?? (await readNotebookFile(name, path)).source;
      throwIfAborted(signal);
      const notes = readRecords(parse(source), name, stemOf(basename(name)), losses);
      for (const { kind } of notes.records) onRecord?.(kind);
      onNotebook?.();
      yield notes;
    }
  };
  yield* format.write(read(), losses);
}

async function exportText(format: DatasetFormat, { notebooks, paths }: ExportTarget, force: boolean, losses: Losses, hooks: ExportHooks, signal: AbortSignal): Promise<void> {
  const writers = new Map<string, FileWriter>();
  try {
    for (const [part, path] of paths) writers.set(part, await FileWriter.create(path).catch((thrown: unknown) => Promise.reject(fileError(path, thrown))));
    for await (const { part, text } of exported(notebooks, format, losses, hooks, signal)) {
      throwIfAborted(signal);
      await writers.get(part)?.write(text);
    }
    for (const writer of writers.values()) await writer.finish(force);
  } catch (thrown) {
    for (const writer of writers.values()) await writer.discard();
    throw fileError(notebooks[0]?.name ?? "", thrown);
  }
}

/** The records as the format writes them, put into columns. */
async function exportParquet(format: DatasetFormat, { notebooks, paths }: ExportTarget, force: boolean, losses: Losses, hooks: ExportHooks, signal: AbortSignal): Promise<void> {
  const [path = ""] = paths.values();
  const plain = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    const writer = await FileWriter.create(`${plain}.rows`);
    try {
      for await (const { text } of exported(notebooks, format, losses, hooks, signal)) await writer.write(text);
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

/**
 * The files of one export by part: `val.json` gives `val_q.json` and `val_a.json`; a part that has an
 * extension of its own keeps it.
 */
export function partPaths(path: string, { parts, extension }: DatasetFormat): ReadonlyMap<string, string> {
  if (parts.length === 1) return new Map([["", path]]);
  const end = extname(path) || extension;
  let base = extname(path) === "" ? path : path.slice(0, -end.length);
  for (const part of parts) if (part !== "" && base.endsWith(part)) base = base.slice(0, -part.length);
  return new Map(parts.map((part) => [part, `${base}${part}${part.includes(".") ? "" : end}`]));
}
