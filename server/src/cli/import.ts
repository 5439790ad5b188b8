import { resolve } from "node:path";
import { IMPORT_FORMATS } from "../format/index.js";
import { importDataset, NothingToImport } from "../runtime/datasets/importing.js";
import { columns, type CommandSpec } from "./args.js";
import { JSON_OPTION, type Invocation } from "./common.js";
import { formatOption } from "./datasetSources.js";
import { EXIT } from "./exit.js";
import { reportLosses } from "./leftOut.js";
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
  const out = resolve(args.text("out") ?? ".");
  try {
    const options = { files: names, format: formatOption(args, IMPORT_FORMATS), videos: args.text("videos"), out, force: args.flag("force") };
    const { notebooks, counts, notes, losses } = await importDataset(options, () => undefined, signal);
    if (args.flag("json")) json(terminal.out, { notebooks, records: counts, notes, leftOut: losses.list() });
    else {
      for (const { path } of notebooks.slice(0, 20)) line(terminal.out, path);
      if (notebooks.length > 20) line(terminal.out, `and ${notebooks.length - 20} more in ${out}`);
      for (const note of notes) line(terminal.err, `vqa: ${note}`);
      reportLosses(terminal.err, losses);
      line(terminal.err, `Notebooks: ${notebooks.length}; ${describe(counts)}.`);
    }
    return losses.has("bad-record") ? EXIT.failed : EXIT.ok;
  } catch (thrown) {
    if (thrown instanceof NothingToImport) reportLosses(terminal.err, thrown.losses);
    throw thrown;
  }
}

const NAMES: Readonly<Record<string, string>> = { question: "questions", segment: "captions", cue: "subtitles", note: "notes", heading: "headings", style: "styles", header: "headers" };

function describe(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([kind, count]) => `${NAMES[kind] ?? kind}: ${count}`).join("; ");
}
