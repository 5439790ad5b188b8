/**
 * Asks the model every question of many notebooks that it has not answered yet. Each answer is written
 * when it comes, and each file saved when its last one has: whatever stops it, nothing that was answered is lost.
 */
import * as vscode from "vscode";
import { parse, readNotebook, type Notebook, type Question } from "../../server/src/format/index.js";
import type { RunParams, RunPartial, RunResult } from "../../server/src/protocol/asking.js";
import { errorOf } from "../errors.js";
import type { Outcome } from "../notebook/kernel.js";
import { cellsOfNotebook } from "../notebook/notebookData.js";
import { questionsOfCells } from "../notebook/plan.js";
import { openNotebook } from "./files.js";

export interface AskServer {
  run(params: RunParams, onPartial: (partial: RunPartial) => void, token: vscode.CancellationToken): Promise<RunResult>;
}

/** Runs cells as their buttons do. */
export interface CellRunner {
  /** What may run cells of this notebook; undefined when nothing can: it is open, and was never in front. */
  controllerOf(notebook: vscode.NotebookDocument): Promise<vscode.NotebookController | undefined>;
  /** Ends when none of them runs or waits. */
  runAll(cells: readonly vscode.NotebookCell[], controller: vscode.NotebookController): Promise<Outcome>;
  stop(cells: readonly vscode.NotebookCell[]): void;
}

export interface Summary {
  readonly notebooks: number;
  readonly answered: number;
  /** What went wrong, with the name of the file; it stopped nothing else. */
  readonly failures: readonly string[];
  readonly stopped: boolean;
}

export interface AskProgress {
  (done: number, of: number, question: string): void;
}

/** One model that is to answer, whatever notebooks say. */
export interface Asked {
  /** As the server takes it. */
  readonly model: string;
  /** As records of its runs may name it. */
  readonly names: readonly string[];
}

/** No model has answered it, or not the one that is asked; and it can be asked. */
function waits({ runsById }: Pick<Notebook, "runsById">, { answers, obstacle }: Pick<Question, "answers" | "obstacle">, asked?: Asked): boolean {
  if (obstacle !== undefined) return false;
  if (asked === undefined) return answers.length === 0;
  return !answers.some(({ run8 }) => runsById.get(run8)?.entries.some(({ key, value }) => key.text === "model" && asked.names.includes(value.text)));
}

function waitingIn(text: string, asked?: Asked): readonly Question[] {
  const notebook = readNotebook(parse(text));
  return notebook.questions.filter((question) => waits(notebook, question, asked));
}

/** Without these no other question can be answered either. */
const HOPELESS: ReadonlySet<string> = new Set(["model-missing", "model-damaged", "model-unsupported", "worker-unavailable", "decoder-missing"]);

export async function askUnanswered(server: AskServer, cells: CellRunner, files: readonly vscode.Uri[], progress: AskProgress, token: vscode.CancellationToken, asked?: Asked): Promise<Summary> {
  const failures: string[] = [];
  const waiting = new Map<vscode.Uri, number>();
  for (const uri of files) {
    if (token.isCancellationRequested) break;
    try {
      const count = waitingIn(await textOf(uri), asked).length;
      if (count > 0) waiting.set(uri, count);
    } catch (thrown) {
      failures.push(`${vscode.workspace.asRelativePath(uri)}: ${errorOf(thrown).message}`);
    }
  }
  const of = [...waiting.values()].reduce((sum, count) => sum + count, 0);
  let [done, answered, notebooks, hopeless] = [0, 0, 0, false];
  const fail = (uri: vscode.Uri, thrown: Outcome["failures"][number]): void => {
    failures.push(`${vscode.workspace.asRelativePath(uri)}: ${thrown.message}`);
    hopeless ||= HOPELESS.has(thrown.code);
  };
  for (const [uri, count] of waiting) {
    if (token.isCancellationRequested || hopeless) break;
    notebooks++;
    const notebook = openNotebook(uri);
    try {
      // Cells are run by the model of their own kernel. With another one the file is written, which the editor then shows.
      const controller = notebook === undefined || asked !== undefined ? undefined : await cells.controllerOf(notebook);
      if (notebook !== undefined && controller !== undefined) answered += await inCells(cells, controller, notebook, (text) => progress(done, of, text), (error) => fail(uri, error), token);
      else if (notebook?.isDirty === true) failures.push(vscode.l10n.t("{0} has changes that are not saved.", vscode.workspace.asRelativePath(uri)));
      else {
        answered += await inText(server, uri, (text, before) => progress(done + before, of, text), (error) => fail(uri, error), () => hopeless, token, asked);
      }
    } catch (thrown) {
      const error = errorOf(thrown);
      if (error.code !== "cancelled") fail(uri, error);
    }
    done += count;
  }
  return { notebooks, answered, failures, stopped: token.isCancellationRequested };
}

/** A notebook that is open: as if its cells were run. What comes of it is saved by whoever has it open. */
async function inCells(
  runner: CellRunner,
  controller: vscode.NotebookController,
  notebook: vscode.NotebookDocument,
  progress: (text: string) => void,
  onFailure: (error: Outcome["failures"][number]) => void,
  token: vscode.CancellationToken,
): Promise<number> {
  const { text, numbers } = questionsOfCells(cellsOfNotebook(notebook));
  const waiting = new Set(waitingIn(text).map(({ ordinal }) => ordinal - 1));
  const asked = notebook.getCells().filter((_, i) => waiting.has(numbers[i] ?? -1));
  if (asked.length === 0) return 0;
  progress(vscode.workspace.asRelativePath(notebook.uri));
  const stopping = token.onCancellationRequested(() => runner.stop(asked));
  try {
    const { answered, failures } = await runner.runAll(asked, controller);
    failures.forEach(onFailure);
    return answered;
  } finally {
    stopping.dispose();
  }
}

/** A file that is open as text, or not at all: one question at a time, each answer an edit that can be undone. */
async function inText(
  server: AskServer,
  uri: vscode.Uri,
  progress: (text: string, before: number) => void,
  onFailure: (error: ReturnType<typeof errorOf>) => void,
  hopeless: () => boolean,
  token: vscode.CancellationToken,
  asked?: Asked,
): Promise<number> {
  const document = await vscode.workspace.openTextDocument(uri);
  // What somebody is in the middle of is not saved for them.
  const theirs = document.isDirty;
  const tried = new Set<string>();
  let answered = 0;
  while (!token.isCancellationRequested && !hopeless()) {
    const [text, version] = [document.getText(), document.version];
    const question = waitingIn(text, asked).find((each) => !tried.has(keyOf(each)));
    if (question === undefined) break;
    progress(question.text, tried.size);
    const { results, edits } = await server.run({ textDocument: { uri: uri.toString() }, text, questions: [question.ordinal - 1], ...(asked === undefined ? {} : { model: asked.model }) }, () => undefined, token);
    const error = results[0]?.error;
    if (error !== undefined && error.code !== "cancelled") onFailure(error);
    // Changed meanwhile: the answer is to another text, and the question is asked anew.
    if (document.version !== version && !token.isCancellationRequested) continue;
    tried.add(keyOf(question));
    if (edits.length === 0 || document.version !== version) continue;
    const edit = new vscode.WorkspaceEdit();
    for (const { range, newText } of edits) edit.replace(uri, new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character), newText);
    if (await vscode.workspace.applyEdit(edit)) answered++;
    if (!theirs) await document.save();
  }
  return answered;
}

function keyOf({ ordinal, block }: Question): string {
  return `${ordinal} ${block.raw}`;
}

async function textOf(uri: vscode.Uri): Promise<string> {
  const notebook = openNotebook(uri);
  if (notebook !== undefined) return questionsOfCells(cellsOfNotebook(notebook)).text;
  return (await vscode.workspace.openTextDocument(uri)).getText();
}
