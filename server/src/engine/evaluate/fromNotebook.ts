/** The answers that a notebook holds as predictions, with what people say in it. */
import { choiceOf, findRun, parse, readNotebook, runFields, type MachineAnswer, type Notebook } from "../../format/index.js";
import { questionType } from "../grade.js";
import type { Prediction } from "./prediction.js";

export interface NotebookPrediction {
  /** Number of the question, from 0. */
  readonly number: number;
  readonly prediction: Prediction;
  /** Where the part of the video begins that the question is about. */
  readonly timeMs: number | undefined;
}

/**
 * One for each question that was answered. Questions without an answer are none: nobody was asked.
 * @param model as records of runs name it; the last answer of any without it
 */
export function predictionsIn(text: string, name: string, model?: string): readonly NotebookPrediction[] {
  const notebook = readNotebook(parse(text));
  const headings = headingsOf(notebook);
  return notebook.questions.flatMap((question): NotebookPrediction[] => {
    const answer = question.answers.findLast((each) => model === undefined || modelOf(notebook, each) === model);
    if (answer === undefined) return [];
    const { id, choices, gold, references, scope } = question;
    const type = questionType(id, headings.get(question.block));
    const by = modelOf(notebook, answer);
    const choice = choices.length === 0 ? undefined : choiceOf(answer.text, choices.map((each) => each.text));
    const people = references.flatMap((reference) => (reference.text === "" ? [] : [reference.text]));
    return [
      {
        number: question.ordinal - 1,
        timeMs: scope.spans?.[0]?.startMs,
        prediction: {
          video: notebook.header.videos[0] ?? name,
          id,
          ...(type === undefined ? {} : { type }),
          question: question.text,
          ...(choices.length === 0 ? {} : { choices: choices.map((each) => each.text) }),
          ...(gold.length === 0 ? {} : { gold }),
          ...(people.length === 0 ? {} : { answers: people }),
          pred: answer.text.trim(),
          ...(choice === undefined ? {} : { choice }),
          ...(by === undefined ? {} : { model: by }),
        },
      },
    ];
  });
}

/** Every model that has answered, as records of runs name it. */
export function modelsIn(text: string): readonly string[] {
  const notebook = readNotebook(parse(text));
  return [...new Set(notebook.questions.flatMap(({ answers }) => answers.flatMap((answer) => modelOf(notebook, answer) ?? [])))];
}

function modelOf(notebook: Notebook, { run8 }: MachineAnswer): string | undefined {
  const run = findRun(notebook, run8);
  return run === undefined ? undefined : runFields(run).find(([key]) => key === "model")?.[1];
}

function headingsOf({ document }: Notebook): ReadonlyMap<unknown, string> {
  const headings = new Map<unknown, string>();
  let heading: string | undefined;
  for (const block of document.blocks) {
    if (block.kind === "heading") heading = block.text;
    else if (block.kind === "question" && heading !== undefined) headings.set(block, heading);
  }
  return headings;
}
