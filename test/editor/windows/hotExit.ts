import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EditorWindow } from "../window.js";

export function describeHotExit(get: () => EditorWindow): void {
  describe("a notebook with unsaved changes", () => {
    it("comes back after the window was loaded anew, and is saved with every other byte as it was", async () => {
      const window = get();
      const { page } = window;
      const file = join(window.workspace, "hot.vqa");
      const before = readFileSync(file, "utf8");
      const wanted = before.replace("circle?", "circle? Say it.");
      await window.openFile("hot.vqa");
      await window.cell("hot.vqa", "circle").click();
      await page.keyboard.press("Control+Home");
      await page.keyboard.press("End");
      await page.keyboard.type(" Say it.");
      await dirty(window).waitFor();
      assert.equal(readFileSync(file, "utf8"), before);
      // A little later: until then the editor asks before it lets the window go.
      await window.until("the editor's copy of the changes", () => window.backups().some((copy) => copy.includes("Say it.")));
      await window.load();
      await dirty(window).waitFor();
      await window.cell("hot.vqa", "Say it.").waitFor();
      assert.equal(readFileSync(file, "utf8"), before);
      await window.screenshot("hot-exit");
      await window.cell("hot.vqa", "Say it.").click();
      await page.keyboard.press("Control+S");
      await window.until("the change in the file, and no other", () => readFileSync(file, "utf8") === wanted);
    });
  });
}

function dirty({ page }: EditorWindow): ReturnType<EditorWindow["page"]["locator"]> {
  return page.locator(".tabs-container .tab.dirty", { hasText: "hot.vqa" });
}
