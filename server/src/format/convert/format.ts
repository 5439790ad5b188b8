/** What a file format of another program is to this library. */
import type { JsonValue } from "../provenance.js";
import type { Losses } from "./losses.js";
import type { Found, Piece, Source, VideoNotes } from "./records.js";

/** A record of a dataset, as JSON or as a row with its header. */
export type Raw = Readonly<Record<string, JsonValue>>;

/** The beginning of a file, looked at once for all formats. */
export interface Sample {
  readonly text: string;
  readonly shape: "json-array" | "json-object" | "json-lines" | "table" | "text";
  /** The first element, line or member's value when it is an object; for a table its first row by header. */
  readonly first: Raw | undefined;
  /** The first member's value, whatever it is, of a JSON object. */
  readonly firstValue: JsonValue | undefined;
}

/** A format that is read. */
export interface ImportFormat {
  readonly name: string;
  /** How people call it. */
  readonly title: string;
  /** The file extension of an exported file, with its dot. */
  readonly extension: string;
  /** Files that an export is made of, by what is added to their names, some with an extension of their own. */
  readonly parts: readonly string[];
  /** Each file is about one video, whose name is that of the file. */
  readonly oneVideo: boolean;
  /** Names its videos itself; `dataset:` lines tell of it in notebooks. */
  readonly isDataset: boolean;
  /** Its file is a list of rows, which other containers can hold too. */
  readonly rows?: true;
  recognises(sample: Sample): boolean;
  /**
   * Reads files of this format together. What a record lacks is counted in `losses`; FormatError
   * `bad-file` or `too-large` when a file as a whole is not of the format.
   */
  read(sources: readonly Source[], losses: Losses): AsyncIterable<Found>;
}

/** A format that is read and written. */
export interface DatasetFormat extends ImportFormat {
  /** Writes notebooks as this format. What it cannot hold is counted in `losses`. */
  write(notes: AsyncIterable<VideoNotes>, losses: Losses): AsyncIterable<Piece>;
}
