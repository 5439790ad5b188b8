/** The files of datasets that were given, put together by their formats. */
import { basename, dirname, resolve } from "node:path";
import { throwIfAborted } from "../../engine/errors.js";
import { recognise, SAMPLE_LENGTH, stemOf, type ImportFormat, type Source } from "../../format/index.js";
import { PARQUET, parquetBeginning, parquetSource } from "./parquet.js";
import { beginningOf, fileError, textFile, wholeFile } from "./files.js";

/** Files that are read together: those of one dataset, or one that stands alone. */
export interface DatasetGroup {
  readonly format: ImportFormat;
  /** For one reading; may be called again. */
  readonly open: (signal: AbortSignal) => readonly Source[];
  /** The first of the files: its own name, that without its extension, and its folder. */
  readonly base: { readonly file: string; readonly name: string; readonly folder: string };
}

interface Input {
  readonly format: ImportFormat;
  readonly file: string;
  readonly open: (signal: AbortSignal) => Source;
}

/**
 * @param wanted the format of all of them; found out from what they hold without it
 * `notes` grow while files are read whose encoding had to be guessed. Errors: those of files, `invalid-request` for an unknown format.
 */
export async function datasetGroups(names: readonly string[], wanted: ImportFormat | undefined, signal: AbortSignal): Promise<{ readonly groups: readonly DatasetGroup[]; readonly notes: string[] }> {
  const notes: string[] = [];
  const inputs: Input[] = [];
  for (const file of names) {
    try {
      inputs.push(await inputOf(file, wanted, (note) => notes.push(note)));
    } catch (thrown) {
      throw fileError(file, thrown);
    }
    throwIfAborted(signal);
  }
  return { groups: together(inputs), notes };
}

async function inputOf(file: string, wanted: ImportFormat | undefined, note: (text: string) => void): Promise<Input> {
  const path = resolve(file);
  if (PARQUET.test(path)) {
    const format = wanted ?? recognise(await parquetBeginning(path, file), file);
    return { format, file, open: (signal) => parquetSource(path, file, signal) };
  }
  const beginning = await beginningOf(path, SAMPLE_LENGTH);
  const format = wanted ?? recognise(beginning, file);
  const open = (signal: AbortSignal): Source =>
    format.oneVideo ? wholeFile(path, file, (encoding) => note(`${file} is not UTF-8; it was read as ${encoding}.`)) : textFile(path, file, signal);
  return { format, file, open };
}

/** Files of one dataset are read together; a file about one video stands alone. */
function together(inputs: readonly Input[]): readonly DatasetGroup[] {
  const groups: Input[][] = [];
  for (const input of inputs) {
    const group = input.format.oneVideo ? undefined : groups.find(([first]) => first?.format === input.format);
    if (group === undefined) groups.push([input]);
    else group.push(input);
  }
  return groups.flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const base = { file: first.file, name: stemOf(basename(first.file)), folder: dirname(resolve(first.file)) };
    return [{ format: first.format, base, open: (signal: AbortSignal) => members.map((member) => member.open(signal)) }];
  });
}
