import assert from "node:assert/strict";
import * as vscode from "vscode";
import { bytes, closeAll, inBrowser, openNotebook, path, screenshot, until } from "./support.js";

describe("a notebook file", () => {
  afterEach(closeAll);

  it("comes with the installed package, not with the sources", () => {
    const extension = vscode.extensions.getExtension("vqa.vqa");
    assert.match(extension?.extensionPath ?? "", /[\\/]extensions[\\/]vqa\.vqa-/);
  });

  it("opens as a notebook whose cells are the parts of the file", async () => {
    const { notebook } = await openNotebook("demo", "shapes.vqa");
    assert.equal(notebook.notebookType, "vqa-notebook");
    const cells = notebook.getCells();
    assert.deepEqual(cells.slice(0, 3).map(({ kind, document }) => [kind, document.languageId, document.getText().split("\n")[0]]), [
      [vscode.NotebookCellKind.Markup, "markdown", "# A film of shapes"],
      [vscode.NotebookCellKind.Markup, "markdown", "A rendered clip of half a minute with subtitles beside it. The lines that start with A are"],
      [vscode.NotebookCellKind.Code, "vqa", "Q said1: What is the code?"],
    ]);
    const shown = await inBrowser(async ({ page }, heading) => page.frameLocator("iframe.webview").frameLocator("#active-frame").getByText(heading).first().innerText({ timeout: 30000 }), "A film of shapes");
    assert.equal(shown, "A film of shapes");
    await screenshot("notebook");
  });

  for (const name of ["crlf", "bom", "no-newline", "opaque", "webvtt"]) {
    it(`has the same bytes after it was changed, changed back and saved: ${name}`, async () => {
      const before = bytes("delicate", `${name}.vqa`);
      const { notebook } = await openNotebook("delicate", `${name}.vqa`);
      const cell = notebook.getCells().find(({ kind }) => kind === vscode.NotebookCellKind.Code);
      assert.ok(cell !== undefined);
      const change = async (edit: (edit: vscode.WorkspaceEdit) => void): Promise<void> => {
        const all = new vscode.WorkspaceEdit();
        edit(all);
        assert.ok(await vscode.workspace.applyEdit(all));
      };
      await change((edit) => edit.insert(cell.document.uri, new vscode.Position(0, 0), "x"));
      assert.ok(notebook.isDirty);
      assert.ok(await notebook.save());
      assert.notDeepEqual(bytes("delicate", `${name}.vqa`), before, "the change was saved");
      await change((edit) => edit.delete(cell.document.uri, new vscode.Range(0, 0, 0, 1)));
      assert.ok(await notebook.save());
      assert.deepEqual(bytes("delicate", `${name}.vqa`), before);
    });
  }

  it("that is not UTF-8 is not opened, and stays as it is", async () => {
    const before = bytes("delicate", "not-utf8.vqa");
    await assert.rejects(Promise.resolve(vscode.workspace.openNotebookDocument(vscode.Uri.file(path("delicate", "not-utf8.vqa")))), /not UTF-8/);
    assert.deepEqual(bytes("delicate", "not-utf8.vqa"), before);
  });

  it("that is empty gets a first line with its first cell", async () => {
    const { notebook } = await openNotebook("delicate", "empty.vqa");
    const edit = new vscode.WorkspaceEdit();
    edit.set(notebook.uri, [vscode.NotebookEdit.insertCells(0, [new vscode.NotebookCellData(vscode.NotebookCellKind.Code, "Q: What?", "vqa")])]);
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.ok(await notebook.save());
    assert.equal(bytes("delicate", "empty.vqa").toString(), "VQA 1\n\nQ: What?\n");
  });

  it("shows as text and as a notebook again", async () => {
    await openNotebook("demo", "shapes.vqa");
    await vscode.commands.executeCommand("vqa.openAsText");
    const editor = await until(() => vscode.window.activeTextEditor);
    assert.equal(editor.document.languageId, "vqa");
    assert.equal(editor.document.uri.fsPath, path("demo", "shapes.vqa"));
    await vscode.commands.executeCommand("vqa.openAsNotebook");
    await until(() => vscode.window.activeNotebookEditor?.notebook.uri.fsPath === path("demo", "shapes.vqa"));
  });
});
