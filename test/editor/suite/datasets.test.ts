import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as vscode from "vscode";
import { parse, readNotebook, runId } from "../../../server/src/format/index.js";
import { canvases, chooseIn, pressIn, rowsIn, sheetSays, sheetText } from "./sheetPage.js";
import { bytes, closeAll, eventually, freezeWorker, inBrowser, notified, openCells, openNotebook, path, pickItem, pressNotice, screenshot, typeIn, workers } from "./support.js";

const RUN8 = runId([["model", "micro"]]);
const RUN = `RUN ${RUN8}\n  model: micro\n`;
const said = (text: string, in12 = "0123456789ab"): string => `M ${RUN8} ${in12}: ${text}`;

/** The first value that lasts: the editor tells of its selections late, and of those that have passed, too. */
async function lasting<T>(what: string, look: () => T | undefined | false): Promise<T> {
  let [last, since] = [await eventually(what, look) as T | undefined | false, Date.now()];
  while (Date.now() - since < 300) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const now = look();
    if (now !== last) [last, since] = [now, Date.now()];
  }
  return last === undefined || last === false ? lasting(what, look) : last;
}

function write(name: string, text: string): void {
  mkdirSync(path("dataset"), { recursive: true });
  writeFileSync(path("dataset", name), text);
}

const set = (name: string, value: unknown): Thenable<void> => vscode.workspace.getConfiguration("vqa").update(name, value, vscode.ConfigurationTarget.Global);

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
        visited.push(await lasting("another cell is selected", () => editor.selection.start !== before && editor.selection.start));
      }
      // The first cell is unanswered itself: a step leads away from it.
      assert.deepEqual(visited, [2, 3, 0]);
      await inBrowser(async ({ page }) => page.getByText("On from the beginning. 3 questions are unanswered.").first().waitFor({ timeout: 30_000 }), undefined);
      await vscode.commands.executeCommand("vqa.previousUnanswered");
      await eventually("the last unanswered question is selected", () => editor.selection.start === 3);
    });

    it("accepts a model's answer by a click on it, goes on, and leaves the model's line as it is", async () => {
      // The outputs of a notebook before may still be on the page, out of sight: what is clicked says something of its own.
      const text = TEXT.replace(": 472.", ": It is 472.");
      write("accept.vqa", text);
      const editor = await openNotebook("dataset", "accept.vqa");
      await inBrowser(async ({ page }) => {
        const end = Date.now() + 60_000;
        while (Date.now() < end) {
          for (const frame of page.frames()) {
            const accept = frame.getByRole("group", { name: "This answer: It is 472." }).getByRole("button", { name: "Accept", exact: true }).first();
            if (await accept.isVisible().catch(() => false)) return accept.click();
          }
          await page.waitForTimeout(50);
        }
        throw new Error("The answer does not show.");
      }, undefined);
      const [first] = editor.notebook.getCells();
      await eventually("the answer is written", () => first?.document.getText() === "Q one: What is the code?\nA: It is 472.");
      await eventually("the next unanswered question is selected", () => editor.selection.start === 2);
      await screenshot("annotating");
      await vscode.commands.executeCommand("vqa.acceptAnswer");
      await eventually("the choice is marked", () => editor.notebook.cellAt(2).document.getText().includes("- [x] a star"));
      assert.ok(await editor.notebook.save());
      assert.equal(bytes("dataset", "accept.vqa").toString(), text.replace("the code?\n", "the code?\nA: It is 472.\n").replace("[ ] a star", "[x] a star"));
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
        await typeIn("butter");
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

  describe("the model", () => {
    it("is asked every unanswered question of a folder; what was answered is in the files, what is open in its cells", async () => {
      const folder = (name: string): string => `ask/${name}`;
      mkdirSync(path("dataset", "ask"), { recursive: true });
      write(folder("a.vqa"), "VQA 1\nvideo: ../../demo/shapes.mp4\n\nQ one: What is the code?\n\nQ two: What do they eat?\n");
      write(folder("b.vqa"), `VQA 1\nvideo: ../../demo/shapes.mp4\n\nQ one: What is the code?\n${said("kept")}\n\n${RUN}`);
      write(folder("c.vqa"), "VQA 1\nvideo: gone.mp4\n\nQ one: What is the code?\n");
      write(folder("open.vqa"), "VQA 1\nvideo: ../../demo/shapes.mp4\n\nQ one: What is the code?\n");
      write(folder("unseen.vqa"), "VQA 1\nvideo: ../../demo/shapes.mp4\n\nQ one: What is the code?\n");
      // Another extension has it open, and nobody sees it: there is no kernel for it, now or later.
      await vscode.workspace.openNotebookDocument(vscode.Uri.file(path("dataset", "ask", "unseen.vqa")));
      // Asked at once, while the editor still looks for a kernel.
      const { notebook } = await openCells("dataset", "ask", "open.vqa");
      await vscode.commands.executeCommand("vqa.askUnanswered", vscode.Uri.file(path("dataset", "ask")));
      await vscode.commands.executeCommand("notifications.showList");
      await notified("Answered: 4, in notebooks: 4. Failed: 1.");
      await screenshot("asked");
      await vscode.commands.executeCommand("notifications.clearAll");
      const read = (name: string) => readNotebook(parse(bytes("dataset", "ask", name).toString())).questions.map(({ answers }) => answers.map(({ text }) => text));
      assert.deepEqual(read("a.vqa").map(({ length }) => length), [1, 1]);
      assert.deepEqual(read("b.vqa"), [["kept"]]);
      assert.deepEqual(read("c.vqa"), [[]]);
      assert.deepEqual(read("unseen.vqa").map(({ length }) => length), [1]);
      assert.equal(notebook.cellAt(0).outputs.length, 1);
      assert.ok(notebook.isDirty, "what somebody has open is saved by them");
    });

    it("is stopped in the middle of a folder, and loses nothing that it had answered", async () => {
      mkdirSync(path("dataset", "stop"), { recursive: true });
      for (const name of ["a", "b"]) write(`stop/${name}.vqa`, `VQA 1\nvideo: ../../demo/shapes.mp4\n\n${Array.from({ length: 6 }, (_, i) => `Q: What is the code number ${i}?\n`).join("\n")}`);
      const answers = (): number => ["a", "b"].reduce((sum, name) => sum + readNotebook(parse(bytes("dataset", "stop", `${name}.vqa`).toString())).questions.filter((question) => question.answers.length > 0).length, 0);
      const asking = vscode.commands.executeCommand("vqa.askUnanswered", vscode.Uri.file(path("dataset", "stop")));
      await eventually("the first answers are in the file", () => answers() >= 1);
      const pid = await freezeWorker();
      // What had been asked before it froze is written first; then it has been asked a question that it cannot answer.
      const before = await lasting("answers of before", () => answers());
      await pressNotice("Cancel");
      await asking;
      await vscode.commands.executeCommand("notifications.showList");
      await notified("Stopped. Answered: ");
      await vscode.commands.executeCommand("notifications.clearAll");
      await eventually("what did not stop by itself was ended", () => !workers().includes(pid));
      assert.ok(before >= 1 && answers() >= before && answers() < 12, `${before} and ${answers()} answers`);
    });
  });

  describe("the dataset view", () => {
    it("lists every question with filters, opens the cell, and follows the files", async () => {
      mkdirSync(path("dataset", "view"), { recursive: true });
      write("view/a.vqa", `VQA 1\nvideo: a.mp4\n\n@ 00:01..00:04 the star turns\n\nQ colour-1: Which colour has the star?\nA ann: red\n${said("red")}\n\nQ colour-2: Which colour has the square?\nA: blue\n${said("green", "ba9876543210")}\n\n${RUN}`);
      write("view/b.vqa", `VQA 1\nvideo: b.mp4\n\nQ count-1: How many circles are there?\n\nQ count-2: How many stars are there?\n${said("2")}\n\n${RUN}`);
      await vscode.commands.executeCommand("vqa.openDataset", vscode.Uri.file(path("dataset", "view")));
      const cells = (): Promise<string[]> => rowsIn("questions");
      await eventually("four questions", async () => (await cells()).length === 4);
      const text = await sheetText();
      assert.match(text, /Unanswered\s+1\nAnswered\s+1\nAccepted\s+2\nStale\s+0\nRight\s+1 of 2, 50\.0 %/);
      await screenshot("dataset");
      await chooseIn("Status", "Accepted");
      await eventually("the accepted ones", async () => (await cells()).length === 2);
      await chooseIn("Author", "ann");
      await eventually("that of ann", async () => JSON.stringify(await cells()).includes("the star?") && (await cells()).length === 1);
      assert.match((await cells()).join(), /colour[^]*the star turns[^]*Accepted[^]*Right/);
      await chooseIn("Author", "");
      await chooseIn("Status", "Unanswered");
      await eventually("the unanswered one", async () => (await cells()).length === 1);
      write("view/b.vqa", bytes("dataset", "view", "b.vqa").toString().replace("circles are there?\n", "circles are there?\nA bo: 3\n"));
      await eventually("the file's change", async () => (await cells()).length === 0);
      await chooseIn("Status", "");
      await pressIn("How many stars are there?");
      await eventually("the notebook is open at the question", () => vscode.window.activeNotebookEditor?.notebook.uri.fsPath === path("dataset", "view", "b.vqa") && vscode.window.activeNotebookEditor.selection.start === 1);
    });
  });

  describe("annotators", () => {
    it("who differ are shown with their agreement; what is settled is written beside their answers", async () => {
      mkdirSync(path("dataset", "agree"), { recursive: true });
      // Two of three agree on a third of the questions more than chance would: figures that are checked by hand.
      write("agree/a.vqa", "VQA 1\nvideo: a.mp4\n\nQ one: Which colour?\nA ann: red\nA bo: Red.\n\nQ two: Which shape?\nA ann: star\nA bo: circle\n");
      write("agree/b.vqa", "VQA 1\nvideo: b.mp4\n\nQ three: Which colour?\nA ann: blue\nA bo: blue\n\nQ four: Which shape?\nA ann: circle\nA bo: circle\n");
      await vscode.commands.executeCommand("vqa.showAgreement", vscode.Uri.file(path("dataset", "agree")));
      await eventually("four questions", async () => (await rowsIn("Answers side by side")).length === 4);
      const text = await sheetText();
      // Cohen: 3 of 4 agree; by chance (1*1 + 1*1 + 1*2) / 16 with star 1 : 0. Then (0.75 - 0.25) / 0.75.
      assert.match(text, /ann – bo\s+4\s+75\.0 %\s+0\.667/);
      assert.match(text, /They differ on\s+1/);
      await screenshot("agreement");
      const rows = await rowsIn("Answers side by side");
      assert.match(rows[0] ?? "", /Which shape\?[^]*ann: star[^]*bo: circle[^]*They differ/);
      await pressIn("Settle…");
      await pickItem("star");
      await eventually("the file holds what was settled", () => bytes("dataset", "agree", "a.vqa").toString().includes("Which shape?\nA: star\nA ann: star\nA bo: circle\n"));
      await eventually("the table says so", async () => /Settled/.test((await rowsIn("Answers side by side"))[0] ?? ""));
      await pressIn("Which shape?");
      await eventually("the question is shown", () => vscode.window.activeNotebookEditor?.notebook.uri.fsPath === path("dataset", "agree", "a.vqa") && vscode.window.activeNotebookEditor.selection.start === 1);
    });
  });

  describe("an evaluation", () => {
    const report = (name: string, grades: readonly string[]): void => {
      mkdirSync(path("dataset", name), { recursive: true });
      const rows = grades.map((grade, i) => ({ video: "shapes.mp4", id: `${i % 2 === 0 ? "colour" : "count"}-${i}`, type: i % 2 === 0 ? "colour" : "count", question: `Question number ${i}?`, answers: ["right"], pred: grade === "exact" ? "right" : "something else", model: "micro", grade }));
      write(`${name}/rows.jsonl`, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
      write(`${name}/eval.json`, JSON.stringify({ "vqa-eval": 1, date: "2026-10-20T10:00:00Z", models: ["micro"], notes: [], scores: {} }));
    };

    it("shows figures by type, what went wrong with pictures, and what another run changes", async () => {
      report("run1", ["exact", "exact", "wrong", "exact", "wrong", "exact"]);
      report("run2", ["exact", "wrong", "exact", "exact", "exact", "exact"]);
      await vscode.commands.executeCommand("vqa.openEvaluation", vscode.Uri.file(path("dataset", "run1", "eval.json")));
      await eventually("what went wrong", async () => (await rowsIn("Questions")).length === 2);
      const text = await sheetText();
      assert.match(text, /All\s+6\s+4 of 6\s+0\s+66\.7 %/);
      assert.match(text, /colour\s+3\s+1 of 3\s+0\s+33\.3 %/);
      await eventually("pictures of the video", async () => (await canvases()) === 2);
      await screenshot("evaluation-view");
      await chooseIn("Result", "Right");
      await eventually("what is right", async () => (await rowsIn("Questions")).length === 4);
      await closeAll();
      const eval_ = (run: string): vscode.Uri => vscode.Uri.file(path("dataset", run, "eval.json"));
      await vscode.commands.executeCommand("vqa.openEvaluation", eval_("run1"), [eval_("run1"), eval_("run2")]);
      await eventually("what changed", async () => (await rowsIn("Where the second differs")).length === 3);
      assert.match(await sheetText(), /All\s+6\s+66\.7 %\s+83\.3 %\s+\+16\.7 /);
      await screenshot("comparison");
    });

    it("of notebooks takes the answers that are there, or asks the chosen model first", async () => {
      mkdirSync(path("dataset", "evaluate"), { recursive: true });
      write("evaluate/a.vqa", "VQA 1\nvideo: ../../demo/shapes.mp4\n\nQ one: What is the code?\nA: 472\n\nQ two: What is the code?\nA: 473\n");
      const evaluating = vscode.commands.executeCommand("vqa.evaluateDataset", vscode.Uri.file(path("dataset", "evaluate")));
      await pickItem("Ask VQA micro");
      await evaluating;
      await eventually("the wrong one", async () => (await rowsIn("Questions")).length === 1);
      assert.match(await sheetText(), /All\s+2\s+1 of 2\s+0\s+50\.0 %/);
      assert.equal(readNotebook(parse(bytes("dataset", "evaluate", "a.vqa").toString())).questions.every(({ answers }) => answers.length === 1), true);
      await pressIn("What is the code?");
      await eventually("the question is shown", () => vscode.window.activeNotebookEditor?.notebook.uri.fsPath === path("dataset", "evaluate", "a.vqa") && vscode.window.activeNotebookEditor.selection.start === 1);
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
