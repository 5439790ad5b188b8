import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, inBrowser, screenshot } from "./support.js";

describe("the walkthrough", () => {
  afterEach(closeAll);

  it("shows its steps with their pictures", async () => {
    await vscode.commands.executeCommand("workbench.action.openWalkthrough", "vqa.vqa#start", false);
    const seen = await inBrowser(async ({ page }) => {
      const steps = page.locator(".gettingStartedContainer .getting-started-step");
      await steps.nth(3).waitFor({ timeout: 30000 });
      const titles = await page.locator(".gettingStartedContainer .getting-started-step .step-title").allInnerTexts();
      // The editor asks for it at a scale of the screen that may differ from this one's; what counts is that it is there.
      const address = await page.locator(".gettingStartedContainer .getting-started-media img").first().getAttribute("srcset", { timeout: 30000 });
      const response = await page.request.get((address ?? "").split(" ")[0] ?? "");
      return { titles, status: response.status(), type: response.headers()["content-type"], address };
    }, undefined);
    console.log(JSON.stringify(seen));
    await screenshot("walkthrough");
    assert.equal(seen.titles.length, 4);
    assert.match(seen.titles[0] ?? "", /Ask about a video/);
    assert.deepEqual([seen.status, seen.type], [200, "image/png"], seen.address ?? "no picture");
  });
});
