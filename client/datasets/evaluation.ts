/** An evaluation as a table, or two of them side by side: figures by type, what went wrong with pictures, and what changed. */
import { dirname } from "node:path";
import * as vscode from "vscode";
import type { EvaluatedRow, EvaluationParams, EvaluationResult } from "../../server/src/protocol/datasets.js";
import { errorOf, type Server } from "../languageClient.js";
import { SheetPanel, type Section } from "../sheet/panel.js";
import type { Row } from "../sheet/table.js";
import { showQuestion } from "./reveal.js";
import { Thumbnails } from "./thumbnails.js";

export type Evaluated = EvaluationParams["runs"][number];
type Figures = EvaluationResult["runs"][number]["figures"][number];

export class EvaluationView implements vscode.Disposable {
  readonly #panel: SheetPanel;
  readonly #thumbnails: Thumbnails;
  #reading: vscode.CancellationTokenSource | undefined;
  #rows: readonly [EvaluatedRow[], EvaluatedRow[]] = [[], []];
  #found: EvaluationResult | undefined;
  #status = "";

  /** @param another asks for a run to compare with; undefined when none was chosen */
  constructor(
    extension: vscode.Uri,
    private readonly server: Pick<Server, "evaluation" | "frames" | "probe">,
    private runs: readonly Evaluated[],
    private readonly another: () => Promise<Evaluated | undefined>,
  ) {
    const folders = runs.flatMap((run) => (run.kind === "report" ? [run.folder.endsWith(".json") ? dirname(run.folder) : run.folder] : []));
    this.#thumbnails = new Thumbnails(server, folders, () => this.#draw());
    this.#panel = new SheetPanel(extension, "vqa.evaluation", vscode.l10n.t("Evaluation"), {
      onPress: (button) => void this.#press(button),
      onRow: (table, row) => void this.#open(table, Number(row)),
      onShown: (table, rows) => {
        if (table === "rows") this.#thumbnails.want(rows.flatMap(({ id }) => this.#rows[0][Number(id)] ?? []).filter(({ result }) => result === "wrong"));
      },
    });
    this.#panel.onDidDispose(() => this.dispose());
    void this.#read();
  }

  dispose(): void {
    this.#reading?.cancel();
    this.#thumbnails.dispose();
    this.#panel.dispose();
  }

  async #press(button: string): Promise<void> {
    if (button === "stop") return this.#reading?.cancel();
    if (button === "compare") {
      const other = await this.another();
      if (other === undefined) return;
      this.runs = [...this.runs.slice(0, 1), other];
    } else if (button === "alone") this.runs = this.runs.slice(0, 1);
    await this.#read();
  }

  async #open(table: string, row: number): Promise<void> {
    const shown = table === "changed" ? this.#found?.comparison?.changed[row]?.first : this.#rows[0][row];
    if (shown?.notebook !== undefined) await showQuestion(vscode.Uri.parse(shown.notebook), shown.number ?? 0);
  }

  async #read(): Promise<void> {
    this.#reading?.cancel();
    const reading = (this.#reading = new vscode.CancellationTokenSource());
    const rows: [EvaluatedRow[], EvaluatedRow[]] = [[], []];
    this.#status = vscode.l10n.t("Reading …");
    this.#draw();
    try {
      const found = await this.server.evaluation({ runs: this.runs }, (partial) => rows[partial.run as 0 | 1].push(...partial.rows), reading.token);
      if (this.#reading !== reading) return;
      [this.#found, this.#rows] = [found, rows];
      this.#status = found.runs.flatMap(({ notes, more }) => [...notes, ...(more > 0 ? [vscode.l10n.t("{0} further questions are counted, but not listed.", more)] : [])]).join(" ");
    } catch (thrown) {
      if (this.#reading !== reading) return;
      const { code, message, next } = errorOf(thrown);
      this.#status = code === "cancelled" ? vscode.l10n.t("Stopped.") : `${message} ${next}`.trim();
    }
    this.#reading = undefined;
    this.#draw();
  }

  #draw(): void {
    const busy = this.#reading !== undefined;
    const buttons = busy
      ? [{ id: "stop", label: vscode.l10n.t("Stop") }]
      : [
          { id: "compare", label: vscode.l10n.t("Compare…"), primary: true },
          ...(this.runs.length > 1 ? [{ id: "alone", label: vscode.l10n.t("Without the Comparison") }] : []),
          { id: "again", label: vscode.l10n.t("Read Again") },
        ];
    this.#panel.show({ status: this.#status, busy, buttons, sections: this.#found === undefined ? [] : this.#sections(this.#found) });
  }

  #sections({ runs, comparison }: EvaluationResult): Section[] {
    const rows = this.#rows[0];
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
          const picture = this.#thumbnails.of(row);
          return {
            id: String(i),
            cells: [row.question, row.video, row.type, words[row.result], row.said, row.gold, ...(scored ? [row.score === undefined ? "" : String(row.score)] : []), ...(grounded ? [row.iou === undefined ? "" : row.iou.toFixed(2)] : [])],
            ...(picture === undefined ? {} : { picture }),
          };
        }),
        opens: rows.some(({ notebook }) => notebook !== undefined),
        first: anyWrong ? { filters: { result: words.wrong } } : {},
      },
    ];
  }
}

function figuresTable(id: string, figures: readonly Figures[]): Section {
  const has = (key: "score" | "iou" | "rougeL" | "cider"): boolean => figures.some((each) => each[key] !== undefined);
  const percent = ({ value, low, high }: { readonly value: number; readonly low: number; readonly high: number }): string => `${(value * 100).toFixed(1)} % (${(low * 100).toFixed(1)} – ${(high * 100).toFixed(1)})`;
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
        accuracy === undefined ? "" : percent(accuracy),
        ...(has("score") ? [score === undefined ? "" : score.value.toFixed(2)] : []),
        ...(has("iou") ? [iou === undefined ? "" : percent(iou)] : []),
        ...(has("rougeL") ? [rougeL === undefined ? "" : percent(rougeL)] : []),
        ...(has("cider") ? [cider === undefined ? "" : cider.value.toFixed(3)] : []),
      ],
    })),
    opens: false,
  };
}

function comparisonSections({ onlyFirst, onlySecond, figures, changed }: NonNullable<EvaluationResult["comparison"]>, names: readonly string[]): Section[] {
  const points = (value: number): string => `${value >= 0 ? "+" : "−"}${Math.abs(value * 100).toFixed(1)}`;
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
        cells: [i === 0 ? vscode.l10n.t("All") : type, String(n), `${(first * 100).toFixed(1)} %`, `${(second * 100).toFixed(1)} %`, `${points(value)} (${points(low)} – ${points(high)})`, p < 0.001 ? "< 0.001" : p.toFixed(3)],
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
