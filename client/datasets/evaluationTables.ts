/** An evaluation, or two side by side, as facts and tables. */
import * as vscode from "vscode";
import type { EvaluatedRow, EvaluationResult } from "../../server/src/protocol/datasets.js";
import * as numbers from "../numbers.js";
import type { Section } from "../sheet/panel.js";
import type { Row } from "../sheet/table.js";

const fixed = (value: number, digits: number): string => numbers.fixed(value, digits, vscode.env.language);
const percent = (share: number): string => numbers.percent(share, vscode.env.language);

type Figures = EvaluationResult["runs"][number]["figures"][number];

/**
 * All that an evaluation shows.
 * @param rows the questions of the first run
 * @param pictureOf undefined where there is none, or not yet
 */
export function evaluationSections({ runs, comparison }: EvaluationResult, rows: readonly EvaluatedRow[], pictureOf: (row: EvaluatedRow) => Row["picture"]): Section[] {
  const words = { right: vscode.l10n.t("Right"), wrong: vscode.l10n.t("Wrong"), ungraded: vscode.l10n.t("Without a known answer"), failed: vscode.l10n.t("Failed") } as const;
  const scored = rows.some(({ score }) => score !== undefined);
  const grounded = rows.some(({ iou }) => iou !== undefined);
  const anyWrong = rows.some(({ result }) => result === "wrong");
  return [
    ...runs.flatMap((run, i): Section[] => [
      {
        kind: "facts",
        heading: runs.length > 1 ? `${i + 1}: ${run.name}` : run.name,
        facts: [
          ...(run.models.length === 0 ? [] : [{ label: vscode.l10n.t("Model"), value: run.models.join(", ") }]),
          ...(run.date === undefined ? [] : [{ label: vscode.l10n.t("Date"), value: run.date.slice(0, 16).replace("T", " ") }]),
          ...(run.judge === undefined ? [] : [{ label: vscode.l10n.t("Judge"), value: run.judge }]),
        ],
      },
      figuresTable(`figures${i}`, run.figures),
    ]),
    ...(comparison === undefined ? [] : comparisonSections(comparison, runs.map(({ name }) => name))),
    {
      kind: "table",
      id: "rows",
      heading: vscode.l10n.t("Questions"),
      columns: [
        { id: "question", label: vscode.l10n.t("Question") },
        { id: "video", label: vscode.l10n.t("Video"), filter: true },
        { id: "type", label: vscode.l10n.t("Type"), filter: true },
        { id: "result", label: vscode.l10n.t("Result"), filter: true },
        { id: "said", label: vscode.l10n.t("Answer") },
        { id: "gold", label: vscode.l10n.t("Known answer") },
        ...(scored ? [{ id: "score", label: vscode.l10n.t("Judge"), numeric: true, filter: true }] : []),
        ...(grounded ? [{ id: "iou", label: "IoU", numeric: true }] : []),
      ],
      rows: rows.map((row, i): Row => {
        const picture = pictureOf(row);
        return {
          id: String(i),
          cells: [row.question, row.video, row.type, words[row.result], row.said, row.gold, ...(scored ? [row.score === undefined ? "" : row.score.toLocaleString(vscode.env.language)] : []), ...(grounded ? [row.iou === undefined ? "" : fixed(row.iou, 2)] : [])],
          ...(picture === undefined ? {} : { picture }),
        };
      }),
      opens: rows.some(({ notebook }) => notebook !== undefined),
      first: anyWrong ? { filters: { result: words.wrong } } : {},
    },
  ];
}

function figuresTable(id: string, figures: readonly Figures[]): Section {
  const has = (key: "score" | "iou" | "rougeL" | "cider"): boolean => figures.some((each) => each[key] !== undefined);
  const between = ({ value, low, high }: { readonly value: number; readonly low: number; readonly high: number }): string => `${percent(value)} (${fixed(low * 100, 1)} – ${fixed(high * 100, 1)})`;
  return {
    kind: "table",
    id,
    heading: "",
    columns: [
      { id: "type", label: vscode.l10n.t("Type") },
      { id: "n", label: vscode.l10n.t("Questions"), numeric: true },
      { id: "right", label: vscode.l10n.t("Right"), numeric: true },
      { id: "failed", label: vscode.l10n.t("Failed"), numeric: true },
      { id: "accuracy", label: vscode.l10n.t("Accuracy, 95 %"), numeric: true },
      ...(has("score") ? [{ id: "score", label: vscode.l10n.t("Judge, of 5"), numeric: true }] : []),
      ...(has("iou") ? [{ id: "iou", label: "mIoU", numeric: true }] : []),
      ...(has("rougeL") ? [{ id: "rougeL", label: "ROUGE-L", numeric: true }] : []),
      ...(has("cider") ? [{ id: "cider", label: "CIDEr", numeric: true }] : []),
    ],
    rows: figures.map(({ type, n, right, graded, failed, accuracy, score, iou, rougeL, cider }, i) => ({
      id: String(i),
      cells: [
        i === 0 ? vscode.l10n.t("All") : type,
        String(n),
        vscode.l10n.t("{0} of {1}", right, graded),
        String(failed),
        accuracy === undefined ? "" : between(accuracy),
        ...(has("score") ? [score === undefined ? "" : fixed(score.value, 2)] : []),
        ...(has("iou") ? [iou === undefined ? "" : between(iou)] : []),
        ...(has("rougeL") ? [rougeL === undefined ? "" : between(rougeL)] : []),
        ...(has("cider") ? [cider === undefined ? "" : fixed(cider.value, 3)] : []),
      ],
    })),
    opens: false,
  };
}

function comparisonSections({ onlyFirst, onlySecond, figures, changed }: NonNullable<EvaluationResult["comparison"]>, names: readonly string[]): Section[] {
  const points = (value: number): string => `${value >= 0 ? "+" : "−"}${fixed(Math.abs(value * 100), 1)}`;
  const [won, lost] = [vscode.l10n.t("Won"), vscode.l10n.t("Lost")];
  return [
    {
      kind: "table",
      id: "comparison",
      heading: vscode.l10n.t("Comparison"),
      columns: [
        { id: "type", label: vscode.l10n.t("Type") },
        { id: "n", label: vscode.l10n.t("Questions"), numeric: true },
        { id: "first", label: `1: ${names[0] ?? ""}`, numeric: true },
        { id: "second", label: `2: ${names[1] ?? ""}`, numeric: true },
        { id: "difference", label: vscode.l10n.t("Difference in points, 95 %"), numeric: true },
        { id: "p", label: vscode.l10n.t("McNemar’s p"), numeric: true },
      ],
      rows: figures.map(({ type, n, first, second, difference: { value, low, high }, p }, i) => ({
        id: String(i),
        cells: [i === 0 ? vscode.l10n.t("All") : type, String(n), percent(first), percent(second), `${points(value)} (${points(low)} – ${points(high)})`, p < 0.001 ? `< ${fixed(0.001, 3)}` : fixed(p, 3)],
      })),
      opens: false,
    },
    ...(onlyFirst + onlySecond === 0 ? [] : [{ kind: "text" as const, heading: "", lines: [vscode.l10n.t("{0} questions are only in the first, {1} only in the second; they are left out.", onlyFirst, onlySecond)] }]),
    {
      kind: "table",
      id: "changed",
      heading: vscode.l10n.t("Where the second differs"),
      columns: [
        { id: "question", label: vscode.l10n.t("Question") },
        { id: "video", label: vscode.l10n.t("Video"), filter: true },
        { id: "type", label: vscode.l10n.t("Type"), filter: true },
        { id: "change", label: vscode.l10n.t("Change"), filter: true },
        { id: "first", label: vscode.l10n.t("First answer") },
        { id: "second", label: vscode.l10n.t("Second answer") },
        { id: "gold", label: vscode.l10n.t("Known answer") },
      ],
      rows: changed.map(({ first, said, won: better }, i) => ({ id: String(i), cells: [first.question, first.video, first.type, better ? won : lost, first.said, said, first.gold] })),
      opens: changed.some(({ first }) => first.notebook !== undefined),
    },
  ];
}
