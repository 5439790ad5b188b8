import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EditorWindow } from "../window.js";

const CLEAR = "VQA: Zwischengespeichertes zu Videos entfernen …";

/** In a window of its own: those of the tests show no dialogs. */
export function describeCache(get: () => EditorWindow): void {
  describe("what is kept of videos", () => {
    before(async () => {
      const window = get();
      writeFileSync(join(window.workspace, "kept.vqa"), "VQA 1\nvideo: demo/shapes.mp4\n\nQ: What is the code, please?\n");
      await window.trust();
    });

    it("is removed by a command, after it has said how much that is, and only by those who agree", async () => {
      const window = get();
      const { page } = window;
      const dialog = page.locator(".monaco-dialog-box");
      await window.openNotebook("kept.vqa", "please");
      await window.runCell("kept.vqa", "please");
      await window.notebook("kept.vqa").locator(".codicon-notebook-state-success").first().waitFor();
      await window.cell("kept.vqa", "please").click();
      await page.keyboard.press("Control+S");
      await window.until("the answer in the file", () => /^M /m.test(readFileSync(join(window.workspace, "kept.vqa"), "utf8")));
      await window.until("what is kept", () => kept(window).length > 0);

      await window.command(CLEAR);
      await dialog.waitFor();
      assert.match(await dialog.innerText(), /[\d.,]+ [KM]iB entfernen, die VQA von Videos zwischengespeichert hat\?[^]*: [\d.,]+ [KM]iB/);
      await window.screenshot("clear-cache");
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      assert.ok(kept(window).length > 0, "nothing is removed without a word");

      await window.command(CLEAR);
      await dialog.locator(".monaco-button", { hasText: "Entfernen" }).first().click();
      await dialog.waitFor({ state: "detached" });
      await window.until("nothing is kept", () => kept(window).length === 0);
      await page.locator(".notifications-toasts, .notifications-center").getByText(/[\d.,]+ [KM]iB wurden entfernt/).first().waitFor();
      await window.command("Notifications: Clear All Notifications");
      await window.cell("kept.vqa", "please").click();
      await page.keyboard.press("Control+W");
    });
  });
}

/** What can be made again, in the rooms of the extension's storage. */
function kept({ storage }: EditorWindow): readonly string[] {
  try {
    return readdirSync(storage, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() && /^[0-9a-f]{64}/.test(entry.name) ? [join(entry.parentPath, entry.name)] : []));
  } catch {
    return [];
  }
}
