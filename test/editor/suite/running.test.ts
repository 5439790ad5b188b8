import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import * as vscode from "vscode";
import { findRun, isIntact, parse, readNotebook } from "../../../server/src/format/index.js";
import { bytes, closeAll, eventually, freezeWorker, inBrowser, openNotebook, path, screenshot, servers, text, until, workers } from "./support.js";

const ANSWER = "application/vnd.vqa.answer+json";

const isQuestion = (cell: vscode.NotebookCell): boolean => cell.document.getText().startsWith("Q");
/** One that the file will hold: it knows the model. */
const hasAnswer = (cell: vscode.NotebookCell): boolean => cell.outputs.some((output) => text(output, ANSWER)?.includes('"model"'));
const answerText = (cell: vscode.NotebookCell): string => cell.outputs.map((output) => text(output, ANSWER)).find((json) => json?.includes('"model"')) ?? "{}";
/** What the model said. */
const output = (cell: vscode.NotebookCell): string => (JSON.parse(answerText(cell)) as { text: string }).text;
const errors = (cell: vscode.NotebookCell): readonly string[] => cell.outputs.flatMap((output) => text(output, "application/vnd.code.notebook.error") ?? []);
const ended = (cell: vscode.NotebookCell): boolean => cell.executionSummary?.timing?.endTime !== undefined;

/** A notebook of its own for a test, over the demo's film. */
async function notebookOf(name: string, ...questions: readonly string[]): Promise<vscode.NotebookDocument> {
  writeFileSync(path("demo", name), `VQA 1\nvideo: shapes.mp4\n\n${questions.map((question) => `Q: ${question}\n`).join("\n")}`);
  return (await openNotebook("demo", name)).notebook;
}

/** As the button beside the cell does. */
async function start(notebook: vscode.NotebookDocument, index: number): Promise<void> {
  void vscode.commands.executeCommand("notebook.cell.execute", { ranges: [{ start: index, end: index + 1 }], document: notebook.uri });
  await until(() => notebook.cellAt(index).executionSummary !== undefined || notebook.cellAt(index).outputs.length > 0 || workers().length > 0);
}

/** Waits until the server has been asked, as its status says. */
async function working(): Promise<void> {
  await inBrowser(async ({ page }) => page.locator("[id*='vqa.status'] .codicon-sync").first().waitFor({ timeout: 60_000 }), undefined);
}

describe("running cells", () => {
  afterEach(closeAll);

  it("answers the demo's questions, streamed, and saves them as lines of the file", async () => {
    const { notebook } = await openNotebook("demo", "shapes.vqa");
    const before = readNotebook(parse(bytes("demo", "shapes.vqa").toString()));
    const questions = notebook.getCells().filter(isQuestion);
    assert.equal(questions.length, before.questions.length);
    const order: number[] = [];
    const streamed = new Map<vscode.NotebookCell, string[]>();
    const listening = vscode.workspace.onDidChangeNotebookDocument(({ cellChanges }) => {
      for (const { cell, outputs } of cellChanges) {
        const last = outputs?.at(-1);
        if (last === undefined) continue;
        if (!order.includes(cell.index)) order.push(cell.index);
        streamed.set(cell, [...(streamed.get(cell) ?? []), text(last) ?? ""]);
      }
    });
    await vscode.commands.executeCommand("notebook.execute");
    await until(() => questions.every((cell) => hasAnswer(cell) || errors(cell).length > 0));
    listening.dispose();
    assert.deepEqual(questions.flatMap(errors), []);
    const answers = questions.map(output);
    assert.deepEqual(order, questions.map(({ index }) => index), "in the order of the notebook");
    const grew = questions.filter((cell, i) => streamed.get(cell)?.some((part) => part !== "" && answers[i]?.startsWith(part)));
    // Before the last form, which says who answered. Choices come at once.
    assert.ok(grew.length > 0, `answers that grew, of ${JSON.stringify([...streamed.values()])}`);
    await shown(answers[0] as string);
    await inBrowser(async ({ page }) => page.locator(".cell-statusbar-container").getByText(/Right|Wrong/).first().waitFor({ timeout: 30000 }), undefined);
    await screenshot("answers");
    await seen();
    await screenshot("provenance");

    assert.ok(await notebook.save());
    const after = readNotebook(parse(bytes("demo", "shapes.vqa").toString()));
    for (const [i, question] of after.questions.entries()) {
      assert.equal(question.answers.length, 1, question.id);
      const [answer] = question.answers;
      const run = findRun(after, answer?.run8 ?? "");
      assert.ok(run !== undefined && isIntact(run), question.id);
      const cell = questions[i] as vscode.NotebookCell;
      const data = JSON.parse(answerText(cell)) as { text: string; seen: { frameTimesMs: number[] } };
      assert.equal(data.text, answer?.text);
      assert.ok(data.seen.frameTimesMs.length > 0);
    }
    const humans = (of: typeof after): unknown => of.questions.map(({ text: asked, references, choices }) => [asked, references.map((r) => r.text), choices.map((c) => [c.text, c.gold])]);
    assert.deepEqual(humans(after), humans(before));
    await inBrowser(async ({ page }, score) => page.locator("[id*='vqa.status']").getByText(new RegExp(score)).waitFor({ timeout: 30000 }), `VQA \\d+/${questions.length}`);
  });

  it("stops when it is told to, and keeps what was there before", async () => {
    const notebook = await notebookOf("stop.vqa", "What is the code?", "What do they eat?");
    await start(notebook, 0);
    await until(() => hasAnswer(notebook.cellAt(0)));
    const [old] = notebook.cellAt(0).outputs;
    const pid = await freezeWorker();
    void vscode.commands.executeCommand("notebook.execute");
    await until(() => notebook.cellAt(0).executionSummary?.timing?.endTime === undefined || notebook.cellAt(0).outputs.length > 1);
    await vscode.commands.executeCommand("notebook.cancelExecution");
    await until(() => notebook.cellAt(0).outputs.some((output) => text(output)?.includes("Stopped")));
    assert.ok(!hasAnswer(notebook.cellAt(1)), "what waited did not run");
    assert.equal(text(notebook.cellAt(0).outputs[0] as vscode.NotebookCellOutput), text(old as vscode.NotebookCellOutput));
    await until(() => !workers().includes(pid));
  });

  it("shows an error in the cell when the model process dies, and answers the next question", async () => {
    const notebook = await notebookOf("crash.vqa", "What is the code?", "What do they eat?");
    await start(notebook, 0);
    await until(() => hasAnswer(notebook.cellAt(0)));
    const pid = await freezeWorker();
    void vscode.commands.executeCommand("notebook.cell.execute", { ranges: [{ start: 1, end: 2 }], document: notebook.uri });
    await working();
    process.kill(pid, "SIGKILL");
    const [error] = await until(() => {
      const found = errors(notebook.cellAt(1));
      return found.length > 0 ? found : undefined;
    });
    assert.match(error ?? "", /worker-crashed[^]*died while it was working/);
    assert.ok(ended(notebook.cellAt(1)));
    await screenshot("crash");
    await start(notebook, 1);
    await until(() => hasAnswer(notebook.cellAt(1)));
    assert.deepEqual(errors(notebook.cellAt(1)), []);
    assert.ok(await notebook.save());
    assert.equal(readNotebook(parse(bytes("demo", "crash.vqa").toString())).questions.flatMap(({ answers }) => answers).length, 2);
  });

  it("marks an answer whose question changed as stale, and asks just that one again", async () => {
    const notebook = await notebookOf("stale.vqa", "What is the code?", "What do they eat?");
    await vscode.commands.executeCommand("notebook.execute");
    await until(() => notebook.getCells().every(hasAnswer));
    const kept = notebook.cellAt(0).outputs[0];
    const edit = new vscode.WorkspaceEdit();
    edit.replace(notebook.cellAt(1).document.uri, new vscode.Range(0, 0, 0, 99), "Q: Where are they going?");
    assert.ok(await vscode.workspace.applyEdit(edit));
    await inBrowser(async ({ page }, label) => page.locator(".cell-statusbar-container").getByText(label).first().waitFor({ timeout: 30000 }), "Stale");
    await shown(output(notebook.cellAt(1)));
    await screenshot("stale");
    await vscode.commands.executeCommand("vqa.runStale");
    await until(() => text(notebook.cellAt(1).outputs[0] as vscode.NotebookCellOutput, ANSWER)?.includes("isbon"));
    assert.equal(notebook.cellAt(0).outputs[0], kept, "the other one was left alone");
  });

  it("shows what a stored answer saw after reopening, and says so when nobody can know any more", async () => {
    const notebook = await notebookOf("reopened.vqa", "What is the code?");
    await vscode.commands.executeCommand("notebook.execute");
    await until(() => notebook.getCells().every(hasAnswer));
    assert.ok(await notebook.save());
    await closeAll();
    const again = (await openNotebook("demo", "reopened.vqa")).notebook;
    await shown(output(again.cellAt(0)));
    assert.ok(!answerText(again.cellAt(0)).includes("frameTimesMs"), "the file holds no times");
    await seen();
    await screenshot("reopened");
    await closeAll();
    writeFileSync(path("demo", "reopened.vqa"), bytes("demo", "reopened.vqa").toString().replace("What is the code?", "What was the code?"));
    await openNotebook("demo", "reopened.vqa");
    const why = await inBrowser(async ({ page }) => {
      const outputs = page.frameLocator("iframe.webview").frameLocator("#active-frame");
      await outputs.locator("summary").first().click();
      await outputs.locator(".why", { hasText: "changed" }).waitFor({ timeout: 30000 });
      return outputs.locator("details[open]").first().innerText();
    }, undefined);
    assert.match(why, /not known any more\. Ask again to see it\.[^]*model\s+micro/);
  });

  it("moves the preview to a frame of an answer that is clicked, and plays a subtitle", async () => {
    const notebook = await notebookOf("clicked.vqa", "What is the code?");
    await vscode.commands.executeCommand("notebook.execute");
    await until(() => notebook.getCells().every(hasAnswer));
    await seen();
    const at = (name: string): Promise<{ timeMs: number; paused: boolean }> =>
      inBrowser(async ({ page }, label) => {
        for (const frame of page.frames()) {
          const button = frame.getByRole("button", { name: label }).first();
          if ((await button.count().catch(() => 0)) > 0) await button.click();
        }
        for (let tries = 0; tries < 300; tries++) {
          for (const frame of page.frames()) {
            const video = (await frame.evaluate("(() => { const v = document.querySelector('#video'); return v && { timeMs: v.currentTime * 1000, paused: v.paused, ready: v.readyState } })()").catch(() => null)) as { timeMs: number; paused: boolean; ready: number } | null;
            if (video !== null && video.ready >= 2 && video.timeMs > 0) return video;
          }
          await page.waitForTimeout(100);
        }
        throw new Error("The preview does not show.");
      }, name);
    assert.deepEqual(pick(await at("Show 00:00:14.000 in the video preview")), { timeMs: 14_000, paused: true });
    await screenshot("clicked");
    const playing = await at("Play 00:00:00.400 to 00:00:0");
    assert.ok(!playing.paused && playing.timeMs < 3000, JSON.stringify(playing));
  });

  it("says what mattered in an answer to those who ask, by keyboard too, and a click leads the preview there", async () => {
    const notebook = await notebookOf("mattered.vqa", "What is the code?");
    await vscode.commands.executeCommand("notebook.execute");
    await until(() => notebook.getCells().every(hasAnswer));
    await seen();
    const walked = await inBrowser(async ({ page }) => {
      const outputs = page.frameLocator("iframe.webview").frameLocator("#active-frame");
      await outputs.getByRole("button", { name: "What mattered?" }).first().focus();
      await page.keyboard.press("Enter");
      await outputs.locator(".weights tr").first().waitFor({ timeout: 60_000 });
      // Names and order of what Tab reaches, and colours that follow the theme.
      const look = `(() => {
        const root = [...document.querySelectorAll("*")].map((e) => e.shadowRoot).find((r) => r && r.querySelector(".weights"));
        const all = [...root.querySelectorAll("button, summary, canvas, [role], table")].filter((e) => e.getClientRects().length > 0);
        const name = (e) => (e.getAttribute("aria-label") || e.getAttribute("title") || e.textContent || "").trim();
        const focused = root.activeElement;
        return {
          nameless: all.filter((e) => name(e) === "" && !["status"].includes(e.getAttribute("role"))).map((e) => e.outerHTML.slice(0, 120)),
          outOfOrder: all.filter((e) => e.tabIndex > 0).length,
          rows: [...root.querySelectorAll(".weights tr")].map((r) => r.textContent),
          focused: focused === null ? "" : name(focused),
          hard: [...root.querySelectorAll("style")].flatMap((s) => (s.textContent || "").match(/#[0-9a-f]{3,8}\\b|rgba?\\(/gi) || []),
        };
      })()`;
      for (const frame of page.frames()) {
        const found = (await frame.evaluate(look).catch(() => undefined)) as { nameless: string[]; outOfOrder: number; rows: string[]; focused: string; hard: string[] } | undefined;
        if (found !== undefined) return found;
      }
      throw new Error("There is no answer.");
    }, undefined);
    assert.deepEqual([walked.nameless, walked.outOfOrder, walked.hard], [[], 0, []]);
    assert.match(walked.rows[0] ?? "", /^00:00:0\d\.\d+–.*the subtitle “.*”: without it the answer was less likely$/);
    assert.match(walked.focused, /^Play 00:00:.* in the video preview$/, "the focus went on to the first part");
    await screenshot("mattered");
    const playing = await inBrowser(async ({ page }) => {
      await page.keyboard.press("Enter");
      for (let tries = 0; tries < 300; tries++) {
        for (const frame of page.frames()) if (await frame.evaluate("(() => { const v = document.querySelector('#video'); return v !== null && v.readyState >= 2 && !v.paused; })()").catch(() => false)) return true;
        await page.waitForTimeout(100);
      }
      return false;
    }, undefined);
    assert.ok(playing, "the preview plays it");
  });

  it("looks for stale answers of open notebooks by itself once the model process is up", async () => {
    const notebook = await notebookOf("fresh.vqa", "What is the code?", "What do they eat?");
    await vscode.commands.executeCommand("notebook.execute");
    await until(() => notebook.getCells().every(hasAnswer));
    assert.ok(await notebook.save());
    await closeAll();
    // A known answer is graded by any look at the notebook, whether it is stale only by one that has the model.
    const said = output(notebook.cellAt(0));
    writeFileSync(path("demo", "fresh.vqa"), bytes("demo", "fresh.vqa").toString().replace("What do they eat?", "What do they drink?").replace("What is the code?\n", `What is the code?\nA: ${said}\n`));
    await vscode.commands.executeCommand("vqa.restartModel");
    await until(() => workers().length === 0);
    await openNotebook("demo", "fresh.vqa");
    const marks = (words: string): Promise<number> => inBrowser(async ({ page }, mark) => page.locator(".cell-statusbar-container").getByText(mark).count(), words);
    await eventually("the notebook was looked at, and its known answer graded", async () => (await marks("Right")) === 1);
    assert.equal(await marks("Stale"), 0, "the model was not asked yet");
    assert.deepEqual(workers(), [], "and was not started for it");
    await vscode.commands.executeCommand("vqa.openPreview");
    await inBrowser(async ({ page }) => page.locator(".cell-statusbar-container").getByText("Stale").first().waitFor({ timeout: 30000 }), undefined);
    assert.equal(await marks("Stale"), 1);
  });

  it("has a kernel for each model, and asks the one that is chosen whatever the header says", async () => {
    writeFileSync(path("demo", "kernel.vqa"), "VQA 1\nvideo: shapes.mp4\nmodel: nowhere\n\nQ: What is the code?\n");
    const { notebook } = await openNotebook("demo", "kernel.vqa");
    await start(notebook, 0);
    await until(() => errors(notebook.cellAt(0)).length > 0);
    assert.match(errors(notebook.cellAt(0))[0] ?? "", /model-missing/);
    await vscode.commands.executeCommand("notebook.selectKernel", { id: "vqa.model.micro", extension: "vqa.vqa" });
    await inBrowser(async ({ page }) => page.locator(".kernel-label", { hasText: "micro" }).first().waitFor({ timeout: 30000 }), undefined);
    await start(notebook, 0);
    await until(() => hasAnswer(notebook.cellAt(0)));
    assert.equal(output(notebook.cellAt(0)), "472");
    assert.deepEqual(errors(notebook.cellAt(0)), []);
    await screenshot("kernel");
  });

  it("answers after settings of the server were changed faster than it starts, by one server", async () => {
    const settings = vscode.workspace.getConfiguration("vqa");
    const notebook = await notebookOf("restarts.vqa", "What is the code?");
    try {
      for (const threads of [2, 1, 2, 1, 2]) await settings.update("threads", threads, vscode.ConfigurationTarget.Global);
      await start(notebook, 0);
      await until(() => hasAnswer(notebook.cellAt(0)) || errors(notebook.cellAt(0)).length > 0);
      assert.deepEqual(errors(notebook.cellAt(0)), []);
    } finally {
      await settings.update("threads", undefined, vscode.ConfigurationTarget.Global);
    }
    await vscode.commands.executeCommand("vqa.restartModel");
    await until(() => servers().length === 1);
  });

  it("goes on with other notebooks when one is closed in the middle of an answer", async () => {
    const closed = await notebookOf("closed.vqa", "What is the code?", "What do they eat?", "How many objects are there?", "Where are they going?");
    void vscode.commands.executeCommand("notebook.execute");
    await until(() => closed.getCells().some((cell) => cell.outputs.length > 0));
    await closeAll();
    const notebook = await notebookOf("next.vqa", "What do they eat?");
    await start(notebook, 0);
    await until(() => hasAnswer(notebook.cellAt(0)));
  });

  it("asks just the questions that are selected", async () => {
    const notebook = await notebookOf("selection.vqa", "What is the code?", "What do they eat?", "Where are they going?");
    const editor = await until(() => vscode.window.activeNotebookEditor);
    editor.selections = [new vscode.NotebookRange(0, 1), new vscode.NotebookRange(2, 3)];
    await vscode.commands.executeCommand("vqa.runSelection");
    await until(() => hasAnswer(notebook.cellAt(0)) && hasAnswer(notebook.cellAt(2)));
    assert.ok(!hasAnswer(notebook.cellAt(1)));
  });

  it("says in the cell how a question is written when there is none in it", async () => {
    const notebook = await notebookOf("prose.vqa", "What is the code?");
    const edit = new vscode.WorkspaceEdit();
    edit.replace(notebook.cellAt(0).document.uri, new vscode.Range(0, 0, 0, 99), "What is the code?");
    assert.ok(await vscode.workspace.applyEdit(edit));
    await start(notebook, 0);
    await until(() => errors(notebook.cellAt(0)).length > 0);
    assert.match(errors(notebook.cellAt(0))[0] ?? "", /no question in this cell.*Begin it with `Q:`/);
  });

  it("leaves answers where they are when the file changes outside of the editor", async () => {
    const notebook = await notebookOf("outside.vqa", "What is the code?", "What do they eat?");
    await vscode.commands.executeCommand("notebook.execute");
    await until(() => notebook.getCells().every(hasAnswer));
    assert.ok(await notebook.save());
    const saved = bytes("demo", "outside.vqa").toString();
    const changed = saved.replace("\n\n", "\n\n# From outside\n\n").replace("What do they eat?", "What do they drink?");
    writeFileSync(path("demo", "outside.vqa"), changed);
    await until(() => notebook.cellCount === 3);
    assert.deepEqual(notebook.getCells().map((cell) => cell.document.getText()), ["# From outside", "Q: What is the code?", "Q: What do they drink?"]);
    assert.deepEqual(notebook.getCells().map(hasAnswer), [false, true, true]);
    assert.ok(!notebook.isDirty);
    await vscode.commands.executeCommand("vqa.runStale");
    const answered = await until(() => (notebook.cellAt(2).outputs.some((one) => text(one, ANSWER)?.includes("frameTimesMs")) ? output(notebook.cellAt(2)) : undefined));
    assert.ok(await notebook.save());
    assert.ok(bytes("demo", "outside.vqa").toString().includes(`: ${answered}\n`));
  });

  it("listens to a cell of subtitles, and writes nothing by itself", async () => {
    const before = "VQA 1\nvideo: shapes.mp4\n\n00:01.000 --> 00:02.000\nwritten by hand\n\n00:02.000 --> 00:06.000\n";
    writeFileSync(path("demo", "heard.vqa"), before);
    const { notebook } = await openNotebook("demo", "heard.vqa");
    await start(notebook, 0);
    await until(() => ended(notebook.cellAt(0)) && notebook.cellAt(0).outputs.length === 1);
    // The film has no sound.
    const said = errors(notebook.cellAt(0))[0] ?? text(notebook.cellAt(0).outputs[0] as vscode.NotebookCellOutput, ANSWER) ?? "";
    assert.match(said, /Nothing was heard|model-unsupported|model-missing/);
    assert.ok(await notebook.save());
    assert.equal(bytes("demo", "heard.vqa").toString(), before);
  });

  it("proposes a caption for a segment, which nothing writes before it is accepted", async () => {
    writeFileSync(path("demo", "segment.vqa"), "VQA 1\nvideo: shapes.mp4\n\n@ 00:00..00:08\n");
    const { notebook } = await openNotebook("demo", "segment.vqa");
    await start(notebook, 0);
    await until(() => ended(notebook.cellAt(0)) && notebook.cellAt(0).outputs.length === 1);
    assert.deepEqual(errors(notebook.cellAt(0)), []);
    assert.equal(notebook.cellAt(0).document.getText(), "@ 00:00..00:08");
    assert.ok(await notebook.save());
    assert.equal(bytes("demo", "segment.vqa").toString(), "VQA 1\nvideo: shapes.mp4\n\n@ 00:00..00:08\n");
    await vscode.commands.executeCommand("vqa.useCaption");
    assert.match(notebook.cellAt(0).document.getText(), /^@ 00:00\.\.00:08 \S/);
  });
});

const pick = ({ timeMs, paused }: { timeMs: number; paused: boolean }): object => ({ timeMs: Math.round(timeMs), paused });

/** Opens what is told about the first answer, as the keyboard does, and reads it. */
async function seen(): Promise<void> {
  const told = await inBrowser(async ({ page }) => {
    const outputs = page.frameLocator("iframe.webview").frameLocator("#active-frame");
    const summary = outputs.locator("summary").first();
    await summary.focus();
    await summary.press("Enter");
    await outputs.locator("canvas").nth(7).waitFor({ timeout: 30000 });
    return outputs.locator("details[open]").first().innerText({ timeout: 30000 });
  }, undefined);
  assert.match(told, /8 frames/);
  assert.match(told, /00:00:02\.000\s+00:00:06\.000/);
  assert.match(told, /The code is 472\./);
  assert.match(told, /model\s+micro/);
}

/** Waits until a text can be read in the notebook's outputs. */
function shown(words: string): Promise<void> {
  return inBrowser(async ({ page }, wanted) => page.frameLocator("iframe.webview").frameLocator("#active-frame").locator(".text", { hasText: wanted }).first().waitFor({ timeout: 30000 }), words);
}
