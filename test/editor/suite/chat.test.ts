import assert from "node:assert/strict";
import * as vscode from "vscode";
import { findRun, isIntact, parse, readNotebook } from "../../../server/src/format/index.js";
import { closeAll, freezeWorker, inBrowser, openNotebook, path, screenshot, text, until, workers } from "./support.js";

const ANSWER = "application/vnd.vqa.answer+json";

/** What the panel shows of its last question. */
interface Shown {
  readonly video: string;
  readonly questions: readonly string[];
  readonly answer: string;
  readonly last: string;
}

/** Does something in the panel's page, as a user does, and tells what it shows then. */
function panel(act: { type?: string; range?: string; press?: string; click?: string; waitFor?: string; frames?: number } = {}): Promise<Shown> {
  return inBrowser(async ({ page }, { type, range, press, click, waitFor, frames }) => {
    const find = async () => {
      for (const frame of page.frames()) if ((await frame.locator("#question").count().catch(() => 0)) > 0) return frame;
      return undefined;
    };
    let chat = await find();
    for (let tries = 0; chat === undefined && tries < 300; tries++) {
      await page.waitForTimeout(100);
      chat = await find();
    }
    if (chat === undefined) throw new Error("The panel does not show.");
    if (range !== undefined) await chat.locator("#range").fill(range);
    if (type !== undefined) await chat.locator("#question").fill(type);
    if (press !== undefined) await chat.locator("#question").press(press);
    if (click !== undefined) await chat.getByText(click, { exact: true }).filter({ visible: true }).last().click();
    if (waitFor !== undefined) await chat.getByText(new RegExp(waitFor)).filter({ visible: true }).last().waitFor({ timeout: 60_000 });
    if (frames !== undefined) {
      await chat.locator("summary").last().focus();
      await chat.locator("summary").last().press("Enter");
      await chat.locator("article").last().locator("canvas").nth(frames - 1).waitFor({ timeout: 30000 });
    }
    const articles = chat.locator("article");
    const count = await articles.count();
    return {
      video: (await chat.locator(".video").textContent()) ?? "",
      questions: await articles.locator("h3").allTextContents(),
      answer: count === 0 ? "" : ((await articles.last().locator(".answer").textContent()) ?? ""),
      last: count === 0 ? "" : await articles.last().innerText(),
    };
  }, act);
}

async function openPanel(): Promise<vscode.NotebookDocument> {
  const { notebook } = await openNotebook("demo", "shapes.vqa");
  await vscode.commands.executeCommand("vqa.askVideo");
  await panel({ waitFor: "^shapes.mp4$" });
  return notebook;
}

describe("the chat panel", () => {
  afterEach(async () => {
    await vscode.commands.executeCommand("vqa.clearChat");
    await closeAll();
  });

  it("answers a question about the video of the open notebook, and shows what was looked at", async () => {
    await openPanel();
    await panel({ type: "What is the code?", press: "Enter" });
    const { answer, last, questions } = await panel({ waitFor: "frames .* micro", frames: 8 });
    assert.deepEqual(questions, ["What is the code?"]);
    assert.match(answer, /472/);
    assert.match(last, /8 frames .* subtitles/);
    assert.match(last, /00:02[\s\S]*00:06/);
    assert.match(last, /The code is 472\./);
    await screenshot("chat");
    await panel({ click: "Copy", waitFor: "Copied" });
    assert.equal(await vscode.env.clipboard.readText(), answer);
  });

  it("says what mattered in an answer to those who ask, and plays that part", async () => {
    await openPanel();
    await panel({ type: "What is the code?", press: "Enter" });
    await panel({ waitFor: "frames .* micro", frames: 8 });
    const { last } = await panel({ click: "What mattered?", waitFor: "without it the answer was less likely$" });
    const [first] = last.split("\n").filter((line) => line.includes("without it"));
    assert.match(first ?? "", /the subtitle “.*472.*”: without it the answer was less likely/);
    assert.match(last, /What mattered|Found out what mattered\./);
    await screenshot("chat-mattered");
    const playing = await inBrowser(async ({ page }) => {
      for (const frame of page.frames()) {
        const part = frame.locator("article .weights button").first();
        if ((await part.count().catch(() => 0)) > 0) await part.click({ timeout: 30_000 });
      }
      const end = Date.now() + 60_000;
      while (Date.now() < end) {
        for (const frame of page.frames()) if (await frame.evaluate("(() => { const v = document.querySelector('#video'); return v !== null && v.readyState >= 2 && !v.paused; })()").catch(() => false)) return true;
        await page.waitForTimeout(50);
      }
      return false;
    }, undefined);
    assert.ok(playing, "the preview plays it");
  });

  it("plays the video from a frame that was looked at", async () => {
    await openPanel();
    await panel({ type: "What is the code?", press: "Enter" });
    await panel({ waitFor: "frames .* micro", frames: 8 });
    await panel({ click: "00:18" });
    const timeMs = await inBrowser(async ({ page }) => {
      for (let tries = 0; tries < 300; tries++) {
        for (const frame of page.frames()) {
          const time = await frame.evaluate("document.querySelector('#video')?.currentTime ?? 0").catch(() => 0);
          if (Number(time) >= 18) return Number(time) * 1000;
        }
        await page.waitForTimeout(100);
      }
      return 0;
    }, undefined);
    assert.ok(timeMs >= 18_000 && timeMs < 32_000, String(timeMs));
    await screenshot("chat-play");
  });

  it("looks at the part of the video that was asked about, and refuses one that it cannot read", async () => {
    await openPanel();
    await panel({ type: "What colour is the star?", range: "five seconds", press: "Enter", waitFor: "Write the range like" });
    assert.deepEqual((await panel()).questions, []);
    await panel({ range: "00:16..00:32", press: "Enter" });
    const { last } = await panel({ waitFor: "frames .* micro", frames: 8 });
    assert.match(last, /00:16\.\.00:32/);
    assert.match(last, /00:17[\s\S]*00:3[01]/);
    await panel({ range: "" });
  });

  it("puts a question with its answer into the notebook, as one step that can be undone", async () => {
    const notebook = await openPanel();
    const before = notebook.cellCount;
    await panel({ type: "What do they eat?", press: "Enter" });
    const { answer } = await panel({ waitFor: "frames .* micro" });
    await panel({ click: "Insert into notebook", waitFor: "^Inserted into the notebook" });
    await until(() => notebook.cellCount > before);
    const cell = notebook.cellAt(notebook.cellCount - 1);
    assert.match(cell.document.getText(), /^Q: What do they eat\?$/);
    const data = JSON.parse(text(cell.outputs[0] as vscode.NotebookCellOutput, ANSWER) ?? "{}") as { text: string };
    assert.equal(data.text, answer);
    await screenshot("chat-inserted");
    await vscode.commands.executeCommand("notebook.focusTop");
    await vscode.commands.executeCommand("undo");
    await until(() => notebook.cellCount === before);
  });

  it("writes into a notebook that is open as text, with the record of the run", async () => {
    const uri = vscode.Uri.file(path("demo", "as-text.vqa"));
    const before = "VQA 1\nvideo: shapes.mp4\n\n@ 00:00..00:08 four objects\n\nQ: What is the code?\nA: 472\n";
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(before));
    await vscode.commands.executeCommand("vscode.openWith", uri, "default");
    const document = await until(() => (vscode.window.activeTextEditor?.document.uri.fsPath === uri.fsPath ? vscode.window.activeTextEditor.document : undefined));
    await vscode.commands.executeCommand("vqa.askVideo");
    await panel({ waitFor: "^shapes.mp4$" });
    await panel({ type: "Where are they going?", press: "Enter", waitFor: "isbon" });
    await panel({ click: "Insert into notebook", waitFor: "^Inserted into the notebook" });
    assert.ok(document.getText().startsWith(before));
    const notebook = readNotebook(parse(document.getText()));
    const question = notebook.questions[1];
    assert.deepEqual([question?.text, question?.scope.spans], ["Where are they going?", []]);
    const run = findRun(notebook, question?.answers[0]?.run8 ?? "");
    assert.ok(run !== undefined && isIntact(run));
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), before);
  });

  it("asks as the notebook says, about the part that is selected in it by one click", async () => {
    await vscode.workspace.fs.writeFile(vscode.Uri.file(path("demo", "settings.vqa")), new TextEncoder().encode("VQA 1\nvideo: shapes.mp4\nsampling: uniform 3\n\n@ 00:16..00:32 three objects\n"));
    await openNotebook("demo", "settings.vqa");
    await vscode.commands.executeCommand("vqa.askVideo");
    await panel({ waitFor: "^shapes.mp4$" });
    await panel({ waitFor: "^Selected in the editor: 00:16\\.\\.00:32$" });
    await panel({ click: "Selected in the editor: 00:16..00:32" });
    await panel({ type: "What colour is the star?", press: "Enter" });
    const { last } = await panel({ waitFor: "3 frames .* micro", frames: 3 });
    assert.match(last, /00:16\.\.00:32/);
    await screenshot("chat-selection");
    await panel({ range: "" });
  });

  it("makes a notebook for an answer when none is open and the user wants one", async () => {
    await vscode.commands.executeCommand("vqa.askVideo", vscode.Uri.file(path("demo", "shapes.mp4")));
    await panel({ waitFor: "^shapes.mp4$" });
    await panel({ type: "What do they eat?", press: "Enter" });
    const { answer } = await panel({ waitFor: "frames .* micro" });
    await panel({ click: "Insert into notebook" });
    await inBrowser(async ({ page }) => page.locator(".quick-input-widget:visible .monaco-list-row", { hasText: "Make a Notebook" }).first().click({ timeout: 30000 }), undefined);
    const notebook = await until(() => vscode.workspace.notebookDocuments.find(({ uri, cellCount }) => uri.scheme === "untitled" && cellCount === 1));
    assert.equal(notebook.cellAt(0).document.getText(), "Q: What do they eat?");
    assert.equal((JSON.parse(text(notebook.cellAt(0).outputs[0] as vscode.NotebookCellOutput, ANSWER) ?? "{}") as { text: string }).text, answer);
    await screenshot("chat-new-notebook");
  });

  it("stops when it is told to, and answers the next question", async () => {
    await openPanel();
    await panel({ type: "What is the code?", press: "Enter" });
    await panel({ waitFor: "frames .* micro" });
    const pid = await freezeWorker();
    await panel({ type: "What is the name?", press: "Enter", waitFor: "^Stop$" });
    await panel({ click: "Stop", waitFor: "^Stopped" });
    await until(() => !workers().includes(pid));
    const { questions } = await panel({ type: "What do they eat?", press: "Enter", waitFor: "^soup" });
    assert.deepEqual(questions, ["What is the code?", "What is the name?", "What do they eat?"]);
  });

  it("shows what goes wrong with its next step, and remembers what was said about each video", async () => {
    const notebook = await openPanel();
    await panel({ type: "What is the code?", press: "Enter" });
    await panel({ waitFor: "frames .* micro" });
    await vscode.workspace.fs.writeFile(vscode.Uri.file(path("demo", "missing.vqa")), new TextEncoder().encode("VQA 1\nvideo: missing.mp4\n\nQ: What?\n"));
    await openNotebook("demo", "missing.vqa");
    await panel({ waitFor: "^missing.mp4$" });
    assert.deepEqual((await panel()).questions, []);
    await panel({ type: "What is the code?", press: "Enter" });
    const { last } = await panel({ waitFor: "^There is no file" });
    assert.match(last, /There is no file .*missing\.mp4\.\s+Check the path of the video\./);
    await screenshot("chat-error");
    await vscode.commands.executeCommand("vqa.clearChat");
    await vscode.commands.executeCommand("vscode.open", notebook.uri);
    await vscode.commands.executeCommand("workbench.view.explorer");
    await vscode.commands.executeCommand("vqa.askVideo");
    const { questions, answer } = await panel({ waitFor: "frames .* micro" });
    assert.deepEqual(questions, ["What is the code?"]);
    assert.match(answer, /472/);
  });
});

/** Newer than the oldest editor whose types we build with. */
interface WithProviders {
  registerLanguageModelChatProvider(vendor: string, provider: object): vscode.Disposable;
}

/** A language model that says nothing: the editor's chat wants one to be chosen, whoever answers. */
function silentModel(): vscode.Disposable {
  const model = { id: "silent", name: "Silent", family: "silent", version: "1", maxInputTokens: 1000, maxOutputTokens: 1000, isUserSelectable: true, isDefault: true, capabilities: {} };
  return (vscode.lm as unknown as WithProviders).registerLanguageModelChatProvider("vqa-test", {
    provideLanguageModelChatInformation: () => [model],
    provideLanguageModelChatResponse: () => Promise.resolve(),
    provideTokenCount: () => Promise.resolve(1),
  });
}

describe("the chat participant", () => {
  let model: vscode.Disposable;
  before(async () => {
    await vscode.workspace.getConfiguration("chat").update("disableAIFeatures", false, vscode.ConfigurationTarget.Global);
    model = silentModel();
  });
  after(async () => {
    model.dispose();
    await vscode.commands.executeCommand("workbench.action.closeAuxiliaryBar");
    await vscode.workspace.getConfiguration("chat").update("disableAIFeatures", true, vscode.ConfigurationTarget.Global);
  });
  afterEach(closeAll);

  const ask = async (query: string, wanted: string): Promise<string> => {
    await vscode.commands.executeCommand("workbench.action.chat.open", { query, modelSelector: { vendor: "vqa-test" } });
    return inBrowser(async ({ page }, answer) => {
      const response = page.locator(".interactive-response").filter({ hasText: new RegExp(answer) }).last();
      await response.waitFor({ timeout: 60000 });
      return response.innerText();
    }, wanted);
  };

  it("answers in the editor's own chat, about the open video", async () => {
    await openNotebook("demo", "shapes.vqa");
    assert.match(await ask("@video What is the code?", "· micro"), /472[\s\S]*shapes\.mp4 · 8 frames/);
    assert.match(await ask("@video /caption", "appears[\\s\\S]*micro"), /8 frames/);
    await screenshot("participant");
  });
});

describe("tools for language models", () => {
  afterEach(closeAll);

  const invoke = async (name: string, input: object): Promise<string> => {
    const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
    return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : "")).join("");
  };

  it("answer, describe and find in a video that is named or open", async () => {
    assert.match(await invoke("ask_video", { question: "What is the code?", video: "demo/shapes.mp4" }), /472[\s\S]*shapes\.mp4 · 8 frames \(00:02,/);
    await openNotebook("demo", "shapes.vqa");
    assert.match(await invoke("caption_video", { range: "00:08..00:16" }), /^\S[\s\S]*8 frames \(00:08\.48/);
    assert.match(await invoke("find_in_video", { what: "the cyan star", range: "00:16..00:32" }), /^First seen at \d\d:\d\d[\s\S]*Answer of the model: \d\d:\d\d/);
  });

  it("say what is wrong with what they were given", async () => {
    await assert.rejects(invoke("ask_video", { question: "What?", video: "demo/nothing.mp4" }), /no file "demo\/nothing.mp4"/);
    await assert.rejects(invoke("ask_video", { video: "demo/shapes.mp4" }), /"question" is missing/);
    await assert.rejects(invoke("ask_video", { question: "What?", video: "demo/shapes.mp4", range: "later" }), /range "later" cannot be read/);
  });
});
