/** The files of datasets that were given, with the format that was asked for. */
import { IMPORT_FORMATS, type ImportFormat } from "../format/index.js";
import { datasetGroups, type DatasetGroup } from "../runtime/datasets/sources.js";
import type { Args } from "./args.js";

/** Errors: those of files, `invalid-request` for an unknown format. */
export function datasetSources(args: Args, names: readonly string[], signal: AbortSignal): Promise<{ readonly groups: readonly DatasetGroup[]; readonly notes: string[] }> {
  return datasetGroups(names, formatOption(args, IMPORT_FORMATS), signal);
}

/** One of `formats` by its name; undefined when none was given. */
export function formatOption<F extends ImportFormat>(args: Args, formats: readonly F[]): F | undefined {
  const name = args.text("format");
  if (name === undefined || name === "auto") return undefined;
  const format = formats.find((each) => each.name === name);
  if (format === undefined) throw args.usage(`There is no format "${name}": use one of ${formats.map((each) => each.name).join(", ")}.`);
  return format;
}
