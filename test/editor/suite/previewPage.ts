/** The page of the preview, as its tests see it and press its keys. */
import { writeFileSync } from "node:fs";
import * as vscode from "vscode";
import { inBrowser, openNotebook, path } from "./support.js";

export const TEXT = "VQA 1\nvideo: shapes.mp4\n\n@ 00:02..00:06 first\n\nQ: What is there?\n\n00:01.000 --> 00:05.000\nHello there\n\n@ 00:10..00:20 second\n\nQ @ 00:12..00:13: What happens?\n";

export interface Seen {
  readonly timeMs: number;
  readonly durationMs: number;
  readonly paused: boolean;
  readonly caption: string;
  readonly items: readonly string[];
  readonly notice: string;
  readonly looping: string;
}

/** Runs in the preview's page; undefined while there is none. */
export async function inPage<R>(work: () => R): Promise<R | undefined> {
  const found = await inBrowser(async ({ page }, source) => {
    for (const frame of page.frames()) {
      if ((await frame.$("#video").catch(() => null)) !== null) return { value: await frame.evaluate(`(${source})()`) };
    }
    return undefined;
  }, work.toString());
  return (found as { value: R } | null | undefined)?.value;
}

export function look(): Promise<Seen | undefined> {
  return inPage((): Seen => {
    const { document: page } = globalThis as unknown as { document: { querySelector(selector: string): any; querySelectorAll(selector: string): any } };
    const video = page.querySelector("video");
    return {
      timeMs: Math.round(video.currentTime * 1000),
      durationMs: Math.round((video.duration || 0) * 1000),
      paused: video.paused,
      caption: [...(video.textTracks[0]?.activeCues ?? [])].map((cue: { text: string }) => cue.text).join("|"),
      items: [...page.querySelectorAll("#lanes button")].map((button: { textContent: string; className: string }) => `${button.textContent}${button.className.includes("selected") ? "*" : ""}`),
      notice: page.querySelector("#notice").hidden ? "" : page.querySelector("#notice span").textContent,
      looping: page.querySelector("#loop").getAttribute("aria-pressed"),
    };
  });
}

export async function seen(fits: (seen: Seen) => boolean): Promise<Seen> {
  let last: Seen | undefined;
  for (let tries = 0; tries < 300; tries++) {
    last = await look();
    if (last !== undefined && fits(last)) return last;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The preview shows ${JSON.stringify(last)}.`);
}

/** As a user does who clicks beside the buttons first. */
export function press(...keys: readonly string[]): Promise<void> {
  return inBrowser(async ({ page }, given) => {
    for (const frame of page.frames()) {
      if ((await frame.$("#video").catch(() => null)) === null) continue;
      await frame.locator("#time").click({ timeout: 10_000 });
      for (const key of given) await page.keyboard.press(key);
    }
  }, keys);
}

export async function open(name: string, text = TEXT): Promise<vscode.NotebookEditor> {
  writeFileSync(path("demo", name), text);
  const editor = await openNotebook("demo", name);
  await vscode.commands.executeCommand("vqa.openPreview");
  await seen(({ durationMs }) => durationMs > 31_000);
  return editor;
}

export const select = (editor: vscode.NotebookEditor, index: number): void => {
  editor.selection = new vscode.NotebookRange(index, index + 1);
};

/** Tries until there is something; gives up after half a minute. */
export async function eventually<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    const value = await attempt();
    if (value !== undefined && value !== null) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Nothing came of it: ${attempt.toString()}`);
}
