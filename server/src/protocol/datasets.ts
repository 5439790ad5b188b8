/** Messages about datasets: notebooks from other programs' files, and files from notebooks. */
import type { Message } from "./messages.js";
import { array, boolean, named, object, number, oneOf, optional, record, string, text, union, whole, type TypeOf } from "./schema.js";

const token = union(string, number);

/** What could not be carried over, by its kind. */
export const LossSchema = named("Loss", object({ what: string, count: whole(0), examples: array(string) }));

const WrittenSchema = named(
  "WrittenFile",
  object({
    /** Absolute. */
    path: text,
    /** Of a preview: a file of that name is there. */
    exists: boolean,
  }),
);

export const SampleSchema = named("Sample", object({ name: string, text: string }));

/** Lists in results are cut to so many; counts beside them are not. */
export const MAX_LISTED = 1000;

/** A notebook, by its absolute path or file: URI; `text` is what it says where that is not what is in the file. */
export const NotebookInputSchema = named("NotebookInput", object({ notebook: text, text: optional(string) }));
export const MAX_NOTEBOOKS = 100_000;

export const ImportDataset = {
  method: "vqa/import",
  kind: "request",
  direction: "client to server",
  when:
    "To make notebooks of datasets or subtitles, one for each video, all of them or none. With `preview` everything is read and nothing written: the result tells what would be, " +
    "with the first notebooks. Without `replace` nothing is written where a notebook is in the way. `$/cancelRequest` stops it between two records.",
  params: object({
    /** Absolute paths or file: URIs. Those of one dataset are read together. */
    files: array(text, 10_000),
    /** Name of the format; found out from the files when absent. */
    format: optional(text),
    /** Folder of the videos, for the notebooks to name them. */
    videos: optional(text),
    /** Folder that the notebooks go to. */
    out: text,
    preview: boolean,
    replace: boolean,
    partialResultToken: optional(token),
  }),
  result: object({
    formats: array(string),
    /** How many notebooks, and of a preview how many of them are there already. */
    total: whole(0),
    existing: whole(0),
    notebooks: array(object({ file: WrittenSchema, video: string }), MAX_LISTED),
    /** Records by their kind. */
    counts: record(whole(0)),
    notes: array(string),
    leftOut: array(LossSchema),
    samples: array(SampleSchema),
  }),
  partial: object({ records: whole(0) }),
  errors: ["notebook-unreadable", "limit-exceeded"],
} as const satisfies Message;

export const ExportNotebooks = {
  method: "vqa/export",
  kind: "request",
  direction: "client to server",
  when:
    "To write notebooks as a dataset or as subtitles. With `preview` everything is made and nothing written: the result tells what would be, with the beginning of each file. " +
    "Without `replace` nothing is written where a file is in the way. `$/cancelRequest` stops it between two notebooks, and leaves nothing behind.",
  params: object({
    notebooks: array(NotebookInputSchema, MAX_NOTEBOOKS),
    /** Name of the format. */
    format: text,
    /** A file; for formats that are about one video a folder. */
    out: text,
    preview: boolean,
    replace: boolean,
    partialResultToken: optional(token),
  }),
  result: object({
    total: whole(0),
    existing: whole(0),
    files: array(WrittenSchema, MAX_LISTED),
    counts: record(whole(0)),
    leftOut: array(LossSchema),
    samples: array(SampleSchema),
  }),
  partial: object({ notebooks: whole(0) }),
  errors: ["notebook-unreadable", "limit-exceeded"],
} as const satisfies Message;

export const SurveyedQuestionSchema = named(
  "SurveyedQuestion",
  object({
    /** Number of the question in the notebook, from 0. */
    question: whole(0),
    id: string,
    /** This and the other texts are cut to a table's length. */
    text: string,
    /** From the id, as in "colour-3", or the heading above. */
    type: optional(string),
    /** Of the segment that it stands below. */
    label: optional(string),
    state: oneOf("unanswered", "unknown", "fresh", "stale", "tampered"),
    grade: optional(oneOf("exact", "soft", "wrong", "ungraded")),
    /** No person has answered it. */
    unanswered: boolean,
    /** People who have, those without a name left out. */
    authors: array(string),
    /** What people say is right; empty without. */
    gold: string,
    /** The last answer of a model. */
    answer: optional(string),
    models: array(string),
  }),
);

/** A notebook that cannot be read has a problem instead of questions. */
export const SurveyedNotebookSchema = named("SurveyedNotebook", object({ notebook: text, video: optional(string), problem: optional(string), questions: array(SurveyedQuestionSchema) }));

export const MAX_SURVEYED = 200;

export const Survey = {
  method: "vqa/survey",
  kind: "request",
  direction: "client to server",
  when:
    "To list what notebooks ask, what was answered and what is right, some notebooks at a time. With `freshness` the model of each is loaded to tell which answers are stale; " +
    "without it the state of an answer is `unknown` unless its record is damaged.",
  params: object({ notebooks: array(NotebookInputSchema, MAX_SURVEYED), freshness: boolean }),
  result: object({
    /** In the order of the request, each by the name that it was given. */
    notebooks: array(SurveyedNotebookSchema),
  }),
  errors: [],
} as const satisfies Message;

export type SurveyParams = TypeOf<typeof Survey.params>;
export type SurveyResult = TypeOf<typeof Survey.result>;
export type SurveyedNotebook = TypeOf<typeof SurveyedNotebookSchema>;
export type SurveyedQuestion = TypeOf<typeof SurveyedQuestionSchema>;
export type ImportParams = TypeOf<typeof ImportDataset.params>;
export type ImportResult = TypeOf<typeof ImportDataset.result>;
export type ImportPartial = TypeOf<typeof ImportDataset.partial>;
export type ExportParams = TypeOf<typeof ExportNotebooks.params>;
export type ExportResult = TypeOf<typeof ExportNotebooks.result>;
export type ExportPartial = TypeOf<typeof ExportNotebooks.partial>;
