import assert from "node:assert/strict";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import type { EditorWindow } from "../window.js";

export function describeRestricted(get: () => EditorWindow): void {
  describe("a folder that nobody trusts yet, and a display in German", () => {
    it("opens a notebook, which can be edited, and runs nothing", async () => {
      const window = get();
      const { page } = window;
      const before = readFileSync(join(window.workspace, "restricted.vqa"), "utf8");
      await window.openFile("restricted.vqa");
      const cell = window.cell("restricted.vqa", "circle");
      await cell.click();
      await page.keyboard.press("Control+End");
      await page.keyboard.type(" Please.");
      await page.keyboard.press("Control+S");
      await window.until("the change in the file", () => readFileSync(join(window.workspace, "restricted.vqa"), "utf8") === before.replace("circle?", "circle? Please."));
      await offers(window, "Als Text öffnen", true);
      await window.screenshot("restricted");
      for (const running of ["Videovorschau öffnen", "Alle veralteten Fragen stellen", "Modell holen …", "Untertitel verschieben", "Fragen zu einem Video stellen"]) await offers(window, running, false);
      assert.deepEqual(window.processes(), []);
      await page.keyboard.press("Escape");
    });

    it("says what works before it is trusted", async () => {
      const window = get();
      await window.command("Extensions: Show Installed Extensions");
      await window.page.locator(".extensions-list .monaco-list-row", { hasText: "VQA" }).first().click();
      await window.screenshot("restricted-extension");
      await window.page.locator(".extension-editor", { hasText: "Fragen werden nur in vertrauenswürdigen Arbeitsbereichen gestellt." }).waitFor();
      await window.page.keyboard.press("Control+W");
    });

    it("is served at once when it is trusted, without a reload", async () => {
      const window = get();
      const { page } = window;
      // The extension is there for whoever has opened a notebook.
      await window.openFile("restricted.vqa");
      await window.cell("restricted.vqa", "circle").waitFor();
      await page.evaluate("globalThis.vqaSameWindow = true");
      await window.command("Workspaces: Manage Workspace Trust");
      await page.locator(".workspace-trust-editor .workspace-trust-limitations.trusted .monaco-button").first().click();
      await window.until("the server of the extension", () => window.processes().length > 0);
      await page.keyboard.press("Control+W");
      await window.openFile("restricted.vqa");
      await window.cell("restricted.vqa", "circle").waitFor();
      await offers(window, "Videovorschau öffnen", true);
      await page.keyboard.press("Escape");
      assert.equal(await page.evaluate("globalThis.vqaSameWindow"), true);
    });

    it("answers then, and says what it did in German", async () => {
      const window = get();
      await window.trust();
      await window.openNotebook("restricted.vqa", "circle");
      await window.runCell("restricted.vqa", "circle");
      const summary = await window.inFrame("details summary", (frame) => frame.locator("details summary").first().innerText(), "micro");
      assert.match(summary, /^micro · .* · \d+ Bilder/);
      assert.match(summary, / (\d+ ms|\d+,\d s) /, "numbers are German, too");
      await window.inFrame("details summary", (frame) => frame.locator("details summary").first().click());
      const headings = await window.inFrame("details[open] h4", (frame) => frame.locator("h4").allInnerTexts());
      assert.ok(headings.includes("Bilder") && headings.includes("Wie sie entstanden ist"), headings.join(", "));
      await window.screenshot("german");
      await window.cell("restricted.vqa", "circle").click();
      await window.page.keyboard.press("Control+S");
      await window.until("the answer in the file", () => /^M /m.test(readFileSync(join(window.workspace, "restricted.vqa"), "utf8")));
    });

    it("says in German why a question cannot be answered", async () => {
      const window = get();
      await window.trust();
      await window.openNotebook("gone.vqa", "circle");
      await window.runCell("gone.vqa", "circle");
      const said = await window.inFrame(".output", (frame) => frame.locator(".output", { hasText: "Es gibt keine Datei" }).first().innerText(), "Es gibt keine Datei");
      assert.match(said, /Es gibt keine Datei [^]*gone\.mp4\. Prüfen Sie den Pfad des Videos\./);
      await window.screenshot("german-error");
      await window.cell("gone.vqa", "circle").click();
      await window.page.keyboard.press("Control+S");
      await window.page.keyboard.press("Control+W");
    });
  });
}

async function offers(window: EditorWindow, title: string, wanted: boolean): Promise<void> {
  const offered = await window.offers(`>VQA: ${title}`);
  assert.equal(offered.some((name) => name.startsWith(`VQA: ${title}`)), wanted, `${title}: ${offered.join("\n")}`);
}
