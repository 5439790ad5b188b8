import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { HubServer } from "../../support/hubServer.js";
import { microEntry } from "../../support/microEntry.js";
import { closeAll, eventually, inBrowser, pressNotice, screenshot, until } from "./support.js";

const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("vqa");

/** Waits for a row of the quick pick and chooses it. */
const choose = (row: string): Promise<void> =>
  inBrowser(async ({ page }, label) => {
    const row = page.locator(".quick-input-widget .monaco-list-row").filter({ hasText: label }).first();
    await row.waitFor({ timeout: 30000 });
    await row.click();
  }, row);

/** Waits for a field that hides what is typed, and fills it in. */
const enter = (text: string): Promise<void> =>
  inBrowser(async ({ page }, typed) => {
    const field = page.locator(".quick-input-widget input[type=password]");
    await field.waitFor({ timeout: 30000 });
    await field.fill(typed);
    await page.keyboard.press("Enter");
    await field.waitFor({ state: "hidden", timeout: 30000 });
  }, text);

describe("getting a model", () => {
  let hub: HubServer;
  let folder: string;
  before(async () => {
    hub = await HubServer.start();
    folder = mkdtempSync(join(tmpdir(), "vqa-editor-models-"));
    const extension = vscode.extensions.getExtension("vqa.vqa");
    writeFileSync(join(folder, "one.json"), JSON.stringify(microEntry(hub, join(extension!.extensionPath, "server/models/micro"))));
    const gated = microEntry(hub, join(extension!.extensionPath, "server/models/micro"), { id: "behind-terms", repo: "authors/gated" });
    writeFileSync(join(folder, "two.json"), JSON.stringify({ ...gated, name: "Behind terms", gated: true }));
    hub.gated.set("authors/gated", "hf_right");
    process.env["VQA_CATALOGUE"] = folder;
    await settings().update("modelsFolder", join(folder, "models"), vscode.ConfigurationTarget.Global);
    await settings().update("modelHub", hub.endpoint, vscode.ConfigurationTarget.Global);
  });
  after(async () => {
    delete process.env["VQA_CATALOGUE"];
    for (const name of ["modelsFolder", "modelHub", "model"]) await settings().update(name, undefined, vscode.ConfigurationTarget.Global);
    await hub.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const installed = (): boolean => existsSync(join(folder, "models/on-the-hub/vqa-model.json"));

  it("is offered, stopped, brought, put to use and removed", async () => {
    hub.fault("authors/micro/onnx/vision.onnx", { kind: "stall", after: 400_000 });
    const stopped = vscode.commands.executeCommand("vqa.getModel");
    await choose("On the hub");
    await until(() => hub.gets("vision.onnx").some(({ host }) => host === "storage"));
    await vscode.commands.executeCommand("notifications.showList");
    await screenshot("model-download");
    await pressNotice("Cancel");
    await stopped;
    assert.equal(installed(), false);

    const got = vscode.commands.executeCommand("vqa.getModel");
    await choose("On the hub");
    await until(installed);
    await pressNotice("Use It for Notebooks");
    await got;
    assert.equal(settings().get("model"), "on-the-hub");

    const removed = vscode.commands.executeCommand("vqa.removeModel");
    await choose("On the hub");
    await removed;
    assert.equal(installed(), false);
  });

  it("behind terms asks for a token, keeps it in the secret store, and forgets it", async () => {
    const there = (): boolean => existsSync(join(folder, "models/behind-terms/vqa-model.json"));
    const got = vscode.commands.executeCommand("vqa.getModel");
    await choose("Behind terms");
    await enter("hf_wrong");
    await eventually("the refused token at the hub", () => hub.seen.some(({ authorization }) => authorization === "Bearer hf_wrong"));
    await pressNotice("Enter Access Token");
    await enter("hf_right");
    await eventually("the model in its folder", there);
    // The message stays until it is answered, and the command waits for that.
    await pressNotice("Use It for Notebooks");
    await got;
    // Nothing but the store has it: no settings file, and no other host.
    assert.ok(hub.seen.filter(({ authorization }) => authorization !== undefined).every(({ host }) => host === "hub"));
    assert.doesNotMatch(JSON.stringify(settings()), /hf_/);

    // It is asked for no more, until it was forgotten.
    rmSync(join(folder, "models/behind-terms"), { recursive: true });
    const again = vscode.commands.executeCommand("vqa.getModel");
    await choose("Behind terms");
    await eventually("the model in its folder", there);
    await pressNotice("Use It for Notebooks");
    await again;
    const forgotten = vscode.commands.executeCommand("vqa.setModelToken");
    await enter("");
    await forgotten;
    rmSync(join(folder, "models/behind-terms"), { recursive: true });
    const asked = vscode.commands.executeCommand("vqa.getModel");
    await choose("Behind terms");
    await enter("hf_right");
    await eventually("the model in its folder", there);
    await pressNotice("Use It for Notebooks");
    await asked;
  });
});

describe("the machine", () => {
  afterEach(closeAll);

  it("is looked at, and a page says what it has and what is used", async () => {
    await vscode.commands.executeCommand("vqa.showHardware");
    const text = await inBrowser(async ({ page }) => {
      const shown = page.frameLocator("iframe.webview.ready").last().frameLocator("#active-frame").locator("body");
      await shown.getByText("What this machine can do").waitFor({ timeout: 60_000 });
      return shown.innerText();
    }, undefined);
    await screenshot("machine");
    for (const part of ["What is used", "The language model runs on", "micro", "llama.cpp cpu", "onnxruntime cpu", "Decoder"]) assert.ok(text.includes(part), `${part} is missing in ${text}`);
  });
});
