import {
  answerState,
  choiceOf,
  findRun,
  FormatError,
  parse,
  readNotebook,
  runFields,
  runLookup,
  setAnswers,
  type MachineAnswer,
  type NewAnswer,
  type Notebook,
  type Question,
  type TextEdit,
} from "../format/index.js";
import type { Answer, AskRequest } from "./answer.js";
import { throwIfAborted, VqaError } from "./errors.js";
import { grade, summarise, type Accuracy, type Grade, type GradeOptions } from "./grade.js";
import { inputIdOf } from "./inputs.js";
import { decodeLine, recordOf } from "./notebookRecord.js";
import { requestFor, settingsOf, videoOf, type NotebookSettings } from "./notebookRequest.js";
import type { AskEvents } from "./pipeline.js";
import type { Progress } from "./ports.js";
import { decodeOptions } from "./request.js";

/** Who answers: a pipeline in this process, or one behind a worker. */
export interface Asker {
  ask(request: AskRequest, events: AskEvents, signal?: AbortSignal): Promise<Answer>;
  /** The fields of `answerInputs`. */
  inputs(request: AskRequest, signal?: AbortSignal): Promise<Readonly<Record<string, unknown>>>;
}

export interface NotebookRun {
  readonly text: string;
  /** Name or path of the notebook: for messages. */
  readonly name: string;
  /**
   * `all`: every question, but one whose answer is up to date is kept. `stale`: those without an
   * answer that is up to date. Numbers, from 0: just these, up to date or not.
   */
  readonly questions: "all" | "stale" | readonly number[];
  /** With `all`: asks again even what is up to date. */
  readonly force?: boolean;
  /** Settings that win over the header's. */
  readonly settings?: NotebookSettings;
  /** Default: a time may be a second off, since prompts give times in whole seconds. */
  readonly grading?: GradeOptions;
}

const GRADING: GradeOptions = { timeToleranceMs: 1000 };

export interface NotebookParts {
  readonly asker: Asker;
  /** The absolute path of a video as the header names it, relative to the notebook. May refuse with a VqaError. */
  readonly resolveVideo: (written: string) => string | Promise<string>;
  /** Now, in ISO 8601: for the RUN record. */
  readonly date: () => string;
}

export interface QuestionOutcome {
  /** Number of the question in the notebook, from 0. */
  readonly question: number;
  readonly id: string;
  /** Given now. Stored by the edits, but not when it was stopped before its end. */
  readonly answer?: Answer;
  /** Given before and up to date: it was not asked again. */
  readonly kept?: MachineAnswer;
  readonly error?: VqaError;
  /** Against the notebook's own references or marked choices; `ungraded` without any, and when it was stopped. */
  readonly grade: Grade;
}

export interface NotebookEvents {
  /** `of`: questions of this run. */
  readonly onStarted?: (question: number, of: number) => void;
  readonly onText?: (question: number, delta: string) => void;
  readonly onProgress?: (question: number, progress: Progress) => void;
  readonly onFinished?: (outcome: QuestionOutcome) => void;
}

export interface NotebookResult {
  /** In order of the document. Questions that a stop came before are not in it. */
  readonly outcomes: readonly QuestionOutcome[];
  readonly score: Accuracy;
  /** What stores the answers, for the text that was given. Nothing is written here. */
  readonly edits: readonly TextEdit[];
  /** The run was stopped; what had been answered by then is in the edits. */
  readonly stopped: boolean;
}

/**
 * Answers questions of a `.vqa` document, one after the other in its order. A question that fails
 * does not stop the others: its outcome holds the error. A stop ends the run and keeps its answers.
 *
 * Errors: `notebook-unreadable` for a version, header or selection that makes the whole run
 * meaningless, and what `resolveVideo` refuses with.
 */
export async function runNotebook(
  run: NotebookRun,
  parts: NotebookParts,
  events: NotebookEvents = {},
  signal?: AbortSignal,
): Promise<NotebookResult> {
  const notebook = readNotebook(parse(run.text));
  edits(notebook, [], run.name);
  const settings = settingsOf(notebook, run.name, run.settings);
  const chosen = select(notebook, run);
  const video = await parts.resolveVideo(videoOf(notebook, run.name));
  throwIfAborted(signal);

  const outcomes: QuestionOutcome[] = [];
  const records: NewAnswer[] = [];
  let stopped = false;
  for (const question of chosen) {
    const number = question.ordinal - 1;
    const about = { question: number, id: question.id };
    events.onStarted?.(number, chosen.length);
    let outcome: QuestionOutcome;
    try {
      const request = requestFor(notebook, question, video, settings);
      const kept = await upToDate(notebook, question, request, run, parts, signal);
      throwIfAborted(signal);
      if (kept) {
        outcome = { ...about, kept, grade: gradeOf(question, { text: kept.text }, run) };
      } else {
        const listen: AskEvents = {
          onText: (delta) => events.onText?.(number, delta),
          onProgress: (progress) => events.onProgress?.(number, progress),
        };
        const answer = await parts.asker.ask(request, listen, signal);
        stopped = answer.stop === "stopped";
        outcome = { ...about, answer, grade: stopped ? "ungraded" : gradeOf(question, answer, run) };
        // A part of an answer cannot be had again from its inputs, so it is shown but not stored.
        if (!stopped) records.push(recordOf(question, request, answer, parts.date()));
      }
    } catch (thrown) {
      const error = VqaError.from(thrown);
      stopped = error.code === "cancelled";
      // With a gold answer it counts as wrong: accuracy must not rise by failing.
      outcome = { ...about, error, grade: stopped ? "ungraded" : gradeOf(question, { text: "" }, run) };
    }
    outcomes.push(outcome);
    events.onFinished?.(outcome);
    if (stopped) break;
  }
  return { outcomes, score: summarise(outcomes), edits: edits(notebook, records, run.name), stopped };
}

function select(notebook: Notebook, { questions, name }: NotebookRun): readonly Question[] {
  if (questions === "all" || questions === "stale") return notebook.questions;
  const missing = questions.find((number) => notebook.questions[number] === undefined);
  if (missing !== undefined) {
    throw new VqaError(
      "notebook-unreadable",
      `"${name}" has ${notebook.questions.length} questions; there is no question ${missing + 1}.`,
      "Choose one of its questions.",
    );
  }
  return notebook.questions.filter((_, number) => questions.includes(number));
}

/** The answer that need not be asked for again: of this model, from these inputs, decoded in this way. */
async function upToDate(
  notebook: Notebook,
  question: Question,
  request: AskRequest,
  { questions, force }: NotebookRun,
  { asker }: NotebookParts,
  signal?: AbortSignal,
): Promise<MachineAnswer | undefined> {
  if (force || question.answers.length === 0 || typeof questions !== "string") return undefined;
  const in12 = inputIdOf(await asker.inputs(request, signal));
  const decode = decodeLine(decodeOptions(request.decode));
  return question.answers.find((answer) => {
    const run = findRun(notebook, answer.run8);
    const decodedSo = run !== undefined && runFields(run).some(([key, value]) => key === "decode" && value === decode);
    return decodedSo && answerState(answer, in12, runLookup(notebook)) === "fresh";
  });
}

function gradeOf(question: Question, answer: { text: string; choice?: number }, { grading = GRADING }: NotebookRun): Grade {
  const choice = answer.choice ?? choiceOf(answer.text, question.choices.map((c) => c.text));
  return grade(
    { text: answer.text, ...(choice === undefined ? {} : { choice }) },
    { answers: question.references.map((reference) => reference.text), choices: question.gold },
    grading,
  );
}

function edits(notebook: Notebook, answers: readonly NewAnswer[], name: string): readonly TextEdit[] {
  try {
    return setAnswers(notebook, answers);
  } catch (thrown) {
    if (!(thrown instanceof FormatError)) throw thrown;
    throw new VqaError("notebook-unreadable", `"${name}" cannot be written: ${thrown.message}`, thrown.next, { cause: thrown });
  }
}
