import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as vscode from "vscode";
import { parse, readNotebook, runId } from "../../../server/src/format/index.js";
import { bytes, closeAll, inBrowser, openNotebook, path, screenshot } from "./support.js";

const RUN8 = runId([["model", "micro"]]);
const RUN = `RUN ${RUN8}\n  model: micro\n`;
const said = (text: string, in12 = "0123456789ab"): string => `M ${RUN8} ${in12}: ${text}`;

/** Waits for what has to come; says what was there instead. */
async function eventually<T>(what: string, look: () => T | undefined | false): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > end) throw new Error(`It did not come to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function write(name: string, text: string): void {
  mkdirSync(path("dataset"), { recursive: true });
  writeFileSync(path("dataset", name), text);
}

const set = (name: string, value: unknown): Thenable<void> => vscode.workspace.getConfiguration("vqa").update(name, value, vscode.ConfigurationTarget.Global);

/** In the page that is a sheet, which is the one with a status in its header. */
async function inSheet<R>(does: "wait" | "press" | "text", words: string): Promise<R> {
  return inBrowser(
    async ({ page }, [what, wanted]) => {
      const end = Date.now() + 60_000;
      let seen = "";
      while (Date.now() < end) {
        for (const frame of page.frames()) {
          const status = frame.locator("header > p.status[role=status]");
          if ((await status.count().catch(() => 0)) === 0 || !(await status.isVisible().catch(() => false))) continue;
          if (what === "text") return (await frame.locator("body").innerText()) as unknown;
          if (what === "press") {
            const button = frame.getByRole("button", { name: wanted, exact: true }).first();
            if ((await button.count().catch(() => 0)) === 0) continue;
            await button.click();
            return undefined;
          }
          seen = (await status.innerText().catch(() => "")) ?? "";
          if (seen.includes(wanted)) return undefined;
        }
        await page.waitForTimeout(50);
      }
      throw new Error(`No sheet had "${wanted}"; the last said "${seen}".`);
    },
    [does, words] as const,
  ) as Promise<R>;
}
const sheetSays = (status: string): Promise<void> => inSheet("wait", status);
const pressIn = (button: string): Promise<void> => inSheet("press", button);
const sheetText = (): Promise<string> => inSheet("text", "");

/** Of a list that the editor shows. */
async function pickItem(label: string): Promise<void> {
  await inBrowser(async ({ page }, wanted) => {
    const box = page.locator(".quick-input-widget:visible input.input");
    await box.waitFor({ timeout: 60_000 });
    await box.fill(wanted);
    await page.locator(".quick-input-list .monaco-list-row", { hasText: wanted }).first().waitFor({ timeout: 60_000 });
    await box.press("Enter");
  }, label);
}

describe("datasets", () => {
  afterEach(closeAll);

  describe("annotating", () => {
    const TEXT = [
      "VQA 1\nvideo: ../demo/shapes.mp4\n",
      `Q one: What is the code?\n${said("472.")}\n`,
      "Q two: Which colour?\n  - [ ] red\n  - [x] blue\n",
      `Q three: Which shape?\n  - [ ] a square\n  - [ ] a star\n${said("(B) a star", "ba9876543210")}\n`,
      "Q four: What do they eat?\n",
      RUN,
    ].join("\n");

    it("goes from one unanswered question to the next by a key, around the end, and says how many are left", async () => {
      write("walk.vqa", TEXT);
      const editor = await openNotebook("dataset", "walk.vqa");
      await vscode.commands.executeCommand("notebook.focusTop");
      const visited: number[] = [];
      for (let i = 0; i < 3; i++) {
        const before = editor.selection.start;
        await inBrowser(async ({ page }) => page.keyboard.press("Alt+N"), undefined);
        visited.push(await eventually("another cell is selected", () => editor.selection.start !== before && editor.selection.start));
      }
      // The first cell is unanswered itself: a step leads away from it.
      assert.deepEqual(visited, [2, 3, 0]);
      await inBrowser(async ({ page }) => page.getByText("On from the beginning. 3 questions are unanswered.").first().waitFor({ timeout: 30_000 }), undefined);
      await vscode.commands.executeCommand("vqa.previousUnanswered");
      await eventually("the last unanswered question is selected", () => editor.selection.start === 3);
    });

    it("accepts a model's answer by a click on it, goes on, and leaves the model's line as it is", async () => {
      write("accept.vqa", TEXT);
      const editor = await openNotebook("dataset", "accept.vqa");
      await inBrowser(async ({ page }) => {
        const outputs = page.frameLocator("iframe.webview").frameLocator("#active-frame");
        await outputs.getByRole("group", { name: "This answer: 472." }).getByRole("button", { name: "Accept", exact: true }).click({ timeout: 60_000 });
      }, undefined);
      const [first] = editor.notebook.getCells();
      await eventually("the answer is written", () => first?.document.getText() === "Q one: What is the code?\nA: 472.");
      await eventually("the next unanswered question is selected", () => editor.selection.start === 2);
      await screenshot("annotating");
      await vscode.commands.executeCommand("vqa.acceptAnswer");
      await eventually("the choice is marked", () => editor.notebook.cellAt(2).document.getText().includes("- [x] a star"));
      assert.ok(await editor.notebook.save());
      assert.equal(bytes("dataset", "accept.vqa").toString(), TEXT.replace("the code?\n", "the code?\nA: 472.\n").replace("[ ] a star", "[x] a star"));
    });

    it("writes under the annotator's name, and undoes a rejection in one step", async () => {
      write("reject.vqa", TEXT);
      await set("annotate.author", "ann");
      await set("annotate.advance", false);
      try {
        const editor = await openNotebook("dataset", "reject.vqa");
        editor.selection = new vscode.NotebookRange(0, 1);
        await vscode.commands.executeCommand("vqa.rejectAnswer");
        await eventually("the output is gone", () => editor.notebook.cellAt(0).outputs.length === 0);
        editor.selection = new vscode.NotebookRange(0, 1);
        await vscode.commands.executeCommand("undo");
        await eventually("the output is back", () => editor.notebook.cellAt(0).outputs.length === 1);
        await vscode.commands.executeCommand("vqa.rejectAnswer");
        editor.selection = new vscode.NotebookRange(3, 4);
        const writing = vscode.commands.executeCommand("vqa.writeAnswer");
        await inBrowser(async ({ page }) => {
          const box = page.locator(".quick-input-widget:visible input.input");
          await box.waitFor();
          await box.fill("butter");
          await box.press("Enter");
        }, undefined);
        await writing;
        assert.ok(await editor.notebook.save());
        const { questions } = readNotebook(parse(bytes("dataset", "reject.vqa").toString()));
        assert.deepEqual(questions.map(({ answers }) => answers.length), [0, 0, 1, 0]);
        assert.deepEqual(questions[3]?.references.map(({ author, text }) => [author, text]), [["ann", "butter"]]);
      } finally {
        await set("annotate.author", undefined);
        await set("annotate.advance", undefined);
      }
    });

    it("works in the text view: lenses on the model's line, the key, and one undoable edit", async () => {
      write("text.vqa", TEXT);
      const uri = vscode.Uri.file(path("dataset", "text.vqa"));
      await vscode.commands.executeCommand("vscode.openWith", uri, "default");
      const editor = await eventually("the text is shown", () => vscode.window.activeTextEditor?.document.uri.toString() === uri.toString() && vscode.window.activeTextEditor);
      await inBrowser(async ({ page }) => page.locator(".codelens-decoration").getByText("Accept", { exact: true }).first().click({ timeout: 60_000 }), undefined);
      await eventually("the answer is written", () => editor.document.getText().includes("the code?\nA: 472.\nM "));
      await eventually("the cursor is on the next unanswered question", () => editor.document.lineAt(editor.selection.active.line).text.startsWith("Q three"));
      await screenshot("annotating-text");
      await vscode.commands.executeCommand("undo");
      await eventually("it is as it was", () => editor.document.getText() === TEXT);
    });
  });

  describe("import and export", () => {
    it("show what will come out, write nothing before it is accepted, and then just that", async () => {
      const records = [{ id: 1, video_id: "shapes", question: "what is cut?", answer: "onion", rating: 5 }, { id: 2, video_id: "other", question: "who cuts?", answer: "woman" }];
      write("msvd.json", JSON.stringify(records));
      await vscode.commands.executeCommand("vqa.importDataset", vscode.Uri.file(path("dataset", "msvd.json")));
      // MSVD-QA and MSRVTT-QA look the same: somebody has to say.
      await sheetSays("could be of several formats");
      await pressIn("Format\u2026");
      await pickItem("MSVD-QA");
      await sheetSays("Nothing has been written yet.");
      const shown = await sheetText();
      for (const part of ["MSVD-QA", "Questions", "shapes.vqa", "other.vqa", "Q 1: what is cut?", "2 of the videos are not in"]) assert.ok(shown.includes(part), `${part} in ${shown}`);
      assert.ok(!existsSync(path("dataset", "msvd")));
      await screenshot("import-preview");
      await pressIn("Write 2 Notebooks");
      await eventually("the notebooks are written", () => existsSync(path("dataset", "msvd", "other.vqa")));
      assert.match(readFileSync(path("dataset", "msvd", "other.vqa"), "utf8"), /^VQA 1\nvideo: other\n[^]*Q 2: who cuts\?\nA: woman\n$/);
    });

    it("export what the editor holds, with what the target cannot hold, and stop at Cancel", async () => {
      write("out.vqa", "VQA 1\nvideo: ../demo/shapes.mp4\n\n# Part one\n\nQ one: What is the code?\nA ann: 472\n");
      const { notebook } = await openNotebook("dataset", "out.vqa");
      const edit = new vscode.WorkspaceEdit();
      edit.replace(notebook.cellAt(1).document.uri, new vscode.Range(0, 0, 0, 99), "Q one: What is the number?");
      assert.ok(await vscode.workspace.applyEdit(edit));
      const open = async (): Promise<void> => {
        const exporting = vscode.commands.executeCommand("vqa.exportNotebooks", notebook.uri);
        await pickItem("MSVD-QA");
        await exporting;
        await sheetSays("Nothing has been written yet.");
      };
      await open();
      const shown = await sheetText();
      for (const part of ["What is the number?", "heading", "name of who answered", "out.json"]) assert.ok(shown.includes(part), `${part} in ${shown}`);
      await screenshot("export-preview");
      await pressIn("Cancel");
      assert.ok(!existsSync(path("dataset", "out.json")));
      await open();
      await pressIn("Write the File");
      await eventually("the file is written", () => existsSync(path("dataset", "out.json")));
      assert.equal((JSON.parse(readFileSync(path("dataset", "out.json"), "utf8")) as { question: string }[])[0]?.question, "What is the number?");
    });
  });
});
