/** An evaluation as a table, or two of them side by side: figures by type, what went wrong with pictures, and what changed. */
import { dirname } from "node:path";
import * as vscode from "vscode";
import type { EvaluatedRow, EvaluationParams, EvaluationResult } from "../../server/src/protocol/datasets.js";
import type { Server } from "../languageClient.js";
import { SheetPanel } from "../sheet/panel.js";
import { evaluationSections } from "./evaluationTables.js";
import { Latest } from "./latest.js";
import { showQuestion } from "./reveal.js";
import { Thumbnails } from "./thumbnails.js";

export type Evaluated = EvaluationParams["runs"][number];

export class EvaluationView implements vscode.Disposable {
  readonly #panel: SheetPanel;
  readonly #thumbnails: Thumbnails;
  readonly #reading = new Latest();
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
    this.#reading.stop();
    this.#thumbnails.dispose();
    this.#panel.dispose();
  }

  async #press(button: string): Promise<void> {
    if (button === "stop") return this.#reading.stop();
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
    const status = await this.#reading.run(async (token) => {
      const rows: [EvaluatedRow[], EvaluatedRow[]] = [[], []];
      this.#status = vscode.l10n.t("Reading …");
      this.#draw();
      const found = await this.server.evaluation({ runs: this.runs }, (partial) => rows[partial.run as 0 | 1].push(...partial.rows), token);
      return () => {
        [this.#found, this.#rows] = [found, rows];
        return found.runs.flatMap(({ notes, more }) => [...notes, ...(more > 0 ? [vscode.l10n.t("{0} further questions are counted, but not listed.", more)] : [])]).join(" ");
      };
    });
    if (status === undefined) return;
    this.#status = status;
    this.#draw();
  }

  #draw(): void {
    const { busy } = this.#reading;
    const buttons = busy
      ? [{ id: "stop", label: vscode.l10n.t("Stop") }]
      : [
          { id: "compare", label: vscode.l10n.t("Compare…"), primary: true },
          ...(this.runs.length > 1 ? [{ id: "alone", label: vscode.l10n.t("Without the Comparison") }] : []),
          { id: "again", label: vscode.l10n.t("Read Again") },
        ];
    this.#panel.show({ status: this.#status, busy, buttons, sections: this.#found === undefined ? [] : evaluationSections(this.#found, this.#rows[0], (row) => this.#thumbnails.of(row)) });
  }
}
