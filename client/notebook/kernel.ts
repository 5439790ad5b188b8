/** Runs cells: carries out what `runQueue.ts` decides, with the editor on one side and the server on the other. */
import * as vscode from "vscode";
import type { Progress, SerializedError } from "../../server/src/protocol/values.js";
import { errorOf, sentences } from "../errors.js";
import type { Server } from "../languageClient.js";
import { stageText } from "../stages.js";
import { answerData, passing, type AnswerData } from "./answers.js";
import { answerOf, answerOutput, answerItems, cellsOfNotebook } from "./notebookData.js";
import { heardText, withHeard, type HeardCue } from "./cueCells.js";
import { answersAfter, planCell, questionsOfCells, type Job } from "./plan.js";
import { videoOf } from "./video.js";
import { IDLE, reduceQueue, type QueueEffect, type QueueEvent, type QueueState } from "./runQueue.js";

type Failure = Pick<SerializedError, "code" | "message" | "next">;

/** How a run ended: with outputs that are in the file, with a proposal that is not yet, or not well. */
type Result =
  | { readonly type: "answered"; readonly outputs: readonly vscode.NotebookCellOutput[] }
  | { readonly type: "proposed"; readonly caption: string }
  | { readonly type: "heard"; readonly cues: readonly HeardCue[]; readonly notes: readonly string[] }
  | { readonly type: "stopped" }
  | { readonly type: "failed"; readonly error: Failure };

/** What came of a run of cells. */
export interface Outcome {
  /** Cells that have a new answer. */
  readonly answered: number;
  /** Of cells, which show it. */
  readonly failures: readonly Failure[];
}

interface Live {
  readonly cell: vscode.NotebookCell;
  readonly execution: vscode.NotebookCellExecution;
  readonly cancel: vscode.CancellationTokenSource;
  /** What grows while an answer comes. */
  stream: vscode.NotebookCellOutput | undefined;
}

/** Said under the header's model when a segment is run. */
const CAPTION_QUESTION = "What happens?";

/** Key of a caption that waits to be accepted, in its output's metadata. */
const PROPOSAL = "vqaCaption";
/** The same for subtitles that were heard. */
const HEARD = "vqaHeard";

export class Kernel implements vscode.Disposable {
  readonly #server: Server;
  readonly #live = new Map<string, Live>();
  /** Cells that were asked for and not taken into the queue yet. */
  readonly #known = new Map<string, { readonly cell: vscode.NotebookCell; readonly controller: vscode.NotebookController }>();
  readonly #ran = new vscode.EventEmitter<vscode.NotebookDocument>();
  readonly #ended = new vscode.EventEmitter<{ readonly cell: vscode.NotebookCell; readonly result: Result }>();
  readonly #disposables: vscode.Disposable[];
  readonly #leaving: (() => void)[] = [];
  #written: Promise<void> = Promise.resolve();
  #state: QueueState = IDLE;

  /** A cell of the notebook has ended, and nothing runs or waits. */
  readonly onDidRun = this.#ran.event;

  /** @param modelOf what the notebook's kernel stands for; undefined when it goes by the header */
  constructor(server: Server, private readonly modelOf: (notebook: vscode.NotebookDocument) => string | undefined) {
    this.#server = server;
    this.#disposables = [
      this.#ran,
      this.#ended,
      vscode.workspace.onDidChangeNotebookDocument(({ contentChanges }) => this.#stop(contentChanges.flatMap(({ removedCells }) => removedCells))),
      vscode.workspace.onDidCloseNotebookDocument((notebook) => this.#stop(notebook.getCells())),
    ];
  }

  get busy(): boolean {
    return this.#live.size > 0;
  }

  /** Takes the cells into the queue; those without anything to run are left out, unless nothing else was asked for. */
  run(cells: readonly vscode.NotebookCell[], controller: vscode.NotebookController): void {
    const runnable = cells.filter(({ kind, document }) => kind === vscode.NotebookCellKind.Code && ["vqa", "vqa-cues"].includes(document.languageId));
    const [first, ...more] = runnable;
    const questions = first === undefined || more.length === 0 ? undefined : questionsOfCells(cellsOfNotebook(first.notebook)).numbers;
    const asked = questions === undefined ? runnable : runnable.filter((cell) => questions[cell.index] !== undefined);
    for (const cell of asked) this.#known.set(key(cell), { cell, controller });
    this.#step({ type: "run", cells: asked.map(key) });
  }

  /** Stops those of the cells that run or wait. */
  stop(cells: readonly vscode.NotebookCell[]): void {
    this.#stop(cells);
  }

  /** Runs the cells and waits until none of them runs or waits. */
  async runAll(cells: readonly vscode.NotebookCell[], controller: vscode.NotebookController): Promise<Outcome> {
    const keys = new Set(cells.map(key));
    const [failures, answered]: [Failure[], Set<string>] = [[], new Set()];
    const counting = this.#ended.event(({ cell, result }) => {
      if (!keys.has(key(cell))) return;
      if (result.type === "answered") answered.add(key(cell));
      else if (result.type === "failed") failures.push(result.error);
    });
    try {
      this.run(cells, controller);
      while (cells.some((cell) => this.#live.has(key(cell)))) await new Promise<void>((resolve) => this.#leaving.push(resolve));
    } finally {
      counting.dispose();
    }
    return { answered: answered.size, failures };
  }

  dispose(): void {
    for (const { cancel } of this.#live.values()) cancel.cancel();
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #stop(cells: readonly vscode.NotebookCell[]): void {
    if (cells.length > 0) this.#step({ type: "stop", cells: cells.map(key) });
  }

  #step(event: QueueEvent<Result, Progress>): void {
    const { state, effects } = reduceQueue<Result, Progress>(this.#state, event);
    this.#state = state;
    for (const effect of effects) {
      try {
        this.#perform(effect);
      } catch {
        // A notebook that was closed takes nothing any more; the other cells must not wait for it.
        if (effect.type === "start") this.#endSoon(effect.run, { type: "stopped" });
      }
    }
  }

  /** Not at once: whoever dispatched an event is still in the middle of it. */
  #endSoon(run: number, result: Result): void {
    queueMicrotask(() => this.#step({ type: "ended", run, result }));
  }

  #perform(effect: QueueEffect<Result, Progress>): void {
    if (effect.type === "queue") return this.#queue(effect.cell);
    if (effect.type === "cancel") {
      for (const { cell, cancel } of this.#live.values()) if (key(cell) === this.#state.running?.cell) cancel.cancel();
      return;
    }
    const live = this.#live.get(effect.cell);
    if (live === undefined) {
      // It could not be taken into the queue.
      if (effect.type === "start") this.#endSoon(effect.run, { type: "stopped" });
      return;
    }
    switch (effect.type) {
      case "start":
        return this.#start(live, effect.run);
      case "progress":
        return this.#show(live, passing("", `${stageText(effect.progress)} …`));
      case "show":
        // Models begin a word with the blank before it.
        return this.#show(live, passing(effect.text.trimStart()));
      case "end":
        return this.#end(live, effect.result, effect.text);
      case "drop":
        this.#forget(live);
        live.execution.end(undefined);
        return;
    }
  }

  #queue(id: string): void {
    const known = this.#known.get(id);
    this.#known.delete(id);
    if (known === undefined) return;
    const { cell, controller } = known;
    const execution = controller.createNotebookCellExecution(cell);
    const cancel = new vscode.CancellationTokenSource();
    this.#live.set(id, { cell, execution, cancel, stream: undefined });
    execution.token.onCancellationRequested(() => this.#stop([cell]));
  }

  #start(live: Live, run: number): void {
    const { cell, execution } = live;
    execution.start(Date.now());
    // Answers stay until there are new ones; what an earlier run left behind besides goes.
    void execution.replaceOutput(cell.outputs.filter((output) => answerOf(output) !== undefined));
    void Promise.resolve()
      .then(() => this.#carryOut(live, run))
      .catch((thrown: unknown): Result => failed(thrown))
      .then((result) => this.#endSoon(run, result));
  }

  async #carryOut({ cell, cancel }: Live, run: number): Promise<Result> {
    const job = planCell(cellsOfNotebook(cell.notebook), cell.index);
    const refusal = refuse(job, cell.notebook);
    if (refusal !== undefined) return { type: "failed", error: refusal };
    const model = this.modelOf(cell.notebook);
    if (job.type === "question") return this.#question(job, cell.notebook, model, run, cancel.token);
    if (job.type === "segment") return this.#segment(job, cell.notebook, model, run, cancel.token);
    if (job.type === "cues") return this.#cues(job, cell, run, cancel.token);
    return { type: "stopped" };
  }

  /** Writes down what is said, for somebody to look at. A pack of questions need not have ears: the server knows which one has. */
  async #cues({ range }: Job & { type: "cues" }, { notebook, document }: vscode.NotebookCell, run: number, token: vscode.CancellationToken): Promise<Result> {
    const video = videoOf(notebook);
    if (video === undefined) return { type: "failed", error: noVideo() };
    const { cues, notes } = await this.#server.transcribe(
      { video, scope: [range] },
      (partial) => {
        if (partial.kind === "cues") this.#step({ type: "text", run, text: `${heardText(partial.cues)}\n` });
        else this.#step({ type: "progress", run, progress: partial.progress });
      },
      token,
    );
    return token.isCancellationRequested ? { type: "stopped" } : { type: "heard", cues: withHeard(document.getText(), cues).added, notes };
  }

  async #question(job: Job & { type: "question" }, { uri }: vscode.NotebookDocument, model: string | undefined, run: number, token: vscode.CancellationToken): Promise<Result> {
    const { text, question, choices } = job;
    const done = await this.#server.run(
      { textDocument: { uri: uri.toString() }, text, questions: [question], ...(model === undefined ? {} : { model }) },
      (partial) => {
        if (partial.kind === "text") this.#step({ type: "text", run, text: partial.text });
        else if (partial.kind === "progress") this.#step({ type: "progress", run, progress: partial.progress });
      },
      token,
    );
    const [result] = done.results;
    if (done.stopped || result === undefined || token.isCancellationRequested) return { type: "stopped" };
    if (result.error !== undefined) return result.error.code === "cancelled" ? { type: "stopped" } : { type: "failed", error: result.error };
    const before = new Set(answersAfter(text, question, []).map(({ raw }) => raw));
    const after = answersAfter(text, question, done.edits);
    const fresh = after.filter(({ raw }) => !before.has(raw));
    const { answer } = result;
    return {
      type: "answered",
      outputs: after.map((stored) => {
        const now = answer !== undefined && (fresh.includes(stored) || (fresh.length === 0 && after.length === 1)) ? { answer, choices } : undefined;
        return answerOutput(stored, answerData(stored, now));
      }),
    };
  }

  async #segment({ scope, text }: Job & { type: "segment" }, notebook: vscode.NotebookDocument, model: string | undefined, run: number, token: vscode.CancellationToken): Promise<Result> {
    const video = videoOf(notebook);
    if (video === undefined) return { type: "failed", error: noVideo() };
    const answer = await this.#server.ask(
      { request: { video, question: CAPTION_QUESTION, scope }, under: { textDocument: { uri: notebook.uri.toString() }, text }, ...(model === undefined ? {} : { model }) },
      (partial) => {
        if (partial.kind === "text") this.#step({ type: "text", run, text: partial.text });
        else this.#step({ type: "progress", run, progress: partial.progress });
      },
      token,
    );
    return answer.stop === "stopped" ? { type: "stopped" } : { type: "proposed", caption: answer.text };
  }

  #show(live: Live, data: AnswerData): void {
    const items = answerItems(data);
    if (live.stream === undefined) {
      live.stream = new vscode.NotebookCellOutput(items);
      void live.execution.appendOutput(live.stream);
    } else {
      void live.execution.replaceOutputItems(items, live.stream);
    }
  }

  #end(live: Live, result: Result, text: string): void {
    const { cell, execution } = live;
    this.#forget(live);
    const kept = cell.outputs.filter((output) => answerOf(output) !== undefined);
    const outputs = result.type === "answered" ? result.outputs : [...kept, ...endOutputs(result, text)];
    // A cell that is gone meanwhile has no output to be replaced.
    if (cell.notebook.isClosed || cell.index < 0) return execution.end(undefined);
    const write = async (): Promise<void> => {
      // An output that is replaced is changed in place; its view then looks for the kind of content that it had, breaks, and shows nothing.
      if (result.type === "failed" && live.stream !== undefined) await execution.replaceOutput(kept);
      const written = execution.replaceOutput([...outputs]);
      execution.end(result.type === "answered" || result.type === "proposed" || result.type === "heard" ? true : result.type === "failed" ? false : undefined, Date.now());
      await written;
    };
    this.#written = write().catch(() => undefined);
    this.#ended.fire({ cell, result });
    if (!this.busy) this.#ran.fire(cell.notebook);
  }

  #forget({ cell, cancel }: Live): void {
    this.#live.delete(key(cell));
    cancel.dispose();
    // Outputs that the end of a run brings are on their way: whoever waits for it waits for them, too.
    const leaving = this.#leaving.splice(0);
    queueMicrotask(() => void this.#written.then(() => leaving.forEach((leave) => leave())));
  }
}

/** The caption that a run of this segment proposed. */
export function proposedCaption(cell: vscode.NotebookCell): string | undefined {
  const found: unknown = cell.outputs.map(({ metadata }) => metadata?.[PROPOSAL] as unknown).find((caption) => typeof caption === "string");
  return found as string | undefined;
}

/** The subtitles that were heard in this cell's part of the video and that nobody has accepted yet. */
export function heardCues(cell: vscode.NotebookCell): readonly HeardCue[] {
  return cell.outputs.map(({ metadata }) => metadata?.[HEARD] as readonly HeardCue[] | undefined).find((cues) => Array.isArray(cues) && cues.length > 0) ?? [];
}

function noVideo(): Failure {
  return { code: "notebook-unreadable", message: vscode.l10n.t("The notebook names no video."), next: vscode.l10n.t('Open it as text and add a line "video: path/to/clip.mp4" to its header.') };
}

function endOutputs(result: Result, text: string): vscode.NotebookCellOutput[] {
  switch (result.type) {
    case "proposed":
      return [new vscode.NotebookCellOutput(answerItems(passing(result.caption)), { [PROPOSAL]: result.caption })];
    case "heard": {
      const { cues, notes } = result;
      const status = [cues.length === 0 ? vscode.l10n.t("Nothing was heard where no subtitle is written.") : vscode.l10n.t("Heard. Nothing is written before you accept it."), ...notes].join(" ");
      return [new vscode.NotebookCellOutput(answerItems(passing(heardText(cues), status)), { [HEARD]: cues })];
    }
    case "failed":
      return [errorOutput(result.error)];
    case "stopped":
      return [new vscode.NotebookCellOutput(answerItems(passing(text.trimStart(), vscode.l10n.t("Stopped."))))];
    case "answered":
      return [];
  }
}

function errorOutput(error: Failure): vscode.NotebookCellOutput {
  return new vscode.NotebookCellOutput([vscode.NotebookCellOutputItem.error({ name: error.code, message: sentences(error), stack: "" })]);
}

function failed(thrown: unknown): Result {
  const error = errorOf(thrown);
  return error.code === "cancelled" ? { type: "stopped" } : { type: "failed", error };
}

function refuse(job: Job, { uri }: vscode.NotebookDocument): Failure | undefined {
  const refusal = (message: string, next: string): Failure => ({ code: "invalid-request", message, next });
  if (uri.scheme === "untitled") return refusal(vscode.l10n.t("The notebook has no file yet."), vscode.l10n.t("Save it, then run the cell again."));
  if (uri.scheme !== "file") return refusal(vscode.l10n.t("Videos of this folder cannot be read here."), vscode.l10n.t("Open the notebook from a folder of this machine."));
  if (job.type !== "nothing") return undefined;
  switch (job.why) {
    case "no-question":
      return refusal(vscode.l10n.t("There is no question in this cell."), vscode.l10n.t("Begin it with `Q:`, or with `@` and times for a segment."));
    case "several-questions":
      return refusal(vscode.l10n.t("There are several questions in this cell."), vscode.l10n.t("Write each one in a cell of its own."));
    case "no-times":
      return refusal(vscode.l10n.t("There are no times in this cell."), vscode.l10n.t("Write the part to listen to like 00:01.000 --> 00:09.000."));
    case "bad-scope":
      return refusal(vscode.l10n.t("The times of this segment cannot be read."), vscode.l10n.t("Write them like 00:01..00:02.500."));
  }
}

function key(cell: vscode.NotebookCell): string {
  return cell.document.uri.toString();
}
