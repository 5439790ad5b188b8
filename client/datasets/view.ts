/** The dataset view: what many notebooks ask, what was answered and what is right; it follows the files while they change. */
import * as vscode from "vscode";
import { MAX_SURVEYED, type SurveyedNotebook } from "../../server/src/protocol/datasets.js";
import { errorOf, type Server } from "../languageClient.js";
import { NOTEBOOK_TYPE } from "../notebook/notebookData.js";
import { SheetPanel, shortPath, type Section } from "../sheet/panel.js";
import type { Column, Row } from "../sheet/table.js";
import { inputOf, MAX_FILES, notebookFiles } from "./files.js";
import { accuracy, QUESTION_COLUMNS, questionCells, sumsOf, type Words } from "./rows.js";
import { showQuestion } from "./reveal.js";

/** Notebooks asked for at once: the table grows while the others are read. */
const BATCH = 50;
/** With freshness a model works; each notebook is worth telling of. */
const FRESH_BATCH = 1;
/** Typing is over after this. */
const QUIET_MS = 400;
const DRAW_EVERY_MS = 1000;

export interface DatasetActions {
  ask(files: readonly vscode.Uri[]): void;
  agreement(files: readonly vscode.Uri[]): void;
  evaluate(files: readonly vscode.Uri[]): void;
}

export class DatasetView implements vscode.Disposable {
  readonly #panel: SheetPanel;
  readonly #known = new Map<string, SurveyedNotebook>();
  readonly #waiting = new Set<string>();
  readonly #disposables: vscode.Disposable[];
  #reading: vscode.CancellationTokenSource | undefined;
  #soon: NodeJS.Timeout | undefined;
  #status = "";
  #drawn = 0;

  readonly onDidDispose: vscode.Event<void>;

  /** @param given folders and notebooks; the whole workspace without any */
  constructor(extension: vscode.Uri, private readonly server: Pick<Server, "survey">, private readonly given: readonly vscode.Uri[], private readonly actions: DatasetActions) {
    this.#panel = new SheetPanel(extension, "vqa.dataset", given.length === 1 && given[0] !== undefined ? vscode.l10n.t("Dataset {0}", shortPath(given[0])) : vscode.l10n.t("Dataset"), { onPress: (button) => this.#press(button), onRow: (_, row) => void this.#open(row) });
    this.onDidDispose = this.#panel.onDidDispose;
    const watcher = vscode.workspace.createFileSystemWatcher("**/*.vqa");
    const changed = (uri: vscode.Uri): void => this.#changed(uri);
    this.#disposables = [
      watcher,
      watcher.onDidChange(changed),
      watcher.onDidCreate(changed),
      watcher.onDidDelete((uri) => {
        if (this.#known.delete(uri.toString())) this.#draw();
      }),
      // What is not saved yet counts, too.
      vscode.workspace.onDidChangeNotebookDocument(({ notebook }) => notebook.notebookType === NOTEBOOK_TYPE && changed(notebook.uri)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => document.uri.path.endsWith(".vqa") && changed(document.uri)),
    ];
    this.#panel.onDidDispose(() => this.dispose());
    void this.#readAll(false);
  }

  reveal(): void {
    this.#panel.reveal();
  }

  dispose(): void {
    clearTimeout(this.#soon);
    this.#reading?.cancel();
    vscode.Disposable.from(...this.#disposables, this.#panel).dispose();
  }

  async #readAll(freshness: boolean): Promise<void> {
    this.#reading?.cancel();
    const reading = (this.#reading = new vscode.CancellationTokenSource());
    const { token } = reading;
    try {
      const files = await notebookFiles(this.given, token);
      const now = new Set(files.map((uri) => uri.toString()));
      for (const uri of this.#known.keys()) if (!now.has(uri)) this.#known.delete(uri);
      const batch = freshness ? FRESH_BATCH : BATCH;
      for (let i = 0; i < files.length && !token.isCancellationRequested; i += batch) {
        // Of thousands of files a table is long in the making: it need not be made for each few of them.
        if (i === 0 || performance.now() - this.#drawn > DRAW_EVERY_MS) this.#draw(vscode.l10n.t("Reading: {0} of {1} notebooks", i, files.length), true);
        await this.#read(files.slice(i, i + batch), freshness, token);
      }
      if (this.#reading !== reading) return;
      this.#status = token.isCancellationRequested ? vscode.l10n.t("Stopped.") : files.length === MAX_FILES ? vscode.l10n.t("There are more notebooks than these {0}.", MAX_FILES) : "";
    } catch (thrown) {
      if (this.#reading !== reading) return;
      const { code, message, next } = errorOf(thrown);
      this.#status = code === "cancelled" ? vscode.l10n.t("Stopped.") : `${message} ${next}`.trim();
    }
    this.#reading = undefined;
    this.#draw();
  }

  async #read(files: readonly vscode.Uri[], freshness: boolean, token: vscode.CancellationToken): Promise<void> {
    const { notebooks } = await this.server.survey({ notebooks: files.map(inputOf), freshness }, token);
    for (const notebook of notebooks) this.#known.set(notebook.notebook, notebook);
  }

  /** Reads a notebook again when nothing changes for a moment. */
  #changed(uri: vscode.Uri): void {
    if (uri.scheme !== "file" || !uri.path.endsWith(".vqa") || !this.#covers(uri)) return;
    this.#waiting.add(uri.toString());
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.#readChanged(), QUIET_MS);
  }

  async #readChanged(): Promise<void> {
    const uris = [...this.#waiting].slice(0, MAX_SURVEYED);
    for (const uri of uris) this.#waiting.delete(uri);
    const source = new vscode.CancellationTokenSource();
    try {
      await this.#read(uris.map((uri) => vscode.Uri.parse(uri)), false, source.token);
    } catch {
      // The next change reads it again; until then the table says what it said.
    } finally {
      source.dispose();
    }
    this.#draw();
    if (this.#waiting.size > 0) this.#soon = setTimeout(() => void this.#readChanged(), QUIET_MS);
  }

  #covers(uri: vscode.Uri): boolean {
    return this.given.length === 0 || this.given.some((one) => uri.toString() === one.toString() || uri.path.startsWith(one.path.endsWith("/") ? one.path : `${one.path}/`));
  }

  /** Within the folder that is shown nobody needs to be told of it. */
  #nameOf(uri: vscode.Uri): string {
    const [only, ...more] = this.given;
    return only !== undefined && more.length === 0 && uri.path.startsWith(`${only.path}/`) ? uri.path.slice(only.path.length + 1) : shortPath(uri);
  }

  #press(button: string): void {
    const files = [...this.#known.keys()].map((uri) => vscode.Uri.parse(uri));
    switch (button) {
      case "stop":
        return this.#reading?.cancel();
      case "refresh":
        return void this.#readAll(false);
      case "stale":
        return void this.#readAll(true);
      case "ask":
        return this.actions.ask(files);
      case "agreement":
        return this.actions.agreement(files);
      case "evaluate":
        return this.actions.evaluate(files);
    }
  }

  async #open(row: string): Promise<void> {
    const [, question, uri] = /^(\d*) (.*)$/.exec(row) ?? [];
    if (uri !== undefined) await showQuestion(vscode.Uri.parse(uri), question === "" ? 0 : Number(question));
  }

  #draw(status = this.#status, busy = this.#reading !== undefined): void {
    const buttons = busy
      ? [{ id: "stop", label: vscode.l10n.t("Stop") }]
      : [
          { id: "ask", label: vscode.l10n.t("Ask the Unanswered"), primary: true },
          { id: "stale", label: vscode.l10n.t("Look for Stale Answers") },
          { id: "agreement", label: vscode.l10n.t("Agreement") },
          { id: "evaluate", label: vscode.l10n.t("Evaluate…") },
          { id: "refresh", label: vscode.l10n.t("Read Again") },
        ];
    this.#panel.show({ status, busy, buttons, sections: this.#sections() });
    this.#drawn = performance.now();
  }

  #sections(): Section[] {
    const words: Words = {
      status: { unanswered: vscode.l10n.t("Unanswered"), answered: vscode.l10n.t("Answered"), stale: vscode.l10n.t("Stale"), accepted: vscode.l10n.t("Accepted") },
      right: vscode.l10n.t("Right"),
      wrong: vscode.l10n.t("Wrong"),
    };
    const all = [...this.#known].map(([key, notebook]) => ({ key, name: this.#nameOf(vscode.Uri.parse(key)), notebook, sums: sumsOf(notebook.questions) }));
    const whole = sumsOf([...this.#known.values()].flatMap(({ questions }) => questions));
    const number = (value: number): string => value.toLocaleString(vscode.env.language);
    const files: Row[] = all.map(({ key, name, notebook, sums }) => ({
      id: ` ${key}`,
      cells: [name, notebook.video ?? "", ...[sums.questions, sums.unanswered, sums.answered, sums.stale, sums.accepted, sums.graded].map(String), accuracy(sums), notebook.problem ?? ""],
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
          { label: vscode.l10n.t("Right"), value: whole.graded === 0 ? "–" : vscode.l10n.t("{0} of {1}, {2}", number(whole.right), number(whole.graded), accuracy(whole)) },
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
}
