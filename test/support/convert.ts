/** Conversions in memory: texts in, records out, and back. */
import { Losses, parse, printHeader, printRun, readRecords, RecordPrinter, type ConvertRecord, type DatasetFormat, type Found, type ImportFormat, type Pairs, type Source, type VideoNotes } from "../../server/src/format/index.js";

export function source(name: string, text: string, chunk = 7): Source {
  return {
    name,
    async *chunks() {
      for (let i = 0; i < text.length; i += chunk) yield text.slice(i, i + chunk);
    },
  };
}

export async function readAll(format: ImportFormat, sources: readonly Source[], losses = new Losses()): Promise<Found[]> {
  const found: Found[] = [];
  for await (const each of format.read(sources, losses)) found.push(each);
  return found;
}

export async function writeAll(format: DatasetFormat, notes: readonly VideoNotes[], losses = new Losses()): Promise<Record<string, string>> {
  const each = async function* (): AsyncGenerator<VideoNotes> {
    yield* notes;
  };
  const files: Record<string, string> = Object.fromEntries(format.parts.map((part) => [part, ""]));
  for await (const { part, text } of format.write(each(), losses)) files[part] += text;
  return files;
}

/** Through all that lies between two notebooks: written as the format, and read again. */
export async function through(format: DatasetFormat, notes: readonly VideoNotes[], losses = new Losses(), chunk = 7): Promise<Found[]> {
  const files = await writeAll(format, notes, losses);
  return readAll(format, Object.entries(files).map(([part, text]) => source(`file${part}`, text, chunk)), losses);
}

/** The records as a notebook's text. */
export function printAll(records: readonly ConvertRecord[], losses = new Losses()): string {
  const printer = new RecordPrinter(losses);
  const runs = new Map<string, Pairs>();
  let header = "VQA 1\n\n";
  const blocks: string[] = [];
  for (const record of records) {
    if (record.kind === "header") header = printHeader(record.entries, "records", losses);
    else {
      const printed = printer.print(record, "records");
      if (printed.text !== "") blocks.push(printed.text);
      for (const [id, run] of printed.runs) runs.set(id, run);
    }
  }
  return header + [...blocks, ...[...runs].map(([id, run]) => printRun(id, run))].join("\n");
}

export function readText(text: string, losses = new Losses()): VideoNotes {
  return readRecords(parse(text), "notes.vqa", "notes", losses);
}
