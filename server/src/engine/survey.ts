/** What many notebooks hold, question by question, in few words: for tables over whole datasets. */
import { findRun, formatChoice, isUnanswered, parse, readNotebook, runFields, type Notebook, type Question } from "../format/index.js";
import { questionType, type Grade } from "./grade.js";
import type { NotebookCheck, QuestionState } from "./notebookCheck.js";

export interface SurveyedQuestion {
  /** Number of the question in the notebook, from 0. */
  readonly question: number;
  readonly id: string;
  readonly text: string;
  readonly type: string | undefined;
  /** Of the segment that it stands below. */
  readonly label: string | undefined;
  readonly state: QuestionState;
  readonly grade: Grade | undefined;
  /** No person has answered it. */
  readonly unanswered: boolean;
  /** Who has, by name; without a name they are not among these. */
  readonly authors: readonly string[];
  /** What people say is right. */
  readonly gold: string;
  /** The last answer of a model, and the models that have answered. */
  readonly answer: string | undefined;
  readonly models: readonly string[];
}

export interface SurveyedNotebook {
  readonly video: string | undefined;
  readonly questions: readonly SurveyedQuestion[];
}

/** Longer texts tell no more in a table. */
const LENGTH = 200;

/** @param states what is known of the answers, by `checkNotebook` on the same text */
export function survey(text: string, { questions: states }: Pick<NotebookCheck, "questions">): SurveyedNotebook {
  const notebook = readNotebook(parse(text));
  const places = placesOf(notebook);
  return {
    video: notebook.header.videos[0],
    questions: notebook.questions.map((question, i): SurveyedQuestion => {
      const { heading, label } = places.get(question) ?? {};
      return {
        question: i,
        id: question.id,
        text: short(question.text),
        type: questionType(question.id, heading),
        label,
        state: states[i]?.state ?? "unanswered",
        grade: states[i]?.grade,
        unanswered: isUnanswered(question),
        authors: [...new Set(question.references.flatMap(({ author, text: words }) => (author === undefined || words === "" ? [] : [author])))],
        gold: short(goldOf(question)),
        answer: question.answers.length === 0 ? undefined : short(question.answers.at(-1)?.text.trim() ?? ""),
        models: [...new Set(question.answers.map(({ run8 }) => modelOf(notebook, run8)))],
      };
    }),
  };
}

function goldOf({ choices, gold, references }: Question): string {
  const marked = gold.map((i) => formatChoice(i, choices[i]?.text ?? ""));
  return (marked.length > 0 ? marked : [...new Set(references.map(({ text }) => text).filter((text) => text !== ""))]).join(" | ");
}

function modelOf(notebook: Notebook, run8: string): string {
  const run = findRun(notebook, run8);
  return (run === undefined ? undefined : runFields(run).find(([key]) => key === "model")?.[1]) ?? run8;
}

/** A heading ends the segment before it. */
function placesOf({ document, questions }: Notebook): ReadonlyMap<Question, { readonly heading: string | undefined; readonly label: string | undefined }> {
  const byBlock = new Map(questions.map((question) => [question.block, question]));
  const places = new Map<Question, { heading: string | undefined; label: string | undefined }>();
  let heading: string | undefined;
  let label: string | undefined;
  for (const block of document.blocks) {
    if (block.kind === "heading") [heading, label] = [short(block.text), undefined];
    else if (block.kind === "segment") label = short(block.lines.map(({ text }) => text).join(" ").trim()) || undefined;
    else if (block.kind === "question") {
      const question = byBlock.get(block);
      if (question !== undefined) places.set(question, { heading, label });
    }
  }
  return places;
}

function short(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= LENGTH ? line : `${line.slice(0, LENGTH - 1)}\u2026`;
}
