/** Messages about datasets: notebooks from other programs' files, and files from notebooks. */
import type { Message } from "./message.js";
import { array, boolean, named, object, number, oneOf, optional, record, string, tagged, text, union, whole, words, type TypeOf } from "./schema.js";

const token = union(string, number);

/** What could not be carried over, by its kind. */
export const LossSchema = named("Loss", object({ what: words, count: whole(0), examples: array(string) }));

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
const NotebookInputSchema = named("NotebookInput", object({ notebook: text, text: optional(string) }));
const MAX_NOTEBOOKS = 100_000;

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
    notes: array(words),
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
export const SurveyedNotebookSchema = named("SurveyedNotebook", object({ notebook: text, video: optional(string), problem: optional(words), questions: array(SurveyedQuestionSchema) }));

export const MAX_SURVEYED = 200;

/** Questions that a list of votes holds at most. */
export const MAX_VOTED = 20_000;

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

const figure = optional(number);

export const Agreement = {
  method: "vqa/agreement",
  kind: "request",
  direction: "client to server",
  when:
    "To learn how far the people agree who answered questions of notebooks under a name (`A ann: …`): Cohen's kappa of each two, Fleiss' kappa where every question has equally many answers, " +
    "Krippendorff's alpha in any case, and the questions themselves.",
  params: object({ notebooks: array(NotebookInputSchema, MAX_NOTEBOOKS), partialResultToken: optional(token) }),
  result: object({
    /** Those with two answers or more, and of them those on which not all agree. */
    questions: whole(0),
    disagreements: whole(0),
    annotators: array(object({ author: text, questions: whole(0) })),
    pairs: array(object({ authors: array(text), questions: whole(0), agreement: number, kappa: figure })),
    /** Mean share of agreeing pairs. */
    agreement: figure,
    fleiss: figure,
    alpha: figure,
    /** 95 %, of alpha. */
    interval: optional(array(number, 2)),
    /** Those with the least agreement first. */
    voted: array(
      object({
        /** As the request names it. */
        notebook: text,
        question: whole(0),
        id: string,
        text: string,
        agreement: number,
        votes: array(object({ author: text, text: string })),
        /** What was settled on: the marked choice, or an answer without a name. */
        settled: optional(string),
      }),
      MAX_VOTED,
    ),
    /** Notebooks that cannot be read, and why. */
    problems: array(words),
  }),
  partial: object({ notebooks: whole(0) }),
  errors: [],
} as const satisfies Message;

/** A share or mean with its 95 % interval. */
const Figure = named("Figure", object({ value: number, low: number, high: number }));

export const EvaluatedRowSchema = named(
  "EvaluatedRow",
  object({
    video: string,
    /** Of the video, where it is known. */
    path: optional(text),
    /** A moment of the video that the question is about, where it names one. */
    timeMs: optional(number),
    /** Of a run over notebooks: the notebook as the request names it, and the number of the question in it, from 0. */
    notebook: optional(text),
    number: optional(whole(0)),
    id: string,
    type: string,
    question: string,
    gold: string,
    said: string,
    /** `failed`: there is no answer; it counts as wrong. */
    result: oneOf("right", "wrong", "ungraded", "failed"),
    /** Of a judge, 0 to 5. */
    score: optional(number),
    iou: optional(number),
  }),
);

/** A folder that `vqa eval` wrote, or the answers that notebooks hold: those of one model, or the last ones. */
const EvaluatedSchema = named("Evaluated", tagged("kind", { report: object({ folder: text }), notebooks: object({ notebooks: array(NotebookInputSchema, MAX_NOTEBOOKS), model: optional(text) }) }));

/** Rows of a run that are sent at most. */
export const MAX_ROWS = 200_000;

export const Evaluation = {
  method: "vqa/evaluation",
  kind: "request",
  direction: "client to server",
  when:
    "To look at an evaluation, or at two of them side by side: what `vqa eval` wrote, or the answers that notebooks hold against what people say in them. Nothing is asked and nothing written. " +
    "The questions of each run come as partial results.",
  params: object({ runs: array(EvaluatedSchema, 2), partialResultToken: optional(token) }),
  result: object({
    runs: array(
      object({
        name: string,
        date: optional(string),
        models: array(string),
        judge: optional(string),
        notes: array(words),
        /** Over all questions, and by their types where there are several. */
        figures: array(
          object({ type: string, n: whole(0), failed: whole(0), graded: whole(0), right: whole(0), accuracy: optional(Figure), score: optional(Figure), iou: optional(Figure), rougeL: optional(Figure), cider: optional(Figure) }),
        ),
        /** Rows beyond those that are sent. */
        more: whole(0),
      }),
    ),
    /** Of two runs, over the questions that both have. */
    comparison: optional(
      object({
        onlyFirst: whole(0),
        onlySecond: whole(0),
        figures: array(object({ type: string, n: whole(0), first: number, second: number, /** Second less first. */ difference: Figure, /** McNemar's exact test. */ p: number })),
        changed: array(object({ first: EvaluatedRowSchema, said: string, won: boolean }), MAX_VOTED),
      }),
    ),
  }),
  partial: object({ run: whole(0, 1), rows: array(EvaluatedRowSchema, 1000) }),
  errors: ["notebook-unreadable", "limit-exceeded"],
} as const satisfies Message;

export type EvaluationParams = TypeOf<typeof Evaluation.params>;
export type EvaluationPartial = TypeOf<typeof Evaluation.partial>;
export type EvaluationResult = TypeOf<typeof Evaluation.result>;
export type EvaluatedRow = TypeOf<typeof EvaluatedRowSchema>;
export type AgreementParams = TypeOf<typeof Agreement.params>;
export type AgreementPartial = TypeOf<typeof Agreement.partial>;
export type AgreementResult = TypeOf<typeof Agreement.result>;
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
