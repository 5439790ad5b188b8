/** Runs cells: carries out what `runQueue.ts` decides, with the editor on one side and the server on the other. */
import * as vscode from "vscode";
import type { Progress } from "../../server/src/protocol/values.js";
import type { Server } from "../languageClient.js";
import { stageText } from "../stages.js";
import { passing, type AnswerData } from "./answers.js";
import { carryOut } from "./carryOut.js";
import { answerItems, answerOf, cellsOfNotebook } from "./notebookData.js";
import { questionsOfCells } from "./plan.js";
import { endOutputs, failed, type Failure, type Result } from "./results.js";
import { IDLE, reduceQueue, type QueueEffect, type QueueEvent, type QueueState } from "./runQueue.js";

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
    const { cell, execution, cancel } = live;
    const report = {
      text: (text: string): void => this.#step({ type: "text", run, text }),
      progress: (progress: Progress): void => this.#step({ type: "progress", run, progress }),
    };
    execution.start(Date.now());
    // Answers stay until there are new ones; what an earlier run left behind besides goes.
    void execution.replaceOutput(cell.outputs.filter((output) => answerOf(output) !== undefined));
    void Promise.resolve()
      .then(() => carryOut(cell, { server: this.#server, model: this.modelOf(cell.notebook), report, token: cancel.token }))
      .catch((thrown: unknown): Result => failed(thrown))
      .then((result) => this.#endSoon(run, result));
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

function key(cell: vscode.NotebookCell): string {
  return cell.document.uri.toString();
}
