import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EditorWindow } from "../window.js";

const TEXT = "VQA 1\nvideo: old.avi\n\n@ 00:02..00:06 first\n\n@ 00:10..00:20 second\n";

const CLEAR = "VQA: Zwischengespeichertes zu Videos entfernen …";

/** In a window of its own: those of the tests show no dialogs, and must not be loaded anew. */
export function describePreview(get: () => EditorWindow): void {
  describe("the video preview", () => {
    const time = (window: EditorWindow): Promise<string | null> => window.inFrame("#video", (frame) => frame.locator("#time").textContent(), undefined);
    before(function () {
      if (spawnSync("ffmpeg", ["-version"]).status !== 0) return this.skip();
      const folder = get().workspace;
      execFileSync("ffmpeg", ["-nostdin", "-loglevel", "error", "-y", "-i", join(folder, "demo", "shapes.mp4"), "-c:v", "mpeg4", "-threads", "1", join(folder, "demo", "old.avi")]);
      writeFileSync(join(folder, "demo", "reloaded.vqa"), TEXT);
    });

    it("comes back where it was after the window is loaded anew, with its document and its copy", async () => {
      const window = get();
      await window.openFile("reloaded.vqa");
      await window.cell("reloaded.vqa", "second").waitFor();
      await window.command("VQA: Videovorschau öffnen");
      await window.inFrame("#lanes button", (frame) => frame.locator("#lanes button", { hasText: "second" }).click(), "second");
      await window.until("the second segment", async () => (await time(window)) === "00:00:10.000");
      await window.until("the copy", async () => /-all-/.test((await window.inFrame("#video", (frame) => frame.locator("#video").evaluate((video: { currentSrc?: string }) => video.currentSrc))) ?? ""));
      // As a user does it: a page that is only left does not wait for the workbench to write down what was open.
      await window.reload();
      await window.inFrame("#lanes button", (frame) => frame.locator("#lanes button", { hasText: "first" }).waitFor(), "first");
      await window.until("the second segment again", async () => (await time(window)) === "00:00:10.000");
      const source = await window.inFrame("#video", (frame) => frame.locator("#video").evaluate((video: { currentSrc?: string }) => video.currentSrc));
      assert.match(source ?? "", /[0-9a-f]{64}-all-\d+\.(mp4|webm)$/);
      await window.screenshot("preview-reloaded");
    });

    it("leaves copies that a command removes, after it has said how much that is", async () => {
      const window = get();
      await window.command(CLEAR);
      const dialog = window.page.locator(".monaco-dialog-box");
      await dialog.waitFor();
      const said = await dialog.innerText();
      assert.match(said, /[\d.]+ [KM]iB entfernen, die VQA von Videos zwischengespeichert hat\?[^]*Abspielbare Kopien: [\d.]+ [KM]iB/);
      await window.screenshot("clear-cache");
      await dialog.locator(".monaco-button", { hasText: "Entfernen" }).first().click();
      await dialog.waitFor({ state: "detached" });
      await window.command(CLEAR);
      await window.page.locator(".notifications-toasts, .notifications-center").getByText("Von Videos ist nichts zwischengespeichert.").first().waitFor();
      await window.command("Notifications: Clear All Notifications");
    });
  });
}
