/** Which answers of a notebook still hold, and which are right, without asking anything. */
import { answerState, choiceOf, findRun, parse, readNotebook, runFields, runLookup, type MachineAnswer, type Notebook, type Question } from "../format/index.js";
import { throwIfAborted } from "./errors.js";
import { grade, summarise, type Accuracy, type Grade, type GradeOptions } from "./grade.js";
import { inputIdOf } from "./inputs.js";
import { decodeLine } from "./notebookRecord.js";
import { requestFor, settingsOf, videoOf, type NotebookSettings } from "./notebookRequest.js";
import type { Asker } from "./notebook.js";
import { decodeOptions } from "./request.js";

/** `unknown`: the record is whole, but nobody looked what its inputs would be now. */
export type QuestionState = "unanswered" | "unknown" | "fresh" | "stale" | "tampered";

export interface CheckedQuestion {
  /** Number of the question in the notebook, from 0. */
  readonly question: number;
  readonly id: string;
  readonly state: QuestionState;
  /** Of its fresh answer, else of its last one; undefined without any. */
  readonly grade: Grade | undefined;
}

export interface NotebookCheck {
  readonly questions: readonly CheckedQuestion[];
  readonly score: Accuracy;
}

export interface CheckParts {
  /** Without it nobody says what is fresh, and no model is loaded. */
  readonly asker?: Pick<Asker, "inputs">;
  readonly resolveVideo: (written: string) => string | Promise<string>;
}

const GRADING: GradeOptions = { timeToleranceMs: 1000 };

/**
 * Looks at all questions of a `.vqa` document. Errors: with an asker `notebook-unreadable` for a header
 * that makes questions meaningless, and what `resolveVideo` and the asker refuse with.
 */
export async function checkNotebook(text: string, name: string, { asker, resolveVideo }: CheckParts, signal?: AbortSignal): Promise<NotebookCheck> {
  const notebook = readNotebook(parse(text));
  const answered = notebook.questions.some(({ answers }) => answers.length > 0);
  const asked = asker && answered ? { asker, settings: settingsOf(notebook, name), video: await resolveVideo(videoOf(notebook, name)) } : undefined;
  const questions: CheckedQuestion[] = [];
  for (const question of notebook.questions) {
    throwIfAborted(signal);
    const in12 = asked && question.answers.length > 0 ? await inputsOf(notebook, question, asked, signal) : undefined;
    const states = question.answers.map((answer) => stateOf(notebook, answer, in12, asked?.settings));
    const state = ORDER.find((wanted) => states.includes(wanted)) ?? "unanswered";
    const shown = question.answers[states.indexOf("fresh")] ?? question.answers.at(-1);
    questions.push({ question: question.ordinal - 1, id: question.id, state, grade: shown && gradeOf(question, shown) });
  }
  return { questions, score: summarise(questions.map((q) => ({ grade: q.grade ?? "ungraded" }))) };
}

/** One fresh answer is enough: the others may be of other models. */
const ORDER: readonly QuestionState[] = ["fresh", "unknown", "tampered", "stale"];

interface Asked {
  readonly asker: Pick<Asker, "inputs">;
  readonly settings: NotebookSettings;
  readonly video: string;
}

async function inputsOf(notebook: Notebook, question: Question, { asker, settings, video }: Asked, signal?: AbortSignal): Promise<string | undefined> {
  if (question.obstacle !== undefined) return undefined;
  return inputIdOf(await asker.inputs(requestFor(notebook, question, video, settings), signal));
}

function stateOf(notebook: Notebook, answer: MachineAnswer, in12: string | undefined, settings: NotebookSettings | undefined): QuestionState {
  const state = answerState(answer, in12 ?? answer.in12, runLookup(notebook));
  if (state !== "fresh") return state;
  if (in12 === undefined) return "unknown";
  const run = findRun(notebook, answer.run8);
  const decode = decodeLine(decodeOptions(settings?.decode));
  return run !== undefined && runFields(run).some(([key, value]) => key === "decode" && value === decode) ? "fresh" : "stale";
}

function gradeOf(question: Question, { text }: MachineAnswer): Grade {
  const choice = choiceOf(text, question.choices.map((c) => c.text));
  return grade({ text, ...(choice === undefined ? {} : { choice }) }, { answers: question.references.map((r) => r.text), choices: question.gold }, GRADING);
}
