import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EditorWindow } from "../window.js";

export function describeWeb(get: () => EditorWindow): void {
  describe("in the browser's own extension host, without a machine behind it", () => {
    before(async () => {
      const window = get();
      window.setSettings({ "remote.extensionKind": { "vqa.vqa": ["web"] } });
      await window.load();
      await window.until("the end of the server", () => window.processes().length === 0).catch((error: unknown) => {
        throw new Error(`${String(error)}:\n${window.processes().join("\n")}`);
      });
    });

    it("opens a notebook, tells what is wrong in it, and saves it byte for byte", async () => {
      const window = get();
      const { page } = window;
      const file = join(window.workspace, "web.vqa");
      const before = readFileSync(file, "utf8");
      await window.openFile("web.vqa");
      const cell = window.cell("web.vqa", "circle");
      await cell.click();
      await page.keyboard.press("Control+End");
      await page.keyboard.type(" Say it.");
      // The second question of the same name, told by the language server in a worker of the page.
      await page.locator('.cell.code .monaco-editor[data-uri*="/web.vqa#"] .squiggly-error').first().waitFor();
      await window.screenshot("web");
      await page.keyboard.press("Control+S");
      await window.until("the change in the file, and no other", () => readFileSync(file, "utf8") === before.replace("circle?", "circle? Say it."));
      assert.deepEqual(window.processes(), []);
    });

    it("offers what works there, and opens the notebook as text with highlighting and an outline", async () => {
      const window = get();
      const { page } = window;
      await window.command("VQA: Als Text öffnen");
      await page.locator(".editor-instance .monaco-editor .view-line", { hasText: "VQA 1" }).first().waitFor();
      await page.locator(".editor-instance .monaco-editor").first().click();
      await page.keyboard.press("Control+Home");
      await page.keyboard.press("Control+Shift+O");
      await page.locator(".quick-input-list .monaco-list-row", { hasText: "colour" }).first().waitFor();
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+W");
    });
  });
}
