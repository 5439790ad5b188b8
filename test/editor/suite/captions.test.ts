import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import * as vscode from "vscode";
import { closeAll, inBrowser, path, screenshot, until } from "./support.js";

const SRT = "1\n00:00:01,000 --> 00:00:03,000\nfirst\n\n2\n00:00:02,900 --> 00:00:05,000\nsecond\n";

describe("subtitles", () => {
  afterEach(closeAll);

  async function open(name: string, text: string): Promise<vscode.TextEditor> {
    writeFileSync(path("demo", name), text);
    return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(vscode.Uri.file(path("demo", name))));
  }

  /** Starts a command that asks for something, and types the answer. */
  async function answer(command: string, text: string): Promise<void> {
    await vscode.commands.executeCommand(command);
    await inBrowser(async ({ page }, typed) => {
      const box = page.locator(".quick-input-widget:visible input.input");
      await box.waitFor();
      await box.fill(typed);
      await box.press("Enter");
    }, text);
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
});
