/** Formats whose files are a list of like records: a JSON array, JSON lines, or a table with a header. */
import type { JsonValue } from "../provenance.js";
import type { DatasetFormat, Raw } from "./format.js";
import { jsonElements } from "./jsonStream.js";
import { csvRow, csvRows, textLines, withoutBom } from "./lineStream.js";
import type { Losses } from "./losses.js";
import type { Found, Piece, Source, VideoNotes } from "./records.js";
import { BadRecord, isRaw } from "./values.js";

export type Shape = "json-array" | "json-lines" | "csv" | "tsv";

export interface RecordFormat extends Pick<DatasetFormat, "name" | "title"> {
  readonly shape: Shape;
  readonly recognises: (first: Raw) => boolean;
  /** What one record tells. Throws BadRecord. `place` names the record in the report of losses. */
  readonly read: (raw: Raw, place: string, losses: Losses) => Iterable<Found>;
  /** The records of one notebook. */
  readonly write: (notes: VideoNotes, losses: Losses) => Iterable<Raw>;
  /** Of a table: its columns. */
  readonly columns?: readonly string[];
}

const EXTENSIONS: Readonly<Record<Shape, string>> = { "json-array": ".json", "json-lines": ".jsonl", csv: ".csv", tsv: ".tsv" };

export function recordFormat(format: RecordFormat): DatasetFormat {
  const { name, title, shape, columns = [] } = format;
  return {
    name,
    title,
    extension: EXTENSIONS[shape],
    parts: [""],
    oneVideo: false,
    isDataset: true,
    rows: true,
    // The same records are passed on as arrays, as lines and as tables.
    recognises: ({ first, shape: found }) => first !== undefined && found !== "json-object" && format.recognises(first),
    async *read(sources, losses) {
      for (const source of sources) {
        for await (const [raw, place] of rawRecords(source, losses)) yield* safely(() => format.read(raw, place, losses), place, losses);
      }
    },
    async *write(notes, losses) {
      if (shape === "json-array") yield* jsonArray(mapNotes(notes, (each) => format.write(each, losses)));
      else {
        const row = (raw: Raw): string =>
          shape === "json-lines" ? `${JSON.stringify(raw)}\n` : csvRow(columns.map((column) => cell(raw[column])), shape === "tsv" ? "\t" : ",");
        if (shape !== "json-lines") yield { part: "", text: csvRow(columns, shape === "tsv" ? "\t" : ",") };
        for await (const raw of mapNotes(notes, (each) => format.write(each, losses))) yield { part: "", text: row(raw) };
      }
    },
  };
}

/** Records of a file, whatever list it is, and how each is called in messages. */
export async function* rawRecords(source: Source, losses: Losses): AsyncGenerator<readonly [Raw, string]> {
  let n = 0;
  for await (const value of values(source, losses)) {
    const place = `${source.name}, record ${++n}`;
    if (isRaw(value)) yield [value, place];
    else if (value !== undefined) losses.add("bad-record", `${place}: it is no object`);
  }
}

/** What `read` gives; a record that cannot be read is counted and gives nothing. */
export function safely(read: () => Iterable<Found>, place: string, losses: Losses): readonly Found[] {
  try {
    return [...read()];
  } catch (thrown) {
    if (!(thrown instanceof BadRecord)) throw thrown;
    losses.add("bad-record", `${place}: ${thrown.message}`);
    return [];
  }
}

/** A JSON array with an element a line. */
async function* jsonArray(records: AsyncIterable<JsonValue>, part = ""): AsyncGenerator<Piece> {
  let first = true;
  for await (const record of records) {
    yield { part, text: `${first ? "[\n" : ",\n"}${JSON.stringify(record)}` };
    first = false;
  }
  yield { part, text: first ? "[]\n" : "\n]\n" };
}

async function* mapNotes<T>(notes: AsyncIterable<VideoNotes>, of: (notes: VideoNotes) => Iterable<T>): AsyncGenerator<T> {
  for await (const each of notes) yield* of(each);
}

/** The shape is looked for in each file anew. */
async function* values(source: Source, losses: Losses): AsyncGenerator<JsonValue | undefined> {
  const [start, chunks] = await peek(withoutBom(source.chunks()));
  if (start === "[") {
    for await (const { value } of jsonElements(chunks, source.name)) yield value;
  } else if (start === "{") {
    let n = 0;
    for await (const line of textLines(chunks, source.name)) {
      n++;
      if (line.trim() === "") continue;
      const value = parsed(line);
      if (value === undefined) losses.add("bad-record", `${source.name}:${n}: it is not JSON`);
      yield value;
    }
  } else {
    let header: readonly string[] | undefined;
    for await (const row of table(chunks, source.name)) {
      if (header === undefined) header = row;
      else yield rowRecord(header, row);
    }
  }
}

async function* table(chunks: AsyncIterable<string>, name: string): AsyncGenerator<readonly string[]> {
  const [, rest, beginning] = await peek(chunks, /\n/);
  yield* csvRows(rest, delimiterOf(beginning), name);
}

/** Of the first line: a tab, where there is one. */
export function delimiterOf(text: string): "," | "\t" {
  return (text.split("\n")[0] ?? "").includes("\t") ? "\t" : ",";
}

/** A row by its header. An empty cell is no value. */
function rowRecord(header: readonly string[], row: readonly string[]): Raw {
  return Object.fromEntries(header.flatMap((column, i) => (row[i] === undefined || row[i] === "" ? [] : [[column.trim(), row[i] as string]])));
}

/** The first character that is no blank, all chunks again, and what was read for it. */
async function peek(chunks: AsyncIterable<string>, until = /\S/): Promise<readonly [string, AsyncIterable<string>, string]> {
  const iterator = chunks[Symbol.asyncIterator]();
  let beginning = "";
  for (;;) {
    const { value, done } = await iterator.next();
    if (done !== true) beginning += value;
    if (done === true || until.test(beginning)) break;
  }
  const all = async function* (): AsyncGenerator<string> {
    yield beginning;
    for (;;) {
      const { value, done } = await iterator.next();
      if (done === true) return;
      yield value;
    }
  };
  return [/\S/.exec(beginning)?.[0] ?? "", all(), beginning];
}

function parsed(line: string): JsonValue | undefined {
  try {
    return JSON.parse(line) as JsonValue;
  } catch {
    return undefined;
  }
}

function cell(value: JsonValue | undefined): string {
  return value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
}
