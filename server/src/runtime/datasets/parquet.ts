/**
 * Parquet files as the rows that they are: a dataset that was published so is read as the same dataset in
 * JSON lines, and any format whose records are rows can be written so. By hyparquet and hyparquet-writer.
 */
import { rm } from "node:fs/promises";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { fileWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import { throwIfAborted } from "../../engine/errors.js";
import { FormatError, type Source } from "../../format/index.js";

const ROWS_AT_ONCE = 5000;

export const PARQUET = /\.parquet$/i;

/** The rows of a file as JSON lines, some at a time. Error: `bad-file`. */
export function parquetSource(path: string, name: string, signal: AbortSignal): Source {
  return {
    name,
    async *chunks() {
      for await (const rows of rowsOf(path, name)) {
        throwIfAborted(signal);
        yield `${rows.map((row) => JSON.stringify(row, plain)).join("\n")}\n`;
      }
    },
  };
}

/** The first rows, for recognising the dataset. */
export async function parquetBeginning(path: string, name: string): Promise<string> {
  for await (const rows of rowsOf(path, name, 3)) return `${rows.map((row) => JSON.stringify(row, plain)).join("\n")}\n`;
  return "";
}

async function* rowsOf(path: string, name: string, most = Infinity): AsyncGenerator<readonly Record<string, unknown>[]> {
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const rows = Math.min(most, Number(metadata.num_rows));
    for (let rowStart = 0; rowStart < rows; rowStart += ROWS_AT_ONCE) {
      yield await parquetReadObjects({ file, metadata, rowStart, rowEnd: Math.min(rows, rowStart + ROWS_AT_ONCE) });
    }
  } catch (thrown) {
    if (thrown instanceof FormatError || (thrown as NodeJS.ErrnoException).code === "ENOENT") throw thrown;
    throw new FormatError("bad-file", `${name} cannot be read as Parquet: ${(thrown as Error).message}`, "Check the file, or fetch it again.");
  }
}

/** Whole numbers of 64 bits as numbers, and nothing for bytes, which no dataset of questions needs. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return undefined;
  return value === null ? undefined : value;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Writes records as Parquet: a column for each key, strings as they are, numbers as doubles, and all else
 * as JSON text.
 * @param records gives them all each time that it is called: first the keys are looked at, then the values
 */
export async function writeParquet(records: () => AsyncIterable<Row>, target: string, signal: AbortSignal): Promise<void> {
  const kinds = new Map<string, "STRING" | "DOUBLE" | "BOOLEAN" | "JSON">();
  for await (const record of records()) {
    throwIfAborted(signal);
    for (const [key, value] of Object.entries(record)) {
      const kind = typeof value === "string" ? "STRING" : typeof value === "number" ? "DOUBLE" : typeof value === "boolean" ? "BOOLEAN" : "JSON";
      kinds.set(key, (kinds.get(key) ?? kind) === kind ? kind : "JSON");
    }
  }
  const columns = (rows: readonly Row[]): { name: string; data: unknown[]; type: "STRING" | "DOUBLE" | "BOOLEAN" | "JSON"; nullable: true }[] =>
    [...kinds].map(([name, type]) => ({ name, type, nullable: true, data: rows.map((row) => row[name] ?? null) }));
  const writer = fileWriter(target);
  try {
    const parquet = new ParquetWriter({ writer, schema: schemaFromColumnData({ columnData: columns([]) }), createdBy: "vqa" });
    let rows: Row[] = [];
    const flush = async (): Promise<void> => {
      if (rows.length > 0) await parquet.write({ columnData: columns(rows), rowGroupSize: rows.length });
      rows = [];
    };
    for await (const record of records()) {
      throwIfAborted(signal);
      rows.push(record);
      if (rows.length >= ROWS_AT_ONCE) await flush();
    }
    await flush();
    await parquet.finish();
  } catch (thrown) {
    await rm(target, { force: true });
    throw thrown;
  }
}
