import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import * as vscode from "vscode";
import { readVtt } from "../../../server/src/format/index.js";
import { closeAll, eventually, inBrowser, openNotebook, path, screenshot, typeIn, until } from "./support.js";

const SRT = "1\n00:00:01,000 --> 00:00:03,000\nfirst\n\n2\n00:00:02,900 --> 00:00:05,000\nsecond\n";

describe("subtitles", () => {
  afterEach(closeAll);

  async function open(name: string, text: string, folder = "demo"): Promise<vscode.TextEditor> {
    writeFileSync(path(folder, name), text);
    return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(vscode.Uri.file(path(folder, name))));
  }

  /** Starts a command that asks for something, and types the answer. */
  async function answer(command: string, text: string): Promise<void> {
    await vscode.commands.executeCommand(command);
    await typeIn(text);
  }

  it("that overlap are marked, and a quick fix parts them", async () => {
    const { document } = await open("checks.srt", SRT);
    assert.equal(document.languageId, "subrip");
    const [problem] = await until(() => {
      const found = vscode.languages.getDiagnostics(document.uri);
      return found.length > 0 && found;
    });
    assert.deepEqual([problem?.code, problem?.severity, problem?.range.start.line], ["cue-overlap", vscode.DiagnosticSeverity.Warning, 5]);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>("vscode.executeCodeActionProvider", document.uri, problem?.range, vscode.CodeActionKind.QuickFix.value);
    const fix = actions.find(({ title }) => title.startsWith("End the cue before"));
    await screenshot("subtitles");
    if (fix?.edit === undefined) throw new Error(`There are only these fixes: ${actions.map(({ title }) => title).join("; ")}`);
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    assert.equal(document.getText(), SRT.replace("00:00:03,000", "00:00:02,817"));
    await until(() => vscode.languages.getDiagnostics(document.uri).length === 0);
  });

  it("are not looked at when the setting is off", async () => {
    const settings = vscode.workspace.getConfiguration("vqa.captions");
    const { document } = await open("unchecked.srt", SRT);
    await until(() => vscode.languages.getDiagnostics(document.uri).length > 0);
    try {
      await settings.update("check", false, vscode.ConfigurationTarget.Global);
      await until(() => vscode.languages.getDiagnostics(document.uri).length === 0);
    } finally {
      await settings.update("check", undefined, vscode.ConfigurationTarget.Global);
    }
    await until(() => vscode.languages.getDiagnostics(document.uri).length > 0);
  });

  it("are shifted by what is typed, those of the selection alone, in one step that can be undone", async () => {
    const editor = await open("shift.srt", SRT);
    editor.selection = new vscode.Selection(5, 0, 6, 0);
    await answer("vqa.shiftSubtitles", "+1.25");
    const shifted = SRT.replace("00:00:02,900 --> 00:00:05,000", "00:00:04,150 --> 00:00:06,250");
    await until(() => editor.document.getText() === shifted);
    await vscode.commands.executeCommand("undo");
    await until(() => editor.document.getText() === SRT);
  });

  it("are proposed by the model, and written only when the user agrees", async () => {
    const before = "WEBVTT\n\n00:04.000 --> 00:05.000\nspoken\n";
    const { document } = await open("shapes.seen.vtt", before);
    await answer("vqa.describeVideo", "0:00..0:04");
    await inBrowser(async ({ page }) => page.getByRole("button", { name: "Apply", exact: true }).first().waitFor({ timeout: 90_000 }), undefined);
    assert.equal(document.getText(), before, "nothing changes before");
    await screenshot("proposed-subtitles");
    await inBrowser(async ({ page }) => {
      // Nothing is ticked until the user does.
      await page.locator(".bulk-edit-panel .monaco-list-row .edit-checkbox").first().click();
      await page.getByRole("button", { name: "Apply", exact: true }).first().click();
    }, undefined);
    await until(() => document.getText() !== before);
    assert.match(document.getText(), /^WEBVTT\n\nNOTE The next cue was written by a model .*micro.*\n\n00:00:00\.000 --> 00:00:03\.917\n.+\n(?:.+\n)?\n00:04\.000 --> 00:05\.000\nspoken\n$/);
  });

  it("write down what is said and seen, by the command of the palette, and only when the user agrees", async () => {
    const before = "WEBVTT\n\n00:03.500 --> 00:05.000\nWritten by a person.\n";
    const { document } = await open("spoken.vtt", before, "spoken");
    await vscode.commands.executeCommand("workbench.action.quickOpen", ">VQA: Write Down What Is Said and Seen");
    await inBrowser(async ({ page }) => {
      await page.locator(".quick-input-list .monaco-list-row", { hasText: "Write Down What Is Said and Seen as Subtitles" }).first().click({ timeout: 60_000 });
      await page.locator(".quick-input-widget:visible .quick-input-title", { hasText: "Write down what is said and seen" }).waitFor({ timeout: 60_000 });
    }, undefined);
    // All of the film.
    await typeIn("");
    await inBrowser(async ({ page }) => page.getByRole("button", { name: "Apply", exact: true }).first().waitFor({ timeout: 90_000 }), undefined);
    assert.equal(document.getText(), before, "nothing changes before");
    await screenshot("proposed-speech");
    await inBrowser(async ({ page }) => {
      await page.locator(".bulk-edit-panel .monaco-list-row .edit-checkbox").first().click();
      await page.getByRole("button", { name: "Apply", exact: true }).first().click();
    }, undefined);
    const after = await eventually("the subtitles in the text", () => document.getText() !== before && document.getText());
    const cues = readVtt(after).blocks.flatMap((block) => (block.kind === "cue" ? [block] : []));
    const words = cues.map(({ lines }) => lines.join(" "));
    // A sentence where somebody has written something is not written again.
    assert.deepEqual(words.filter((text) => !text.startsWith("[")), ["My name is Maria.", "Written by a person.", "I like to eat soup."]);
    assert.ok(words.some((text) => /^\[.+\]$/.test(text)), words.join("; "));
    assert.ok(cues.every(({ startMs }, i) => i === 0 || startMs >= (cues[i - 1]?.endMs ?? 0)), "none over another");
    assert.match(after, /NOTE [^]*written by models, in brackets what is seen: micro [^]*what is said: speech: whisper-micro/);
    await vscode.commands.executeCommand("undo");
    await eventually("one step that can be undone", () => document.getText() === before);
  });

  it("are stretched between two points, and counted anew", async () => {
    const before = "4\n00:00:01,000 --> 00:00:02,000\nfirst\n\n4\n00:00:05,000 --> 00:00:06,000\nsecond\n";
    const editor = await open("stretch.srt", before);
    await vscode.commands.executeCommand("vqa.stretchSubtitles");
    for (const [title, typed] of [["(1 of 2)", "0:01"], ["(2 of 2)", "0:09"]] as const) {
      await inBrowser(async ({ page }, [part, text]) => {
        await page.locator(".quick-input-widget:visible .quick-input-title", { hasText: part }).waitFor();
        const box = page.locator(".quick-input-widget:visible input.input");
        await box.fill(text);
        await box.press("Enter");
      }, [title, typed] as const);
    }
    await until(() => editor.document.getText() === before.replace("00:00:02,000", "00:00:03,000").replace("00:00:05,000 --> 00:00:06,000", "00:00:09,000 --> 00:00:11,000"));
    await vscode.commands.executeCommand("vqa.renumberSubtitles");
    await until(() => /^1\n[^]*\n\n2\n/.test(editor.document.getText()));
    await vscode.commands.executeCommand("undo");
    await until(() => /^4\n[^]*\n\n4\n/.test(editor.document.getText()));
  });

  it("are put right all at once when the file is saved, for those who set it so", async () => {
    const settings = vscode.workspace.getConfiguration("editor");
    await settings.update("codeActionsOnSave", { "source.fixAll.vqa": "explicit" }, vscode.ConfigurationTarget.Global);
    try {
      const { document } = await open("saved.srt", SRT);
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(2, 0), "The ");
      assert.ok(await vscode.workspace.applyEdit(edit));
      assert.ok(await document.save());
      assert.equal(document.getText(), SRT.replace("first", "The first").replace("00:00:03,000", "00:00:02,817"));
    } finally {
      await settings.update("codeActionsOnSave", undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it("are proposed while somebody types, where a cue has no words yet", async () => {
    const editor = await open("shapes.typed.vtt", "WEBVTT\n\n00:04.000 --> 00:08.000\n\n\n00:12.000 --> 00:13.000\nspoken\n");
    editor.selection = new vscode.Selection(3, 0, 3, 0);
    await vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
    await inBrowser(async ({ page }) => page.locator(".ghost-text, .ghost-text-decoration").first().waitFor({ timeout: 90_000 }), undefined);
    assert.equal(editor.document.lineAt(3).text, "", "nothing is written before");
    await vscode.commands.executeCommand("editor.action.inlineSuggest.commit");
    await until(() => editor.document.lineAt(3).text !== "");
    assert.match(editor.document.getText(), /^WEBVTT\n\n00:04\.000 --> 00:08\.000\n(?:.+\n){1,2}\n\n?00:12/);
  });

  it("are proposed in a cell of a notebook, where no other cell has any", async () => {
    const source = "VQA 1\nvideo: shapes.mp4\n\n00:00.000 --> 00:03.000\nspoken\n\nQ: What?\n\n00:08.000 --> 00:09.000\nspoken again\n";
    writeFileSync(path("demo", "cues.vqa"), source);
    const { notebook } = await openNotebook("demo", "cues.vqa");
    const last = notebook.getCells().findLast(({ document }) => document.languageId === "vqa-cues");
    assert.ok(last !== undefined);
    const before = last.document.getText();
    (vscode.window.activeNotebookEditor as vscode.NotebookEditor).selection = new vscode.NotebookRange(last.index, last.index + 1);
    await vscode.commands.executeCommand("notebook.cell.edit");
    await until(() => vscode.window.activeTextEditor?.document === last.document);
    await answer("vqa.describeVideo", "0:00..0:08");
    await inBrowser(async ({ page }) => page.getByRole("button", { name: "Apply", exact: true }).first().waitFor({ timeout: 90_000 }), undefined);
    assert.equal(last.document.getText(), before, "nothing changes before");
    await screenshot("proposed-in-a-cell");
    await inBrowser(async ({ page }) => {
      await page.locator(".bulk-edit-panel .monaco-list-row .edit-checkbox").first().click();
      await page.getByRole("button", { name: "Apply", exact: true }).first().click();
    }, undefined);
    await until(() => last.document.getText() !== before);
    assert.match(last.document.getText(), /NOTE The next (?:cue was|\d cues were) written[^]*\n00:00:03\.083 --> [^]*\n00:08\.000 --> 00:09\.000\nspoken again$/);
    assert.ok(await notebook.save());
  });
});
