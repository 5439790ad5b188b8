/** Datasets and subtitles as notebooks, one a video: counted and shown first where somebody wants to look, written on demand. */
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import { Losses, type ImportFormat } from "../../format/index.js";
import { fileError } from "./files.js";
import { NotebookFolder, type Sample, type WrittenNotebook } from "./notebookFolder.js";
import { datasetGroups } from "./sources.js";

export interface ImportOptions {
  /** As messages call them; absolute, or relative to the working folder. */
  readonly files: readonly string[];
  /** Found out from what they hold when undefined. */
  readonly format: ImportFormat | undefined;
  /** The folder where the videos are, for the notebooks to name them; as messages call it. */
  readonly videos: string | undefined;
  /** Absolute: the folder that the notebooks go to. */
  readonly out: string;
  /** Replaces notebooks that are there. */
  readonly force: boolean;
  /** Writes nothing: says what would be written, with the first of the notebooks. */
  readonly preview?: { readonly notebooks: number } | undefined;
}

export interface Imported {
  /** Names of the formats that were read. */
  readonly formats: readonly string[];
  /** Those that were written, or would be. */
  readonly notebooks: readonly WrittenNotebook[];
  /** Records by their kind. */
  readonly counts: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
  readonly losses: Losses;
  /** Of a preview. */
  readonly samples: readonly Sample[];
}

/**
 * Errors: those of the files; `notebook-unreadable` when there is nothing in them; `invalid-request` where
 * notebooks are in the way and `force` is not given: nothing is written then.
 * @param onRecords told from time to time how many records were read
 */
export async function importDataset({ files, format: wanted, videos, out, force, preview }: ImportOptions, onRecords: (records: number) => void, signal: AbortSignal): Promise<Imported> {
  const losses = new Losses();
  const { groups, notes } = await datasetGroups(files, wanted, signal);
  const folder = await named(videos ?? out, () => NotebookFolder.create(out, videos, losses, preview));
  try {
    const counts: Record<string, number> = {};
    let records = 0;
    for (const { format, open, base } of groups) {
      // The files of one format are read as one: which of them is at fault, the message says.
      await named(base.file, async () => {
        for await (const { video, record } of format.read(open(signal), losses)) {
          throwIfAborted(signal);
          counts[record.kind] = (counts[record.kind] ?? 0) + 1;
          if (++records % EVERY === 0) onRecords(records);
          await folder.add(video ?? base.name, record, format);
        }
      });
    }
    if (records === 0) throw new NothingToImport(files, losses);
    const missing = folder.missing();
    if (missing.length > 0) notes.push(`${missing.length} of the videos are not in ${videos}, such as ${missing.slice(0, 3).join(", ")}.`);
    const formats = [...new Set(groups.map(({ format }) => format.name))];
    if (preview !== undefined) return { formats, notebooks: folder.targets(), counts, notes, losses, samples: await folder.samples() };
    return { formats, notebooks: await named(out, () => folder.finish(force, signal)), counts, notes, losses, samples: [] };
  } finally {
    await folder.dispose();
  }
}

const EVERY = 1000;

/** With what was met instead of records. */
export class NothingToImport extends VqaError {
  constructor(
    files: readonly string[],
    readonly losses: Losses,
  ) {
    super("notebook-unreadable", `${files.join(", ")}: there is nothing in it to import.`, "Check the file and --format.");
  }
}

async function named<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw fileError(name, thrown);
  }
}
