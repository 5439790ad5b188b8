import { resolve } from "node:path";
import { throwIfAborted, VqaError } from "../engine/errors.js";
import { IMPORT_FORMATS, Losses } from "../format/index.js";
import { columns, type CommandSpec } from "./args.js";
import { JSON_OPTION, type Invocation } from "./common.js";
import { fileError } from "./datasetFiles.js";
import { datasetSources } from "./datasetSources.js";
import { EXIT } from "./exit.js";
import { reportLosses } from "./leftOut.js";
import { NotebookFolder } from "./notebookFolder.js";
import { json, line } from "./terminal.js";

export const IMPORT: CommandSpec = {
  name: "import",
  arguments: "<file>... [options]",
  summary: "Makes notebooks of datasets and subtitles, one for each video.",
  options: {
    format: { value: "NAME", help: "the format of the files; found out from what they hold otherwise" },
    videos: { value: "DIR", help: "where the videos are, for the notebooks to name them" },
    out: { value: "DIR", help: "where the notebooks go (default: here)" },
    force: { help: "replace notebooks that are there already" },
    ...JSON_OPTION,
  },
  notes: `Formats:\n${columns(IMPORT_FORMATS.map(({ name, title }) => [name, title] as const))}\n\nFiles that belong together, such as questions and their answers, are given together.\nWhat a notebook cannot hold is reported on standard error.`,
};

export async function importFiles({ args, terminal, signal }: Invocation): Promise<number> {
  const names = args.positionals;
  if (names.length === 0) throw args.usage("Which file? None was given.");
  const losses = new Losses();
  const { groups, notes } = await datasetSources(args, names, signal);
  const videos = args.text("videos");
  const out = resolve(args.text("out") ?? ".");
  const folder = await attempt(videos ?? out, () => NotebookFolder.create(out, videos === undefined ? undefined : resolve(videos), losses));
  try {
    const counts: Record<string, number> = {};
    for (const { format, open, base } of groups) {
      // The files of one format are read as one: which of them is at fault, the message says.
      await attempt(base.file, async () => {
        for await (const { video, record } of format.read(open(signal), losses)) {
          throwIfAborted(signal);
          counts[record.kind] = (counts[record.kind] ?? 0) + 1;
          await folder.add(video ?? base.name, record, format);
        }
      });
    }
    if (Object.keys(counts).length === 0) {
      reportLosses(terminal.err, losses);
      throw new VqaError("notebook-unreadable", `${names.join(", ")}: there is nothing in it to import.`, "Check the file and --format.");
    }
    const missing = folder.missing();
    if (missing.length > 0) notes.push(`${missing.length} of the videos are not in ${videos}, such as ${missing.slice(0, 3).join(", ")}.`);
    const files = await attempt(out, () => folder.finish(args.flag("force"), signal));
    if (args.flag("json")) json(terminal.out, { notebooks: files, records: counts, notes, leftOut: losses.list() });
    else {
      for (const { path } of files.slice(0, 20)) line(terminal.out, path);
      if (files.length > 20) line(terminal.out, `and ${files.length - 20} more in ${out}`);
      for (const note of notes) line(terminal.err, `vqa: ${note}`);
      reportLosses(terminal.err, losses);
      line(terminal.err, `Notebooks: ${files.length}; ${describe(counts)}.`);
    }
    return losses.has("bad-record") ? EXIT.failed : EXIT.ok;
  } finally {
    await folder.dispose();
  }
}

const NAMES: Readonly<Record<string, string>> = { question: "questions", segment: "captions", cue: "subtitles", note: "notes", heading: "headings", style: "styles", header: "headers" };

function describe(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([kind, count]) => `${NAMES[kind] ?? kind}: ${count}`).join("; ");
}

async function attempt<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw fileError(name, thrown);
  }
}
