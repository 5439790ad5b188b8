/**
 * Answering questions by hand, one after the other: the next one that waits, a model's proposal accepted
 * or rejected, an answer of one's own. Plain edits that can be undone; nothing here runs anything, so it
 * works in untrusted workspaces and in a browser too.
 */
import * as vscode from "vscode";
import { answerAs, FormatError, formatChoice, isAuthor, removeAnswer, type TextEdit } from "../../server/src/format/index.js";
import { is } from "../../server/src/protocol/schema.js";
import { sentences } from "../errors.js";
import { answerOf } from "../notebook/notebookData.js";
import { FromRendererSchema } from "../renderer/messages.js";
import { isCells, shown, targetInText, targetOf, targetOfCell, walkOf, type Proposal, type Target } from "./place.js";
import { nextWaiting } from "./walk.js";

/** As the renderer is called in package.json. */
const RENDERER = "vqa-answer";

export function registerAnnotating(): vscode.Disposable {
  const messaging = vscode.notebooks.createRendererMessaging(RENDERER);
  return vscode.Disposable.from(
    command("vqa.nextUnanswered", () => go(1)),
    command("vqa.previousUnanswered", () => go(-1)),
    command("vqa.acceptAnswer", (given) => accept(given)),
    command("vqa.rejectAnswer", (given) => reject(given)),
    command("vqa.writeAnswer", (given) => write(given)),
    messaging.onDidReceiveMessage(({ editor, message }) => {
      if (!is(FromRendererSchema, message) || (message.type !== "accept" && message.type !== "reject")) return;
      const cell = editor.notebook.getCells().find(({ outputs }) => outputs.some((output) => answerOf(output)?.raw === message.raw));
      if (cell === undefined) return;
      const range = new vscode.NotebookRange(cell.index, cell.index + 1);
      [editor.selection, editor.selections] = [range, [range]];
      void vscode.commands.executeCommand(message.type === "accept" ? "vqa.acceptAnswer" : "vqa.rejectAnswer", { cell, raw: message.raw });
    }),
  );
}

/** To a question that waits; says so when the end was passed, or none is left. */
function go(direction: 1 | -1): void {
  const editor = shown();
  if (editor === undefined) return;
  const { stops, at, show } = walkOf(editor);
  const step = nextWaiting(stops, at, direction);
  if (step === undefined) return say(vscode.l10n.t("Every question of this notebook is answered."));
  show(step.question);
  const left = step.waiting === 1 ? vscode.l10n.t("1 question is unanswered.") : vscode.l10n.t("{0} questions are unanswered.", step.waiting);
  say(step.wrapped ? `${direction === 1 ? vscode.l10n.t("On from the beginning.") : vscode.l10n.t("On from the end.")} ${left}` : left);
}

async function accept(given: unknown): Promise<void> {
  const target = aim(given);
  if (target === undefined) return;
  const proposal = await choose(target, given, vscode.l10n.t("Which answer is right?"));
  if (proposal !== undefined) await answer(target, proposal.text);
}

async function reject(given: unknown): Promise<void> {
  const target = aim(given);
  if (target === undefined) return;
  const proposal = await choose(target, given, vscode.l10n.t("Which answer is to go?"));
  if (proposal === undefined) return;
  const index = target.proposals.indexOf(proposal);
  const { cell, notebook, question } = target;
  if (cell === undefined) {
    const stored = question.answers[index];
    if (stored === undefined || !(await apply(target, removeAnswer(notebook, question, stored)))) return;
  } else {
    // Outputs change with their cell only, as one step that can be undone.
    const stored = cell.outputs.filter((output) => answerOf(output) !== undefined)[index];
    const data = new vscode.NotebookCellData(cell.kind, cell.document.getText(), cell.document.languageId);
    data.metadata = { ...cell.metadata };
    data.outputs = cell.outputs.filter((output) => output !== stored);
    const edit = new vscode.WorkspaceEdit();
    edit.set(cell.notebook.uri, [vscode.NotebookEdit.replaceCells(new vscode.NotebookRange(cell.index, cell.index + 1), [data])]);
    if (!(await vscode.workspace.applyEdit(edit))) return;
  }
  advance();
}

/** An answer of one's own: one of the choices, or words. */
async function write(given: unknown): Promise<void> {
  const target = aim(given);
  if (target === undefined) return;
  const { question, proposals } = target;
  const title = question.text;
  const text =
    question.choices.length > 0
      ? await vscode.window.showQuickPick(question.choices.map((choice, i) => formatChoice(i, choice.text)), { title })
      : await vscode.window.showInputBox({ title, prompt: vscode.l10n.t("Your answer"), value: proposals[0]?.text ?? "", validateInput: (typed) => (typed.trim() === "" ? vscode.l10n.t("Write an answer.") : undefined) });
  if (text !== undefined) await answer(target, text);
}

async function answer(target: Target, text: string): Promise<void> {
  if (await apply(target, answerAs(target.notebook, target.question, text, annotator()))) advance();
}

/** False: the editor refused. Nothing to write is no refusal. */
async function apply({ document }: Target, edits: readonly TextEdit[]): Promise<boolean> {
  if (edits.length === 0) return true;
  const edit = new vscode.WorkspaceEdit();
  for (const { start, end, newText } of edits) edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), newText);
  return vscode.workspace.applyEdit(edit);
}

/** The question that a command is about: of a cell, of a code lens, or the one in front. Says so when there is none. */
function aim(given: unknown): Target | undefined {
  const { cell, uri, question } = (typeof given === "object" && given !== null ? given : {}) as { cell?: vscode.NotebookCell; uri?: string; question?: number };
  const document = uri === undefined ? undefined : vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri || open.uri.toString() === vscode.Uri.parse(uri).toString());
  const editor = shown();
  if (document !== undefined && editor !== undefined && !isCells(editor) && editor.document === document) {
    // The lens says where the user wants to be.
    const found = targetInText(document, ({ ordinal }) => ordinal - 1 === question);
    if (found !== undefined) {
      const at = document.positionAt(found.question.block.start);
      editor.selection = new vscode.Selection(at, at);
      return found;
    }
  }
  const target = cell !== undefined ? targetOfCell(cell) : editor === undefined ? undefined : targetOf(editor);
  if (target === undefined) say(vscode.l10n.t("There is no question here."));
  return target;
}

/** Asks which one where models differ. */
async function choose({ proposals, cell }: Target, given: unknown, title: string): Promise<Proposal | undefined> {
  const { raw, answer: number } = (typeof given === "object" && given !== null ? given : {}) as { raw?: string; answer?: number };
  const named = raw === undefined ? number : cell?.outputs.flatMap((output) => answerOf(output) ?? []).findIndex((stored) => stored.raw === raw);
  if (named !== undefined && proposals[named] !== undefined) return proposals[named];
  const [first] = proposals;
  if (first === undefined) say(vscode.l10n.t("No model has answered this question."));
  if (proposals.length < 2) return first;
  const picked = await vscode.window.showQuickPick(proposals.map((proposal) => ({ label: proposal.text, description: proposal.model ?? "", proposal })), { title });
  return picked?.proposal;
}

/** The name under which answers are written; undefined without one. Error: it cannot stand in a notebook. */
function annotator(): string | undefined {
  const name = vscode.workspace.getConfiguration("vqa").get<string>("annotate.author", "").trim();
  if (name === "") return undefined;
  if (!isAuthor(name)) throw new FormatError("invalid-value", vscode.l10n.t('"{0}" cannot be the name of an annotator.', name), vscode.l10n.t("Use one word without a colon in the setting vqa.annotate.author."));
  return name;
}

function advance(): void {
  if (vscode.workspace.getConfiguration("vqa").get<boolean>("annotate.advance", true)) go(1);
}

function say(message: string): void {
  vscode.window.setStatusBarMessage(message, 5000);
}

/** Registers a command that shows what goes wrong. */
function command(name: string, work: (argument: unknown) => unknown): vscode.Disposable {
  return vscode.commands.registerCommand(name, async (argument: unknown) => {
    try {
      await work(argument);
    } catch (thrown) {
      const next = thrown instanceof FormatError ? thrown.next : "";
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      void vscode.window.showErrorMessage(sentences({ message, next }));
    }
  });
}
