/** Commands on notebooks. Each works on the active one, or on what it was called with. */
import * as vscode from "vscode";
import { errorOf, sentences } from "../errors.js";
import { withHeard } from "../notebook/cueCells.js";
import { heardCues, proposedCaption } from "../notebook/results.js";
import type { Marks } from "../notebook/marks.js";
import { NOTEBOOK_TYPE } from "../notebook/notebookData.js";
import { withCaption } from "../notebook/plan.js";

export function registerNotebookCommands(marks: Marks): vscode.Disposable {
  return vscode.Disposable.from(
    command("vqa.runStale", async () => {
      const notebook = activeNotebook();
      if (notebook !== undefined) await run(await marks.stale(notebook));
    }),
    command("vqa.runSelection", async () => {
      const editor = vscode.window.activeNotebookEditor;
      if (editor?.notebook.notebookType === NOTEBOOK_TYPE) await run(editor.selections.flatMap((range) => editor.notebook.getCells(range)));
    }),
    command("vqa.checkAnswers", async () => {
      const notebook = activeNotebook();
      if (notebook !== undefined) await marks.check(notebook, true);
    }),
    command("vqa.askAgain", async (cell: unknown) => {
      if (isCell(cell)) await run([cell]);
    }),
    command("vqa.useCaption", async (given: unknown) => {
      const cell = isCell(given) ? given : activeCell();
      if (cell === undefined) return;
      const [caption, heard] = [proposedCaption(cell), heardCues(cell)];
      if (caption === undefined && heard.length === 0) return;
      const { document } = cell;
      const whole = new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));
      const edit = new vscode.WorkspaceEdit();
      edit.replace(document.uri, whole, caption === undefined ? withHeard(document.getText(), heard).source : withCaption(document.getText(), caption));
      await vscode.workspace.applyEdit(edit);
    }),
  );
}

/** As the buttons of the notebook do: the editor chooses the kernel for a notebook that has none yet. */
async function run(cells: readonly vscode.NotebookCell[]): Promise<void> {
  const [first] = cells;
  if (first === undefined) return;
  const ranges = cells.map(({ index }) => ({ start: index, end: index + 1 }));
  await vscode.commands.executeCommand("notebook.cell.execute", { ranges, document: first.notebook.uri });
}

/** Registers a command that shows what goes wrong. */
function command(name: string, work: (argument: unknown) => unknown): vscode.Disposable {
  return vscode.commands.registerCommand(name, async (argument: unknown) => {
    try {
      await work(argument);
    } catch (thrown) {
      void vscode.window.showErrorMessage(sentences(errorOf(thrown)));
    }
  });
}

function activeNotebook(): vscode.NotebookDocument | undefined {
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  return notebook?.notebookType === NOTEBOOK_TYPE ? notebook : undefined;
}

function activeCell(): vscode.NotebookCell | undefined {
  const editor = vscode.window.activeNotebookEditor;
  return editor?.notebook.notebookType === NOTEBOOK_TYPE && editor.notebook.cellCount > 0 ? editor.notebook.cellAt(editor.selection.start) : undefined;
}

function isCell(value: unknown): value is vscode.NotebookCell {
  return typeof value === "object" && value !== null && "notebook" in value && "document" in value;
}
