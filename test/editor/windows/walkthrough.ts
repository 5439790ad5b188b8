import assert from "node:assert/strict";
import type { EditorWindow } from "../window.js";

export function describeWalkthrough(get: () => EditorWindow): void {
  describe("the walkthrough", () => it("shows its steps with their pictures, in German", async () => {
    const window = get();
    const { page } = window;
    await window.command("Welcome: Open Walkthrough...");
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "Fragen zu Videos stellen" }).first().click();
    const steps = page.locator(".gettingStartedContainer .getting-started-step");
    await window.until("four steps", async () => (await steps.count()) === 4);
    assert.deepEqual((await steps.locator(".step-title").allInnerTexts()).map((title) => title.trim()), ["Eine Frage zu einem Video stellen", "Fragen in einem Notebook aufbewahren", "Das Video neben dem Notebook ansehen", "Ein Modell für echte Aufnahmen holen"]);
    const picture = page.locator(".gettingStartedContainer .getting-started-media img").first();
    await picture.waitFor({ state: "attached" });
    // The editor asks for it at a scale of the screen that may differ from this one's; what counts is that it is there.
    const address = ((await picture.getAttribute("srcset")) ?? "").split(" ")[0] ?? "";
    const response = await page.request.get(address);
    assert.deepEqual([response.status(), response.headers()["content-type"]], [200, "image/png"], address);
    await window.screenshot("walkthrough");
    await page.keyboard.press("Control+W");
  }));
}
