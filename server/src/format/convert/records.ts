/**
 * What passes between `.vqa` notebooks and the files of other programs: one record for each thing
 * that a notebook can hold, without its layout. Times are whole milliseconds of the video.
 */
import type { JsonValue } from "../provenance.js";
import type { Span } from "../time.js";

/** Values of a dataset that a notebook has no own place for; kept as `NOTE fields {…}`. */
export type Fields = Readonly<Record<string, JsonValue>>;

/** The field that keeps an id which the notebook's grammar has no place for. */
export const ID_FIELD = "vqa.id";

/** Pairs instead of an object: keys may repeat, and their order counts. */
export type Pairs = readonly (readonly [key: string, value: string])[];

export interface ChoiceRecord {
  readonly text: string;
  readonly gold: boolean;
}

/** What a person answered. */
export interface ReferenceRecord {
  readonly author: string | undefined;
  readonly text: string;
}

/** What a machine answered, with the ids of its provenance and the record of its run when that is known. */
export interface AnswerRecord {
  readonly run8: string;
  readonly in12: string;
  readonly fields: Pairs;
  readonly text: string;
  readonly run: Pairs | undefined;
}

export interface QuestionRecord {
  readonly kind: "question";
  readonly id: string | undefined;
  readonly text: string;
  /** Empty for the whole video. */
  readonly scope: readonly Span[];
  readonly choices: readonly ChoiceRecord[];
  readonly references: readonly ReferenceRecord[];
  readonly answers: readonly AnswerRecord[];
  readonly fields: Fields;
}

/** A caption or label of a part of the video. */
export interface SegmentRecord {
  readonly kind: "segment";
  /** At least one span. */
  readonly scope: readonly Span[];
  readonly text: string;
  readonly fields: Fields;
}

/** A subtitle; `text` is WebVTT markup, its lines joined by "\n". */
export interface CueRecord extends Span {
  readonly kind: "cue";
  readonly id: string | undefined;
  readonly settings: string;
  readonly text: string;
}

export interface HeadingRecord {
  readonly kind: "heading";
  readonly level: number;
  readonly text: string;
}

export interface NoteRecord {
  readonly kind: "note";
  readonly text: string;
}

/** A STYLE or REGION block of WebVTT, its keyword included. */
export interface StyleRecord {
  readonly kind: "style";
  readonly text: string;
}

/** Lines of the header, besides those that name the video and the dataset. */
export interface HeaderRecord {
  readonly kind: "header";
  readonly entries: Pairs;
}

export type ConvertRecord = QuestionRecord | SegmentRecord | CueRecord | HeadingRecord | NoteRecord | StyleRecord | HeaderRecord;

/** A record that was read, and the video that it is about: undefined when the file as a whole is about one. */
export interface Found {
  readonly video: string | undefined;
  readonly record: ConvertRecord;
}

/** A notebook to export: its records in the order of the file. */
export interface VideoNotes {
  /** The file, for messages. */
  readonly source: string;
  /** As the dataset calls the video, else the path in the header, else the file's own name. */
  readonly video: string;
  readonly records: readonly ConvertRecord[];
}

/** A piece of an exported file. `part` tells which, where a format is of several files. */
export interface Piece {
  readonly part: string;
  readonly text: string;
}

/** A file to import. `chunks` may be called once; they divide the text anywhere. */
export interface Source {
  readonly name: string;
  chunks(): AsyncIterable<string>;
}

/** A question with nothing but its text; for building others from. */
export const BARE_QUESTION: QuestionRecord = { kind: "question", id: undefined, text: "", scope: [], choices: [], references: [], answers: [], fields: {} };
