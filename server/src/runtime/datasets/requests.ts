/** Import and export as an editor asks for them: previews and results in the terms of the protocol. */
import { basename, join } from "node:path";
import { VqaError } from "../../engine/errors.js";
import { FORMATS, IMPORT_FORMATS, Losses, stemOf, type DatasetFormat, type ImportFormat } from "../../format/index.js";
import { MAX_LISTED, type ExportParams, type ExportResult, type ImportParams, type ImportResult } from "../../protocol/datasets.js";
import { exported, exportTo, partPaths, type ExportTarget, type NotebookInput } from "./exporting.js";
import { exists, fileError } from "./files.js";
import { importDataset } from "./importing.js";

/** Notebooks that a preview of an import shows, and characters of a text. */
const SAMPLES = 3;
const SAMPLE_LENGTH = 8000;

export async function importFor({ files, format, videos, out, preview, replace }: Omit<ImportParams, "partialResultToken">, onRecords: (records: number) => void, signal: AbortSignal): Promise<ImportResult> {
  const wanted = format === undefined ? undefined : named(IMPORT_FORMATS, format);
  const options = { files, format: wanted, videos, out, force: replace, preview: preview ? { notebooks: SAMPLES } : undefined };
  const done = await importDataset(options, onRecords, signal);
  // Afterwards everything is there.
  const there = preview ? await presentOf(done.notebooks.map(({ path }) => path)) : new Set();
  return {
    formats: done.formats,
    total: done.notebooks.length,
    existing: there.size,
    notebooks: done.notebooks.slice(0, MAX_LISTED).map(({ path, video }) => ({ file: { path, exists: there.has(path) }, video })),
    counts: done.counts,
    notes: done.notes,
    leftOut: leftOut(done.losses),
    samples: done.samples.map(({ video, text }) => ({ name: video, text: cut(text) })),
  };
}

export async function exportFor({ notebooks, format: name, out, preview, replace }: Omit<ExportParams, "partialResultToken" | "notebooks"> & { readonly notebooks: readonly NotebookInput[] }, onNotebooks: (notebooks: number) => void, signal: AbortSignal): Promise<ExportResult> {
  const format = named(FORMATS, name);
  const targets = targetsOf(notebooks, format, out);
  const paths = targets.flatMap((target) => [...target.paths.values()]);
  if (new Set(paths).size < paths.length) throw new VqaError("invalid-request", "Two of the notebooks have the same name, and would be written to the same file.", "Export them one at a time.");
  const present = preview ? await presentOf(paths) : new Set();
  const losses = new Losses();
  const counts: Record<string, number> = {};
  let done = 0;
  const hooks = { onRecord: (kind: string) => void (counts[kind] = (counts[kind] ?? 0) + 1), onNotebook: () => onNotebooks(++done) };
  const samples = preview ? await sample(targets, format, losses, hooks, signal) : [];
  if (!preview) await exportTo(targets, format, replace, losses, hooks, signal);
  return { total: paths.length, existing: present.size, files: paths.slice(0, MAX_LISTED).map((path) => ({ path, exists: present.has(path) })), counts, leftOut: leftOut(losses), samples };
}

/** Makes everything, so that losses are all counted, and keeps the beginnings of the first files. */
async function sample(targets: readonly ExportTarget[], format: DatasetFormat, losses: Losses, hooks: Parameters<typeof exported>[3], signal: AbortSignal): Promise<ExportResult["samples"]> {
  const samples: { name: string; text: string }[] = [];
  for (const { notebooks, paths } of targets) {
    const texts = new Map<string, string>();
    try {
      for await (const { part, text } of exported(notebooks, format, losses, hooks, signal)) {
        const before = texts.get(part) ?? "";
        if (samples.length < SAMPLES && before.length <= SAMPLE_LENGTH) texts.set(part, before + text);
      }
    } catch (thrown) {
      throw fileError(notebooks[0]?.name ?? "", thrown);
    }
    if (samples.length < SAMPLES) for (const [part, path] of paths) samples.push({ name: basename(path), text: cut(texts.get(part) ?? "") });
  }
  return samples;
}

/** A format that is about one video gives a file for each notebook. */
function targetsOf(notebooks: readonly NotebookInput[], format: DatasetFormat, out: string): readonly ExportTarget[] {
  if (!format.oneVideo) return [{ notebooks, paths: partPaths(out, format) }];
  return notebooks.map((notebook) => ({ notebooks: [notebook], paths: new Map([["", join(out, `${stemOf(basename(notebook.path))}${format.extension}`)]]) }));
}

async function presentOf(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const present = new Set<string>();
  for (const path of paths) if (await exists(path)) present.add(path);
  return present;
}

function named<F extends ImportFormat>(formats: readonly F[], name: string): F {
  const format = formats.find((each) => each.name === name);
  if (format === undefined) throw new VqaError("invalid-request", `There is no format "${name}".`, `Use one of ${formats.map((each) => each.name).join(", ")}.`);
  return format;
}

function leftOut(losses: Losses): ImportResult["leftOut"] {
  return losses.list().map(({ what, count, examples }) => ({ what, count, examples }));
}

function cut(text: string): string {
  return text.length <= SAMPLE_LENGTH ? text : `${text.slice(0, SAMPLE_LENGTH)}\n…`;
}
