import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, inBrowser, openNotebook, path } from "./support.js";

interface Page {
  /** Of the page's policy. */
  readonly policy: string;
  /** Scripts without the policy's nonce. */
  readonly loose: readonly string[];
  /** What can be used or seen and has no name for a screen reader. */
  readonly nameless: readonly string[];
  /** Names of what Tab should reach, in order of the page. */
  readonly reachable: readonly string[];
  /** Names of what it did reach. */
  readonly reached: readonly string[];
}

/** Walks through the page that holds an element, as its DOM and as the Tab key show it. */
function walk(selector: string): Promise<Page> {
  return inBrowser(async ({ page }, wanted) => {
    const look = `(() => {
      const hidden = (e) => e.closest("[aria-hidden=true], [hidden]") !== null || e.getClientRects().length === 0;
      const name = (e) => (e.getAttribute("aria-label") || [...(e.labels || [])].map((l) => l.textContent).join(" ") || e.getAttribute("title") || e.textContent || "").trim();
      const all = [...document.querySelectorAll("button, input, textarea, select, summary, video, canvas, [role], [tabindex]")].filter((e) => !hidden(e));
      const nonce = (/'nonce-([^']+)'/.exec(document.querySelector("meta[http-equiv]")?.content ?? "") ?? [])[1];
      const reachable = all.filter((e) => e.tabIndex >= 0 && !e.disabled && e.tagName !== "VIDEO");
      return {
        policy: document.querySelector("meta[http-equiv]")?.content ?? "",
        loose: [...document.querySelectorAll("script")].filter((s) => nonce === undefined || s.nonce !== nonce).filter((s) => s.id !== "_vscodeApiScript").map((s) => s.src || s.textContent.slice(0, 60)),
        nameless: all.filter((e) => name(e) === "" && !["status", "alert", "presentation", "none"].includes(e.getAttribute("role")) && e.tabIndex !== -1 || e.tagName === "CANVAS" && name(e) === "").map((e) => e.outerHTML.slice(0, 120)),
        reachable: reachable.map(name),
      };
    })()`;
    const active = `(() => { const e = document.activeElement; return e === null || e === document.body ? "" : (e.getAttribute("aria-label") || [...(e.labels || [])].map((l) => l.textContent).join(" ") || e.getAttribute("title") || e.textContent || "").trim(); })()`;
    for (let tries = 0; tries < 300; tries++) {
      for (const frame of page.frames()) {
        if ((await frame.locator(wanted).count().catch(() => 0)) === 0) continue;
        const seen = (await frame.evaluate(look)) as { policy: string; loose: string[]; nameless: string[]; reachable: string[] };
        await frame.evaluate(`(() => { const first = [...document.querySelectorAll("button, input, textarea, [tabindex='0']")].find((e) => e.tabIndex >= 0 && !e.disabled && e.getClientRects().length > 0); first.focus(); })()`);
        const reached = [(await frame.evaluate(active)) as string];
        for (let i = 1; i < seen.reachable.length; i++) {
          await page.keyboard.press("Tab");
          reached.push((await frame.evaluate(active)) as string);
        }
        return { ...seen, reached };
      }
      await page.waitForTimeout(100);
    }
    throw new Error(`There is no page with ${wanted}.`);
  }, selector);
}

function check({ policy, loose, nameless, reachable, reached }: Page, ...names: readonly string[]): void {
  assert.match(policy, /^default-src 'none'; /);
  assert.match(policy, /script-src 'nonce-[\w-]{22,}'/);
  assert.ok(!/unsafe|data:|(?:src|;) \*/.test(policy), policy);
  assert.deepEqual(loose, [], "scripts without the nonce");
  assert.deepEqual(nameless, [], "things without a name");
  for (const name of names) assert.ok(reachable.includes(name), `${name} among ${reachable.join(", ")}`);
  assert.deepEqual(reached, reachable, "by the Tab key, in the order of the page");
}

describe("with the keyboard and a screen reader", () => {
  afterEach(closeAll);

  it("all of the video preview can be reached, and has a name", async () => {
    await openNotebook("demo", "shapes.vqa");
    await vscode.commands.executeCommand("vqa.openPreview");
    await inBrowser(async ({ page }) => {
      for (let tries = 0; tries < 300; tries++) {
        for (const frame of page.frames()) if ((await frame.locator("#lanes button").count().catch(() => 0)) >= 3) return;
        await page.waitForTimeout(100);
      }
    }, undefined);
    check(await walk("#video"), "Play or pause", "One frame forward", "Set the segment's start (with Shift: at the nearest cut)", "Time");
  });

  it("all of the dataset view can be reached, and has a name", async () => {
    await vscode.commands.executeCommand("vqa.openDataset", vscode.Uri.file(path("demo")));
    await inBrowser(async ({ page }) => {
      for (let tries = 0; tries < 300; tries++) {
        // The page is not built anew while nothing is read.
        for (const frame of page.frames()) if ((await frame.locator("main[aria-busy=false] table.rows tbody tr").count().catch(() => 0)) > 4) return;
        await page.waitForTimeout(100);
      }
      throw new Error("The dataset view shows no questions.");
    }, undefined);
    check(await walk("main table.rows"), "Ask the Unanswered", "Search", "Question", "Status");
  });

  it("all of the chat panel can be reached, and has a name", async () => {
    await openNotebook("demo", "shapes.vqa");
    await vscode.commands.executeCommand("vqa.askVideo");
    // The panel puts the cursor into the question by itself; a walk that began earlier would be moved.
    await inBrowser(async ({ page }) => {
      for (let tries = 0; tries < 300; tries++) {
        for (const frame of page.frames()) if (await frame.evaluate(`document.activeElement?.id === "question"`).catch(() => false)) return;
        await page.waitForTimeout(100);
      }
      throw new Error("The cursor does not go to the question.");
    }, undefined);
    check(await walk("#question"), "Question", "Part of the video", "Ask");
  });
});
