import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import * as vscode from "vscode";
import { eventually, inPage, open, press, seen, select, TEXT } from "./previewPage.js";
import { closeAll, inBrowser, openNotebook, path, screenshot, until } from "./support.js";

const ffmpeg = (...args: readonly string[]): void => void execFileSync("ffmpeg", ["-nostdin", "-loglevel", "error", "-y", ...args]);
const WEBM = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-threads", "1"];

interface AnyPage {
  readonly document: { querySelector(selector: string): any };
  getComputedStyle(element: unknown): Record<string, string>;
}

/** Which file plays. */
const source = (): Promise<string | undefined> => inPage(() => (globalThis as unknown as AnyPage).document.querySelector("video").currentSrc as string);

/** The time that is told, which counts from the first frame. */
const shown = (): Promise<string | undefined> => inPage(() => (globalThis as unknown as AnyPage).document.querySelector("#time").textContent as string);

describe("the video preview's times", function () {
  before(function () {
    // Films for these tests are made by the program.
    if (spawnSync("ffmpeg", ["-version"]).status !== 0) this.skip();
  });
  afterEach(closeAll);

  it("count from the first frame, in a file that begins later: in the picture, the captions and the document", async () => {
    ffmpeg("-itsoffset", "1.5", "-i", path("demo", "shapes.mp4"), "-c", "copy", "-avoid_negative_ts", "disabled", path("demo", "later.mkv"));
    ffmpeg("-i", path("demo", "later.mkv"), ...WEBM, "-copyts", "-t", "8", path("demo", "later.webm"));
    writeFileSync(path("demo", "preview-later.vqa"), "VQA 1\nvideo: later.webm\n\n@ 00:02..00:04 part\n\n00:04.900 --> 00:05.300\nAt five\n\nQ @ 00:05: What?\n");
    const editor = await openNotebook("demo", "preview-later.vqa");
    await vscode.commands.executeCommand("vqa.openPreview");
    await seen(({ durationMs }) => durationMs > 6000);
    const question = editor.notebook.getCells().findIndex(({ document }) => document.getText().startsWith("Q @"));
    select(editor, question);
    // The player's own clock says 1.52 s at the first frame.
    await seen(({ timeMs, caption }) => timeMs === 6520 && caption === "At five");
    assert.equal(await shown(), "00:00:05.000");
    await press("m");
    await until(() => editor.notebook.getCells().some(({ document }) => document.getText() === "@ 00:00:05.000"));
  });

  it("step by the file's own frames, however uneven they are", async () => {
    // Frame N at 20 N + 3 N^2 ms.
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25:duration=2", "-vf", "settb=1/1000,setpts='20*N+3*N*N'", "-fps_mode", "vfr", "-enc_time_base", "1/1000", ...WEBM, path("demo", "uneven.webm"));
    writeFileSync(path("demo", "preview-uneven.vqa"), "VQA 1\nvideo: uneven.webm\n\nQ: What?\n");
    const editor = await openNotebook("demo", "preview-uneven.vqa");
    await vscode.commands.executeCommand("vqa.openPreview");
    await seen(({ durationMs }) => durationMs > 5000);
    const marked = (time: string) => until(() => editor.notebook.getCells().some(({ document }) => document.getText() === `@ ${time}`));
    await press(".", "m");
    await marked("00:00:00.023");
    await press(".", ".", ".", ".", ".", "m");
    await marked("00:00:00.228");
    await press(",", ",", "m");
    await marked("00:00:00.128");
  });

  it("snap to the nearest cut with Shift, as edits that can be undone", async () => {
    const colours = [["red", "2"], ["blue", "2.52"], ["lime", "3"]].flatMap(([colour, seconds]) => ["-f", "lavfi", "-i", `color=${colour}:size=160x96:rate=25:duration=${seconds}`]);
    ffmpeg(...colours, "-filter_complex", "concat=n=3", ...WEBM, path("demo", "cuts.webm"));
    writeFileSync(path("demo", "preview-cuts.vqa"), "VQA 1\nvideo: cuts.webm\n\n@ 00:01.600..00:04.100 blue\n");
    const editor = await openNotebook("demo", "preview-cuts.vqa");
    await vscode.commands.executeCommand("vqa.openPreview");
    await seen(({ durationMs }) => durationMs > 7000);
    const { document } = editor.notebook.cellAt(0);
    const go = (ms: number) => vscode.commands.executeCommand("vqa.play", { video: vscode.Uri.file(path("demo", "cuts.webm")).toString(), spans: [{ startMs: ms, endMs: ms }], still: true });
    await go(1600);
    await seen(({ timeMs }) => timeMs === 1600);
    await press("Shift+I");
    await until(() => document.getText() === "@ 00:00:02.000..00:00:04.100 blue");
    await go(4100);
    await seen(({ timeMs }) => timeMs === 4100);
    await press("Shift+O");
    await until(() => document.getText() === "@ 00:00:02.000..00:00:04.520 blue");
    await vscode.commands.executeCommand("workbench.action.focusFirstEditorGroup");
    select(editor, 0);
    await vscode.commands.executeCommand("notebook.cell.edit");
    await until(() => vscode.window.activeTextEditor?.document === document);
    await vscode.commands.executeCommand("undo");
    await until(() => document.getText() === "@ 00:00:02.000..00:00:04.100 blue");
  });
});

describe("the video preview's copies", function () {
  before(function () {
    if (spawnSync("ffmpeg", ["-version"]).status !== 0) this.skip();
  });
  afterEach(closeAll);

  it("play HEVC in Matroska, and one that is being made is stopped by the button", async function () {
    if (!/\slibx265\s/.test(spawnSync("ffmpeg", ["-hide_banner", "-encoders"], { encoding: "utf8" }).stdout)) return this.skip();
    ffmpeg("-i", path("demo", "shapes.mp4"), "-f", "lavfi", "-i", "sine=duration=32", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:pools=1:frame-threads=1", "-pix_fmt", "yuv420p10le", "-c:a", "aac", "-threads", "1", path("demo", "hevc.mkv"));
    const editor = await open("preview-hevc.vqa", TEXT.replace("shapes.mp4", "hevc.mkv"));
    select(editor, 3);
    // The sound begins a little earlier than the pictures, and so does the copy's clock: times count from the first picture.
    await eventually(async () => ((await shown()) === "00:00:10.000" ? true : undefined));
    const { notice } = await seen(({ timeMs }) => timeMs >= 10_000 && timeMs < 10_100);
    assert.equal(notice, "");
    assert.match((await source()) ?? "", /[0-9a-f]{64}-all-\d+\.(mp4|webm)$/);
    await closeAll();

    ffmpeg("-stream_loop", "120", "-i", path("demo", "hevc.mkv"), "-c", "copy", path("demo", "long.mkv"));
    writeFileSync(path("demo", "preview-cancel.vqa"), TEXT.replace("shapes.mp4", "long.mkv"));
    await openNotebook("demo", "preview-cancel.vqa");
    await vscode.commands.executeCommand("vqa.openPreview");
    await seen((now) => /copy that it can is being made/.test(now.notice));
    await inBrowser(async ({ page }) => {
      for (const frame of page.frames()) if ((await frame.$("#video").catch(() => null)) !== null) await frame.locator("#notice button").click({ timeout: 20_000 });
    }, undefined);
    await seen((now) => /no copy was made/.test(now.notice));
    await screenshot("preview-cancelled");
  });
});

describe("the video preview in its window", () => {
  afterEach(closeAll);

  it("takes its colours from the theme, and marks by borders in high contrast", async () => {
    const themes = vscode.workspace.getConfiguration("workbench");
    const before = themes.get<string>("colorTheme");
    await open("preview-theme.vqa");
    const colours = () =>
      inPage(() => {
        const { document: page, getComputedStyle: style } = globalThis as unknown as AnyPage;
        return { stage: style(page.querySelector("#stage"))["backgroundColor"], button: style(page.querySelector("#in"))["borderTopColor"] };
      });
    try {
      await themes.update("colorTheme", "Default Light Modern", vscode.ConfigurationTarget.Global);
      await eventually(async () => ((await colours())?.stage === "rgb(255, 255, 255)" ? true : undefined));
      assert.equal((await colours())?.button, "rgba(0, 0, 0, 0)");
      await themes.update("colorTheme", "Default High Contrast", vscode.ConfigurationTarget.Global);
      await eventually(async () => ((await colours())?.stage === "rgb(0, 0, 0)" ? true : undefined));
      assert.notEqual((await colours())?.button, "rgba(0, 0, 0, 0)");
      await screenshot("preview-high-contrast");
    } finally {
      await themes.update("colorTheme", before, vscode.ConfigurationTarget.Global);
    }
  });
});
