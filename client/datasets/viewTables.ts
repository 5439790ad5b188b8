/** A surveyed dataset as facts and tables. */
import * as vscode from "vscode";
import type { SurveyedNotebook } from "../../server/src/protocol/datasets.js";
import type { Section } from "../sheet/panel.js";
import type { Column, Row } from "../sheet/table.js";
import { accuracy, QUESTION_COLUMNS, questionCells, sumsOf, type Words } from "./rows.js";

/** What the dataset view shows of the notebooks that are known, by their URIs. */
export function datasetSections(known: ReadonlyMap<string, SurveyedNotebook>, nameOf: (uri: vscode.Uri) => string): Section[] {
  const words: Words = {
    status: { unanswered: vscode.l10n.t("Unanswered"), answered: vscode.l10n.t("Answered"), stale: vscode.l10n.t("Stale"), accepted: vscode.l10n.t("Accepted") },
    right: vscode.l10n.t("Right"),
    wrong: vscode.l10n.t("Wrong"),
  };
  const all = [...known].map(([key, notebook]) => ({ key, name: nameOf(vscode.Uri.parse(key)), notebook, sums: sumsOf(notebook.questions) }));
  const whole = sumsOf([...known.values()].flatMap(({ questions }) => questions));
  const number = (value: number): string => value.toLocaleString(vscode.env.language);
  const files: Row[] = all.map(({ key, name, notebook, sums }) => ({
    id: ` ${key}`,
    cells: [name, notebook.video ?? "", ...[sums.questions, sums.unanswered, sums.answered, sums.stale, sums.accepted, sums.graded].map(String), accuracy(sums, vscode.env.language), notebook.problem ?? ""],
  }));
  const questions: Row[] = all.flatMap(({ key, name, notebook }) => notebook.questions.map((question): Row => ({ id: `${question.question} ${key}`, cells: questionCells(name, notebook, question, words) })));
  const filtered = new Set<string>(["file", "video", "type", "label", "status", "grade", "author", "model"]);
  const labels: Readonly<Record<(typeof QUESTION_COLUMNS)[number], string>> = {
    question: vscode.l10n.t("Question"),
    file: vscode.l10n.t("File"),
    video: vscode.l10n.t("Video"),
    type: vscode.l10n.t("Type"),
    label: vscode.l10n.t("Label"),
    status: vscode.l10n.t("Status"),
    grade: vscode.l10n.t("Right or wrong"),
    answer: vscode.l10n.t("Answer"),
    gold: vscode.l10n.t("Known answer"),
    author: vscode.l10n.t("Author"),
    model: vscode.l10n.t("Model"),
  };
  return [
    {
      kind: "facts",
      heading: "",
      facts: [
        { label: vscode.l10n.t("Notebooks"), value: number(all.length) },
        { label: vscode.l10n.t("Questions"), value: number(whole.questions) },
        { label: words.status.unanswered, value: number(whole.unanswered) },
        { label: words.status.answered, value: number(whole.answered) },
        { label: words.status.accepted, value: number(whole.accepted) },
        { label: words.status.stale, value: number(whole.stale) },
        { label: vscode.l10n.t("Right"), value: whole.graded === 0 ? "–" : vscode.l10n.t("{0} of {1}, {2}", number(whole.right), number(whole.graded), accuracy(whole, vscode.env.language)) },
      ],
    },
    {
      kind: "table",
      id: "questions",
      heading: vscode.l10n.t("Questions"),
      columns: QUESTION_COLUMNS.map((id): Column => ({ id, label: labels[id], filter: filtered.has(id), many: id === "author" || id === "model" })),
      rows: questions,
      opens: true,
    },
    {
      kind: "table",
      id: "files",
      heading: vscode.l10n.t("Files"),
      columns: [
        { id: "file", label: labels.file },
        { id: "video", label: labels.video },
        { id: "questions", label: vscode.l10n.t("Questions"), numeric: true },
        { id: "unanswered", label: words.status.unanswered, numeric: true },
        { id: "answered", label: words.status.answered, numeric: true },
        { id: "stale", label: words.status.stale, numeric: true },
        { id: "accepted", label: words.status.accepted, numeric: true },
        { id: "graded", label: vscode.l10n.t("Graded"), numeric: true },
        { id: "accuracy", label: vscode.l10n.t("Accuracy"), numeric: true },
        { id: "problem", label: vscode.l10n.t("Problem") },
      ],
      rows: files,
      opens: true,
    },
  ];
}
