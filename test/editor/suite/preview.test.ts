import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import * as vscode from "vscode";
import { eventually, inPage, look, open, press, seen, select, TEXT } from "./previewPage.js";
import { bytes, closeAll, inBrowser, openNotebook, path, screenshot, until } from "./support.js";

describe("the video preview", () => {
  afterEach(closeAll);

  it("plays the notebook's video, with its cues as captions and its segments below", async () => {
    const editor = await open("preview-play.vqa");
    const { items } = await seen((now) => now.items.length === 3);
    assert.deepEqual(items.map((item) => item.replace("*", "")), ["first", "second", "What happens?"]);
    select(editor, 3);
    await seen(({ timeMs }) => timeMs === 10_000);
    select(editor, 0);
    await seen(({ timeMs, caption, items: now }) => timeMs === 2000 && caption === "Hello there" && now.includes("first*"));
    await screenshot("preview");
    await press("Space");
    const playing = await seen(({ timeMs, paused }) => !paused && timeMs > 2500);
    await press("k");
    const stopped = await seen(({ paused }) => paused);
    assert.ok(stopped.timeMs >= playing.timeMs);
    assert.equal(bytes("demo", "preview-play.vqa").toString(), TEXT);
  });

  it("leads: what is on screen is lit in the document, and completion offers the time first", async () => {
    const editor = await open("preview-lead.vqa");
    select(editor, 3);
    await seen(({ timeMs }) => timeMs === 10_000);
    await inBrowser(async ({ page }) => page.locator(".notebookOverlay .view-overlays [class*='ced-']").first().waitFor({ state: "attached", timeout: 20_000 }), undefined);
    const edit = new vscode.WorkspaceEdit();
    edit.set(editor.notebook.uri, [vscode.NotebookEdit.insertCells(5, [new vscode.NotebookCellData(vscode.NotebookCellKind.Code, "@ ", "vqa")])]);
    assert.ok(await vscode.workspace.applyEdit(edit));
    const { document } = editor.notebook.cellAt(5);
    const offers = await eventually(async () => {
      const list = await vscode.commands.executeCommand<vscode.CompletionList>("vscode.executeCompletionItemProvider", document.uri, new vscode.Position(0, 2));
      return list.items.some(({ label }) => JSON.stringify(label).includes("00:00:10.000")) ? list : undefined;
    });
    assert.ok(offers.items.length > 0);
  });

  it("sets in and out of a segment and adds a marker by keys, each an edit that can be undone", async () => {
    const editor = await open("preview-keys.vqa");
    const { notebook } = editor;
    const cell = notebook.cellAt(3);
    select(editor, 3);
    await seen(({ timeMs }) => timeMs === 10_000);
    await press(".");
    await seen(({ timeMs }) => timeMs === 10_060);
    await press("i");
    await until(() => cell.document.getText() === "@ 00:00:10.040..00:00:20.000 second");
    await press(".", ".", ",", "o");
    await until(() => cell.document.getText() === "@ 00:00:10.040..00:00:10.080 second");
    await press("m");
    const marker = await until(() => notebook.getCells().find((one) => one.document.getText() === "@ 00:00:10.080"));
    assert.equal(marker.index, notebook.cellCount - 1, "it takes no question from a segment");
    await seen(({ items }) => items.length === 4);
    await screenshot("preview-keys");
    await vscode.commands.executeCommand("workbench.action.focusFirstEditorGroup");
    await vscode.commands.executeCommand("notebook.focusTop");
    await vscode.commands.executeCommand("undo");
    await until(() => notebook.cellCount === 5);
    // The editor keeps what was done to a cell's text with the cell.
    select(editor, 3);
    await vscode.commands.executeCommand("notebook.cell.edit");
    await until(() => vscode.window.activeTextEditor?.document === cell.document);
    await vscode.commands.executeCommand("undo");
    await until(() => cell.document.getText() === "@ 00:00:10.040..00:00:20.000 second");
    await vscode.commands.executeCommand("undo");
    await until(() => cell.document.getText() === "@ 00:10..00:20 second");
  });

  it("gives the selected segment a label by its key, and goes on to the next one", async () => {
    await vscode.workspace.getConfiguration("vqa").update("preview.labels", ["goal", "free kick"], vscode.ConfigurationTarget.Workspace);
    const editor = await open("preview-labels.vqa");
    select(editor, 3);
    await seen(({ timeMs }) => timeMs === 10_000);
    select(editor, 0);
    await seen(({ timeMs }) => timeMs === 2000);
    await press("2");
    await until(() => editor.notebook.cellAt(0).document.getText() === "@ 00:02..00:06 free kick");
    await seen(({ timeMs, items }) => timeMs === 10_000 && items.includes("second*"));
    await press("1");
    await until(() => editor.notebook.cellAt(3).document.getText() === "@ 00:10..00:20 goal");
  });

  it("loops the selected segment, and plays what a code lens names up to its end", async () => {
    const editor = await open("preview-loop.vqa", TEXT.replace("00:10..00:20", "00:10..00:10.400"));
    select(editor, 3);
    await seen(({ timeMs }) => timeMs === 10_000);
    await press("Shift+L");
    await seen(({ looping }) => looping === "true");
    await press("Space");
    const times: number[] = [];
    for (let i = 0; i < 40; i++) {
      times.push((await look())?.timeMs ?? 0);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    assert.ok(times.some((time, i) => i > 0 && time < (times[i - 1] ?? 0)), `it went back: ${times.join(" ")}`);
    assert.ok(times.every((time) => time < 10_700));
    await press("k", "Shift+L");
    await seen(({ looping }) => looping === "false");

    const uri = editor.notebook.cellAt(0).document.uri;
    const lens = await eventually(async () => (await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", uri)).find(({ command }) => command?.command === "vqa.play"));
    await vscode.commands.executeCommand("vqa.play", ...(lens.command?.arguments ?? []));
    await seen(({ timeMs, paused }) => !paused && timeMs > 2000 && timeMs < 6000);
    await seen(({ timeMs, paused }) => paused && timeMs >= 6000 && timeMs < 6600);
  });

  it("has its keys only while it has the focus", async () => {
    const editor = await open("preview-focus.vqa");
    await press("Space");
    await seen(({ paused }) => !paused);
    await press("k");
    await vscode.commands.executeCommand("workbench.action.focusFirstEditorGroup");
    select(editor, 1);
    await vscode.commands.executeCommand("notebook.cell.edit");
    await until(() => vscode.window.activeTextEditor?.document === editor.notebook.cellAt(1).document);
    await inBrowser(async ({ page }) => {
      await page.keyboard.press("End");
      await page.keyboard.type(" m l");
    }, undefined);
    await until(() => editor.notebook.cellAt(1).document.getText() === "Q: What is there? m l");
    assert.equal((await look())?.paused, true);
    assert.equal(editor.notebook.cellCount, 5);
  });

  it("plays a copy of what the editor cannot play, made once, with pictures above the timeline", async function () {
    // Only the program writes videos, the one for this test too.
    if (spawnSync("ffmpeg", ["-version"]).status !== 0) return this.skip();
    execFileSync("ffmpeg", ["-nostdin", "-loglevel", "error", "-y", "-i", path("demo", "shapes.mp4"), "-f", "lavfi", "-i", "sine=frequency=300:duration=32", "-c:v", "mpeg4", "-c:a", "mp2", "-threads", "1", path("demo", "old.avi")]);
    const editor = await open("preview-copy.vqa", TEXT.replace("shapes.mp4", "old.avi"));
    select(editor, 3);
    const { notice } = await seen(({ timeMs }) => timeMs === 10_000);
    assert.equal(notice, "");
    const source = await inPage(() => (globalThis as unknown as { document: { querySelector(selector: string): any } }).document.querySelector("video").currentSrc as string);
    assert.match(source ?? "", /[0-9a-f]{64}-all-\d+\.(mp4|webm)$/);
    assert.ok(await eventually(async () => (await inPage(() => (globalThis as unknown as { document: { querySelectorAll(selector: string): { length: number } } }).document.querySelectorAll("#strip canvas").length)) === 10 || undefined));
    const drawn = await eventually(() =>
      inPage(() => {
        const canvas = (globalThis as unknown as { document: { querySelector(selector: string): any } }).document.querySelector("#wave");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height) as { data: Uint8ClampedArray };
        const painted = data.filter((_, i) => i % 4 === 3).reduce((sum, alpha) => sum + Math.min(1, alpha), 0);
        return canvas.width === 600 && painted > 0 ? { part: painted / (canvas.width * canvas.height) } : undefined;
      }),
    );
    // The tone has an eighth of full scale.
    assert.ok(drawn.part > 0.05 && drawn.part < 0.3, `${drawn.part}`);
    await screenshot("preview-copy");
  });

  it("works with the document as text just the same", async () => {
    writeFileSync(path("demo", "preview-text.vqa"), TEXT.replace(/\n/g, "\r\n"));
    await vscode.commands.executeCommand("vscode.openWith", vscode.Uri.file(path("demo", "preview-text.vqa")), "default");
    const editor = await until(() => (vscode.window.activeTextEditor?.document.uri.fsPath === path("demo", "preview-text.vqa") ? vscode.window.activeTextEditor : undefined));
    const { document } = editor;
    await vscode.commands.executeCommand("vqa.openPreview");
    await seen(({ durationMs, items }) => durationMs > 31_000 && items.length === 3);
    const before = document.getText();
    const at = document.positionAt(before.indexOf("second"));
    editor.selection = new vscode.Selection(at, at);
    await seen(({ timeMs, items }) => timeMs === 10_000 && items.includes("second*"));
    await press(".", "i");
    await until(() => document.getText() === before.replace("00:10..00:20", "00:00:10.040..00:00:20.000"));
    await press("m");
    await until(() => document.getText().endsWith("What happens?\r\n\r\n@ 00:00:10.040\r\n"));
    await screenshot("preview-text");
    await vscode.commands.executeCommand("workbench.action.focusFirstEditorGroup");
    await vscode.commands.executeCommand("undo");
    await vscode.commands.executeCommand("undo");
    await until(() => document.getText() === before);
  });

  it("says so when the document names no video", async () => {
    writeFileSync(path("demo", "preview-none.vqa"), "VQA 1\n\nQ: What?\n");
    await openNotebook("demo", "preview-none.vqa");
    await vscode.commands.executeCommand("vqa.openPreview");
    const words = await eventually(() =>
      inPage(() => {
        const { document: page } = globalThis as unknown as { document: { querySelector(selector: string): any } };
        const empty = page.querySelector("#empty");
        return empty.hidden ? undefined : (empty.textContent as string);
      }),
    );
    assert.match(words, /names no video/);
  });
});
