/** A surveyed dataset as rows and sums. Pure. */
import { percent } from "../numbers.js";
import type { SurveyedNotebook, SurveyedQuestion } from "../../server/src/protocol/datasets.js";

/** What has become of a question: a stale answer is told first, since somebody has to look at it. */
export type Status = "unanswered" | "answered" | "stale" | "accepted";

export function statusOf({ state, unanswered, answer }: Pick<SurveyedQuestion, "state" | "unanswered" | "answer">): Status {
  if (state === "stale" || state === "tampered") return "stale";
  if (!unanswered) return "accepted";
  return answer === undefined ? "unanswered" : "answered";
}

export function isRight({ grade }: Pick<SurveyedQuestion, "grade">): boolean | undefined {
  return grade === undefined || grade === "ungraded" ? undefined : grade !== "wrong";
}

export interface Sums extends Readonly<Record<Status, number>> {
  readonly questions: number;
  readonly graded: number;
  readonly right: number;
}

export function sumsOf(questions: readonly SurveyedQuestion[]): Sums {
  const sums = { questions: questions.length, unanswered: 0, answered: 0, stale: 0, accepted: 0, graded: 0, right: 0 };
  for (const question of questions) {
    sums[statusOf(question)]++;
    const right = isRight(question);
    if (right !== undefined) sums.graded++;
    if (right === true) sums.right++;
  }
  return sums;
}

/** In percent, with one digit; empty where nothing could be graded. */
export function accuracy({ graded, right }: Pick<Sums, "graded" | "right">, language: string): string {
  return graded === 0 ? "" : percent(right / graded, language);
}

export interface Words {
  readonly status: Readonly<Record<Status, string>>;
  readonly right: string;
  readonly wrong: string;
}

/** In the order of {@link QUESTION_COLUMNS}. */
export function questionCells(file: string, { video = "" }: Pick<SurveyedNotebook, "video">, question: SurveyedQuestion, words: Words): readonly string[] {
  const right = isRight(question);
  return [
    question.text,
    file,
    video,
    question.type ?? "",
    question.label ?? "",
    words.status[statusOf(question)],
    right === undefined ? "" : right ? words.right : words.wrong,
    question.answer ?? "",
    question.gold,
    question.authors.join(", "),
    question.models.join(", "),
  ];
}

export const QUESTION_COLUMNS = ["question", "file", "video", "type", "label", "status", "grade", "answer", "gold", "author", "model"] as const;
