/** Puts a question of the chat with its answer into an open notebook, as one step that can be undone. */
import * as vscode from "vscode";
import { parse, toCells } from "../../server/src/format/index.js";
import type { QuestionResult } from "../../server/src/protocol/asking.js";
import type { Span } from "../../server/src/protocol/values.js";
import type { Server } from "../languageClient.js";
import { answerData } from "../notebook/answers.js";
import { answerOutput, cellsOfNotebook, notebookData, NOTEBOOK_TYPE } from "../notebook/notebookData.js";
import { answersAfter } from "../notebook/plan.js";
import { addQuestion, difference, withAnswers } from "./addQuestion.js";
import type { Failure } from "./turns.js";
import { fileUriOf, notebooksOf, type OpenNotebook } from "./videos.js";

/**
 * Asks the question in the notebook, where its header and its cues have a say, and writes what comes
 * of it: the record of the answer is then that of the notebook. The features are in the cache, so that
 * this is quick. Returns the answer's text. Error: `Refusal`, or that of the message `vqa/run`.
 */
export async function insertQuestion(server: Server, video: string, question: string, scope: readonly Span[], token: vscode.CancellationToken): Promise<string> {
  const target = notebooksOf(video)[0] ?? (await newNotebook(video));
  if (target === undefined) throw new Refusal(vscode.l10n.t("Stopped."), "", "cancelled");
  const heading = vscode.l10n.t("Asked in the chat");
  const version = target.document.version;
  const text = target.type === "text" ? target.document.getText() : undefined;
  const added = addQuestion(target.type === "notebook" ? cellsOfNotebook(target.document) : toCells(parse(text ?? "")), question, scope, heading);
  const done = await server.run({ textDocument: { uri: fileUriOf(target.document, video).toString() }, text: added.text, questions: [added.number] }, () => undefined, token);
  const [result] = done.results;
  if (done.stopped || result === undefined) throw new Refusal(vscode.l10n.t("Stopped."), "");
  if (result.error !== undefined) throw new Refusal(result.error.message, result.error.next, result.error.code);
  if (target.document.version !== version) throw new Refusal(vscode.l10n.t("The notebook was changed meanwhile: nothing was inserted."), vscode.l10n.t("Insert the answer again."));
  const answers = answersAfter(added.text, added.number, done.edits);
  const edit = target.type === "notebook" ? cellsEdit(target, added, answers, result) : textEdit(target, text ?? "", withAnswers(text ?? "", added, answers));
  if (!(await vscode.workspace.applyEdit(edit))) throw new Refusal(vscode.l10n.t("The editor did not take the change."), vscode.l10n.t("Insert the answer again."));
  if (target.type === "notebook") reveal(target.document);
  return result.answer?.text ?? result.kept ?? "";
}

/** One without a file yet, when the user wants that: it names the video with its whole path. */
async function newNotebook(video: string): Promise<OpenNotebook | undefined> {
  const { fsPath, path } = vscode.Uri.parse(video);
  const make = vscode.l10n.t("Make a Notebook");
  const chosen = await vscode.window.showQuickPick([make], { title: vscode.l10n.t("No notebook about {0} is open.", path.split("/").at(-1) ?? path) });
  if (chosen !== make) return undefined;
  const document = await vscode.workspace.openNotebookDocument(NOTEBOOK_TYPE, notebookData(toCells(parse(`VQA 1\nvideo: ${fsPath}\n`))));
  await vscode.window.showNotebookDocument(document, { preserveFocus: true, preview: false });
  return { type: "notebook", document };
}

/** What the user is told, with what to do about it. */
class Refusal extends Error {
  readonly data: Failure & { readonly data: Record<string, never> };
  constructor(message: string, next: string, code = "invalid-request") {
    super(message);
    this.data = { code, message, next, data: {} };
  }
}

/** Shows the last cell wherever the notebook shows. */
function reveal(notebook: vscode.NotebookDocument): void {
  const last = notebook.cellCount - 1;
  for (const editor of vscode.window.visibleNotebookEditors) if (editor.notebook === notebook) editor.revealRange(new vscode.NotebookRange(last, last + 1), vscode.NotebookEditorRevealType.InCenterIfOutsideViewport);
}

function cellsEdit({ document }: OpenNotebook & { type: "notebook" }, { sources }: ReturnType<typeof addQuestion>, answers: ReturnType<typeof answersAfter>, { answer }: QuestionResult): vscode.WorkspaceEdit {
  const cells = sources.map(({ kind, language, source }, i) => {
    const cell = new vscode.NotebookCellData(kind === "markup" ? vscode.NotebookCellKind.Markup : vscode.NotebookCellKind.Code, source, language);
    if (i === sources.length - 1) cell.outputs = answers.map((stored) => answerOutput(stored, answerData(stored, answer === undefined ? undefined : { answer, choices: [] })));
    return cell;
  });
  const edit = new vscode.WorkspaceEdit();
  edit.set(document.uri, [vscode.NotebookEdit.insertCells(document.cellCount, cells)]);
  return edit;
}

function textEdit({ document }: OpenNotebook & { type: "text" }, before: string, after: string): vscode.WorkspaceEdit {
  const { start, end, newText } = difference(before, after);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), newText);
  return edit;
}
