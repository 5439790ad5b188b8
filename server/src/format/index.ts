/** The only door of the format library: everything else imports from here. */
export { adjudicate, answerAs, isAuthor, isUnanswered, removeAnswer } from "./annotate.js";
export { decodeUtf8, encodeUtf8 } from "./bytes.js";
export { fromCells, printCells, type PrintedCells } from "./cellPrint.js";
export {
  isCellAnswer,
  isCellOrigin,
  isCellsOrigin,
  toCells,
  type Cell,
  type CellAnswer,
  type CellLanguage,
  type CellOrigin,
  type CellPart,
  type CellRole,
  type Cells,
  type CellsOrigin,
  type Trivia,
} from "./cells.js";
export { diagnose } from "./check.js";
export { choiceLetter, choiceOf, formatChoice } from "./choices.js";
export { cueVoice, plainCueText } from "./cuetext.js";
export { applyEdits, pruneRuns, setAnswer, setAnswers, setHeader, setRun, type NewAnswer, type RunRecord, type TextEdit } from "./edits.js";
export { FormatError, type FormatErrorCode } from "./errors.js";
export { CONTEXTS, Header, formatSampling, parseSampling, SAMPLING_WORDS, type Context, type Sampling } from "./header.js";
export { MAX_PROBLEMS, parse, VERSION } from "./parse.js";
export { reparse } from "./reparse.js";
export { print } from "./print.js";
export { answerState, canonicalJson, inputId, runId, staleness, type AnswerInputs, type JsonValue, type RunLookup, type Staleness } from "./provenance.js";
export {
  findRun,
  isIntact,
  readNotebook,
  runFields,
  runLookup,
  type MachineAnswer,
  type Notebook,
  type NotebookCue,
  type Question,
  type Reference,
} from "./questions.js";
export type { EffectiveScope } from "./scope.js";
export { formatScope, formatTime, parseScope, parseTime, type Span } from "./time.js";
export { PROBLEM_CODES } from "./tree.js";
export type {
  BlankBlock,
  Block,
  Choice,
  CueBlock,
  Document,
  Entry,
  Eol,
  Field,
  HeaderBlock,
  HeadingBlock,
  ModelBlock,
  NoteBlock,
  OpaqueBlock,
  Problem,
  ProblemCode,
  QuestionBlock,
  Range,
  ReferenceBlock,
  RunBlock,
  SegmentBlock,
  Word,
  WrittenScope,
} from "./tree.js";
export * from "./convert/index.js";
