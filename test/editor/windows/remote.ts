import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FakeEngine } from "../../support/fakeEngine.js";
import type { EditorWindow } from "../window.js";

const USE = "VQA: Entfernten Dienst verwenden …";
const LEAVE = "VQA: Entfernten Dienst nicht mehr verwenden";
const NOBODY = "Hier ist kein entfernter Dienst eingerichtet";
const SAYS = "seven lions";

/** In a window of its own: those of the tests show no dialogs. */
export function describeRemote(get: () => EditorWindow): void {
  describe("an engine elsewhere", () => {
    let fake: FakeEngine;
    before(async () => {
      const window = get();
      fake = await FakeEngine.start({ key: "secret", say: () => ({ text: SAYS }) });
      writeFileSync(join(window.workspace, "remote.vqa"), "VQA 1\nvideo: demo/shapes.mp4\nmodel: remote\n\nQ: What is there?\n");
      await window.trust();
    });
    after(() => {
      fake.close();
      get().setSettings({ "vqa.remote.url": undefined, "vqa.remote.model": undefined });
    });

    it("is sent nothing before somebody says so in the dialog, and nothing after they take it back", async () => {
      const window = get();
      const { page } = window;
      const dialog = page.locator(".monaco-dialog-box");
      const answers = (words: string): Promise<void> => window.inFrame(".output_container", () => Promise.resolve(), words);
      const agree = async (): Promise<void> => {
        await window.command(USE);
        await window.type("Adresse eines Dienstes", fake.url);
        await window.type("Wie der Dienst das Modell nennt", "seer-7b");
        await dialog.waitFor();
      };
      await window.openNotebook("remote.vqa", "What is there?");

      await agree();
      assert.ok((await dialog.innerText()).includes(fake.host));
      await window.screenshot("consent");
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      await window.runCell("remote.vqa", "What is there?");
      await answers(NOBODY);
      assert.equal(fake.connections, 0, "nobody agreed");

      await agree();
      await dialog.locator(".monaco-button", { hasText: "Senden" }).first().click();
      await window.type("Schlüssel des Dienstes", "secret");
      await said(window, "seer-7b kann jetzt gefragt werden");
      assert.equal(fake.connections, 0, "nothing was asked yet");
      await window.runCell("remote.vqa", "What is there?");
      await answers(SAYS);
      await window.notebook("remote.vqa").locator(".codicon-notebook-state-success").first().waitFor();
      await window.screenshot("remote-answer");
      assert.deepEqual(fake.asked.map(({ body, authorization }) => [body.model, authorization]), [["seer-7b", "Bearer secret"]]);
      const pictures = fake.asked.flatMap(({ body }) => body.messages).flatMap(({ content }) => (typeof content === "string" ? [] : content)).filter(({ type }) => type === "image_url");
      assert.ok(pictures.length > 0);

      const before = fake.connections;
      await window.command(LEAVE);
      await said(window, "Bilder bleiben auf diesem Rechner.");
      await window.runCell("remote.vqa", "What is there?");
      await answers(NOBODY);
      assert.equal(fake.connections, before, "it was taken back");
      await window.command("Notifications: Clear All Notifications");
      await window.cell("remote.vqa", "What is there?").click();
      await page.keyboard.press("Control+S");
      await page.locator(".tabs-container .tab.dirty", { hasText: "remote.vqa" }).waitFor({ state: "detached" });
      await page.keyboard.press("Control+W");
    });
  });
}

async function said({ page }: EditorWindow, words: string): Promise<void> {
  await page.locator(".notifications-toasts, .notifications-center").getByText(words).first().waitFor();
}
