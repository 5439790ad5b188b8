/** Messages about questions: asked, looked at, prepared for. */
import { ASK_ERRORS, token, type Message } from "./message.js";
import { array, boolean, named, object, oneOf, optional, string, tagged, text, union, whole, type TypeOf } from "./schema.js";
import { AnswerSchema, AskRequestSchema, ErrorSchema, EvidenceSchema, IndexRequestSchema, OutlookSchema, ProgressSchema, SummarisedClipSchema } from "./values.js";

/** One piece of an answer, or how far its making is. Concatenated, the texts are the answer's text. */
export const AskPartialSchema = named(
  "AskPartial",
  tagged("kind", { text: object({ text: string }), progress: object({ progress: ProgressSchema }) }),
);

export const DocumentSchema = named(
  "Document",
  object({ uri: text, version: optional(whole(Number.MIN_SAFE_INTEGER)) }),
);

/** Which questions of a notebook: every one again, those without an up-to-date answer, or some by their number from 0. */
export const SelectionSchema = named("Selection", union(oneOf("all", "stale"), array(whole(0))));

export const ScoreSchema = named("Score", object({ right: whole(0), graded: whole(0) }));

export const QuestionResultSchema = named(
  "QuestionResult",
  object({
    /** Number of the question in the notebook, from 0. */
    question: whole(0),
    /** As written, or "#3" for the third question when it has none. */
    id: string,
    /** Given now. */
    answer: optional(AnswerSchema),
    /** The text of an answer that is up to date: the question was not asked again. */
    kept: optional(string),
    error: optional(ErrorSchema),
    /** Against the notebook's own references or marked choices; `ungraded` where it has none. */
    grade: optional(oneOf("exact", "soft", "wrong", "ungraded")),
  }),
);

export const QuestionStateSchema = named(
  "QuestionState",
  object({
    question: whole(0),
    id: string,
    /** `unknown`: answered, but nobody looked whether the answer still holds. */
    state: oneOf("unanswered", "unknown", "fresh", "stale", "tampered"),
    /** Of the answer that holds, else of the last one. */
    grade: optional(oneOf("exact", "soft", "wrong", "ungraded")),
  }),
);

export const RunPartialSchema = named(
  "RunPartial",
  tagged("kind", {
    started: object({ question: whole(0), of: whole(0) }),
    text: object({ question: whole(0), text: string }),
    progress: object({ question: whole(0), progress: ProgressSchema }),
    finished: object({ result: QuestionResultSchema }),
  }),
);

export const IndexPartialSchema = named(
  "IndexPartial",
  tagged("kind", { clip: object({ clip: SummarisedClipSchema, done: whole(0), total: whole(0) }), progress: object({ progress: ProgressSchema }) }),
);

const position = object({ line: whole(0), character: whole(0) });

export const range = object({ start: position, end: position });

export const EditSchema = named("TextEdit", object({ range, newText: string }));

export const Ask = {
  method: "vqa/ask",
  kind: "request",
  direction: "client to server",
  when: "To ask one question about one video. Answered when the answer is complete; `$/cancelRequest` stops it within a second.",
  params: object({
    /** `video` is an absolute path or a file: URI. */
    request: AskRequestSchema,
    /** A notebook whose header and cues have a say, as in `vqa/run`; `text` is what it says, the open text document's when absent. */
    under: optional(object({ textDocument: DocumentSchema, text: optional(string) })),
    /** "micro", or the folder of a model pack; that of the notebook, else the server's default, when absent. */
    model: optional(text),
    partialResultToken: optional(token),
    workDoneToken: optional(token),
  }),
  result: AnswerSchema,
  partial: AskPartialSchema,
  errors: ASK_ERRORS,
} as const satisfies Message;

export const Run = {
  method: "vqa/run",
  kind: "request",
  direction: "client to server",
  when:
    "To answer questions of an open notebook, in order. The result holds the edit that stores the answers; the server applies nothing itself. " +
    "A question that fails does not end the run: its result holds the error. `all` asks every question again, `stale` those without an up-to-date answer. " +
    "When it is stopped, it ends with what had been answered by then.",
  params: object({
    textDocument: DocumentSchema,
    /** What the notebook says, for editors that hold it in cells; the open text document when absent. */
    text: optional(string),
    questions: SelectionSchema,
    model: optional(text),
    partialResultToken: optional(token),
    workDoneToken: optional(token),
  }),
  result: object({
    /** In order; questions that a stop came before are not among them. */
    results: array(QuestionResultSchema),
    score: ScoreSchema,
    /** It was stopped; what had been answered by then is in `edits`. */
    stopped: boolean,
    /** For the version of the document that the run started from. */
    edits: array(EditSchema),
    version: whole(Number.MIN_SAFE_INTEGER),
  }),
  partial: RunPartialSchema,
  errors: ["notebook-unreadable", "notebook-changed", "worker-unavailable"],
} as const satisfies Message;

export const Check = {
  method: "vqa/check",
  kind: "request",
  direction: "client to server",
  when:
    "To learn which answers of a notebook still hold and which are right; asks no question. With `freshness` the notebook's model is loaded, " +
    "without it the state of an answer is `unknown` unless its record is damaged.",
  params: object({ textDocument: DocumentSchema, text: optional(string), freshness: boolean, model: optional(text) }),
  result: object({ questions: array(QuestionStateSchema), score: ScoreSchema }),
  errors: ["notebook-unreadable", ...ASK_ERRORS],
} as const satisfies Message;

export const Evidence = {
  method: "vqa/evidence",
  kind: "request",
  direction: "client to server",
  when:
    "To show what a stored answer saw, of which the notebook keeps a hash only: tells what the question would be answered from now. It is what the answer " +
    "saw when its id of inputs is among the fields of that answer. Loads the model; asks nothing and decodes no frame, unless it is to weigh: then the question " +
    "is answered anew, and each frame and subtitle is left out once, which takes a prefill of the prompt each. Weighing can be cancelled.",
  params: object({
    textDocument: DocumentSchema,
    text: optional(string),
    question: whole(0),
    model: optional(text),
    /** Also find out how much each part counted. */
    weigh: optional(boolean),
    /** Weigh only while the id of inputs is this one: what else is weighed would be another answer. */
    onlyFor: optional(text),
  }),
  result: object({
    /** 12 hex digits over all that the answer would depend on. */
    inputs: text,
    /** Absent for systems that choose frames by looking at them. */
    outlook: optional(OutlookSchema),
    /** What was weighed: the answer as it came this time, and its parts, the heaviest first. Absent when nothing was. */
    weighed: optional(object({ text: string, evidence: array(EvidenceSchema) })),
  }),
  errors: ["notebook-unreadable", ...ASK_ERRORS],
} as const satisfies Message;

export const Index = {
  method: "vqa/index",
  kind: "request",
  direction: "client to server",
  when:
    "To have the clips of a long video summarised ahead of questions, which the first question about it would do. What is there already is not made again; after a stop the next " +
    "request goes on. Does not wait for questions that are being answered; they get their turn between two clips.",
  params: object({
    /** The video is an absolute path or a file: URI. */
    request: IndexRequestSchema,
    model: optional(text),
    partialResultToken: optional(token),
    workDoneToken: optional(token),
  }),
  /** None for a video that is a single clip. */
  result: object({ clips: array(SummarisedClipSchema) }),
  partial: IndexPartialSchema,
  errors: ASK_ERRORS,
} as const satisfies Message;

export type AskParams = TypeOf<typeof Ask.params>;
export type AskPartial = TypeOf<typeof AskPartialSchema>;
export type RunParams = TypeOf<typeof Run.params>;
export type RunResult = TypeOf<typeof Run.result>;
export type IndexParams = TypeOf<typeof Index.params>;
export type IndexPartial = TypeOf<typeof IndexPartialSchema>;
export type IndexResult = TypeOf<typeof Index.result>;
export type QuestionState = TypeOf<typeof QuestionStateSchema>;
export type CheckParams = TypeOf<typeof Check.params>;
export type CheckResult = TypeOf<typeof Check.result>;
export type EvidenceParams = TypeOf<typeof Evidence.params>;
export type EvidenceResult = TypeOf<typeof Evidence.result>;
export type RunPartial = TypeOf<typeof RunPartialSchema>;
export type QuestionResult = TypeOf<typeof QuestionResultSchema>;
export type Selection = TypeOf<typeof SelectionSchema>;
