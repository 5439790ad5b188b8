/** Commands of `workspace/executeCommand`: what a client without code of its own can have done. Prefixed, because editors have one name space for all servers. */
import { DocumentSchema, EditSchema, QuestionResultSchema, range, ScoreSchema, SelectionSchema } from "./asking.js";
import { ASK_ERRORS, type Command } from "./message.js";
import { array, boolean, object, optional, text, whole } from "./schema.js";
import { CueSchema, SpanSchema } from "./values.js";

export const AskCommand = {
  command: "vqa.ask",
  when:
    "From a code lens or a menu, with one argument: answers questions of an open notebook and stores the answers with `workspace/applyEdit`, " +
    "for the version that was read, so that the user can undo it. Refused when the document changed meanwhile.",
  argument: object({ textDocument: DocumentSchema, questions: SelectionSchema, model: optional(text) }),
  result: object({ results: array(QuestionResultSchema), score: ScoreSchema, stopped: boolean, applied: boolean }),
  errors: ["notebook-unreadable", "notebook-changed", "worker-unavailable"],
} as const satisfies Command;

/** Of an open notebook, cell of cues, `.srt` or `.vtt`: the cues that the range touches, all of them without one. */
const cues = { textDocument: DocumentSchema, range: optional(range) };

const edited = object({ edits: array(EditSchema), applied: boolean });

export const ShiftCues = {
  command: "vqa.shiftCues",
  when: "Adds to the times of subtitles, with `workspace/applyEdit`. Refused where one would lie before the video.",
  argument: object({ ...cues, byMs: whole(Number.MIN_SAFE_INTEGER) }),
  result: edited,
  errors: ["notebook-changed"],
} as const satisfies Command;

const point = object({ fromMs: whole(0), toMs: whole(0) });

export const ScaleCues = {
  command: "vqa.scaleCues",
  when: "Stretches the times of subtitles so that what is at `fromMs` comes to `toMs`, for both points, with `workspace/applyEdit`.",
  argument: object({ ...cues, first: point, second: point }),
  result: edited,
  errors: ["notebook-changed"],
} as const satisfies Command;

export const RenumberCues = {
  command: "vqa.renumberCues",
  when: "Counts subtitles anew, with `workspace/applyEdit`. Names of cues that are no numbers stay.",
  argument: object(cues),
  result: edited,
  errors: ["notebook-changed"],
} as const satisfies Command;

export const DescribeScenes = {
  command: "vqa.describeScenes",
  when:
    "Proposes subtitles that say what is seen, where the document has none; with `listen` also what is said. The edit comes with `workspace/applyEdit` and a change " +
    "annotation that needs confirmation; for a client without change annotations nothing is applied, and the result holds the edit. What is there stays. " +
    "A stop by way of the progress bar proposes what had been described by then.",
  argument: object({
    textDocument: DocumentSchema,
    /** Parts of the video; all of it when absent. */
    spans: optional(array(SpanSchema, 10_000)),
    /** The longest part that one cue describes. 5 seconds when absent. */
    windowMs: optional(whole(1000, 60_000)),
    /** Also writes down what is said; what is seen is then described where nothing is said, in square brackets. */
    listen: optional(boolean),
    model: optional(text),
  }),
  result: object({ cues: array(CueSchema), edits: array(EditSchema), stopped: boolean, applied: boolean }),
  errors: ["notebook-changed", ...ASK_ERRORS],
} as const satisfies Command;

export const COMMANDS = { AskCommand, ShiftCues, ScaleCues, RenumberCues, DescribeScenes } as const;
