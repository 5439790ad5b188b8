import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import * as vscode from "vscode";
import { bytes, closeAll, freezeWorker, inBrowser, path, screenshot, until, workers } from "./support.js";

const TEXT = "VQA 1\nvideo: shapes.mp4\n\nQ: What is the code?\n\nQ: What do they eat?\n";

async function open(name: string): Promise<vscode.TextDocument> {
  writeFileSync(path("demo", name), TEXT);
  await vscode.commands.executeCommand("vscode.openWith", vscode.Uri.file(path("demo", name)), "default");
  return until(() => vscode.window.activeTextEditor?.document.uri.fsPath === path("demo", name) && vscode.window.activeTextEditor.document);
}

/** Presses a lens as a user does. */
function press(title: string): Promise<void> {
  return inBrowser(async ({ page }, name) => page.locator(".codelens-decoration a", { hasText: name }).first().click({ timeout: 60_000 }), title);
}

/** Waits for words behind a line that the text does not hold, and gives them. */
function behind(pattern: string): Promise<string> {
  return inBrowser(async ({ page }, wanted) => {
    const look = `[...document.querySelectorAll(".view-line span")].map((e) => getComputedStyle(e, "::after").content).find((c) => new RegExp(${JSON.stringify(wanted)}).test(c)) ?? ""`;
    for (let tries = 0; tries < 1200; tries++) {
      const found = (await page.evaluate(look)) as string;
      if (found !== "") return found;
      await page.waitForTimeout(50);
    }
    throw new Error(`Nothing like ${wanted} shows behind a line.`);
  }, pattern);
}

describe("Ask in the text view", () => {
  afterEach(closeAll);

  it("shows what is done behind the question, and Stop leaves the text as it was", async () => {
    const document = await open("stopped-text.vqa");
    // The first answer loads the model: it can be frozen after that.
    await press("Ask");
    await until(() => /^M /m.test(document.getText()));
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), TEXT, "one step takes it back");
    const pid = await freezeWorker();
    await press("Ask");
    await behind("…");
    await screenshot("text-asking");
    assert.equal(document.getText(), TEXT, "nothing is written before it is whole");
    await press("Stop");
    await until(() => !workers().includes(pid));
    await inBrowser(async ({ page }) => page.locator(".codelens-decoration a", { hasText: "Stop" }).waitFor({ state: "detached", timeout: 60_000 }), undefined);
    assert.equal(document.getText(), TEXT);
  });

  it("shows the words while they come, and writes them with their record in one step", async () => {
    const document = await open("asked-text.vqa");
    // All words that stood behind a line, at every picture of the screen.
    await inBrowser(async ({ page }) => {
      await page.evaluate(`(() => {
        globalThis.vqaSeen = new Set();
        const look = () => {
          for (const e of document.querySelectorAll(".view-line span")) { const c = getComputedStyle(e, "::after").content; if (c !== "none" && c !== "") globalThis.vqaSeen.add(c.slice(1, -1)); }
          globalThis.vqaLooking = requestAnimationFrame(look);
        };
        look();
      })()`);
    }, undefined);
    await press("Ask all");
    await until(() => document.getText().match(/^M /gm)?.length === 2);
    const seen = await inBrowser(async ({ page }) => (await page.evaluate("cancelAnimationFrame(globalThis.vqaLooking), [...globalThis.vqaSeen]")) as string[], undefined);
    const answers = [...document.getText().matchAll(/^M [^:]*: (.*)$/gm)].map(([, answer]) => answer ?? "");
    // The words of answers this short may come and go between two pictures of the screen; what is done before takes longer.
    assert.ok(seen.some((words) => /^\w.* …$/.test(words)), JSON.stringify({ seen, answers }));
    for (const words of seen.filter((one) => !one.endsWith("…"))) assert.ok(answers.some((answer) => answer.startsWith(words)), JSON.stringify({ seen, answers }));
    await screenshot("text-answered");
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), TEXT, "one step takes both back");
    assert.equal(bytes("demo", "asked-text.vqa").toString(), TEXT);
  });
});
