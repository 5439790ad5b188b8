import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EditorWindow } from "../window.js";

const TEXT = (video: string): string => `VQA 1\nvideo: ${video}\n\n@ 00:02..00:06 first\n\n@ 00:10..00:20 second\n`;

/** What the preview shows. */
interface Shown {
  readonly time: string;
  /** The player's own, once it is there. */
  readonly at: number;
  readonly source: string;
  /** Length of the film on the timeline, in seconds. */
  readonly length: number;
  /** The segment that the cursor is in. */
  readonly current: string;
  readonly looping: boolean;
  readonly paused: boolean;
}

const LOOK = `(() => {
  const video = document.querySelector("#video");
  return video && {
    time: document.querySelector("#time").textContent,
    at: video.readyState < 2 || video.seeking ? -1 : video.currentTime,
    source: video.currentSrc,
    length: Number(document.querySelector("#track").getAttribute("aria-valuemax")) / 1000,
    current: document.querySelector("#lanes [aria-current]")?.textContent ?? "",
    looping: document.querySelector("#loop").getAttribute("aria-pressed") === "true",
    paused: video.paused,
  };
})()`;

/** In a window of its own: those of the tests show no dialogs, and must not be loaded anew. */
export function describePreview(get: () => EditorWindow): void {
  describe("the video preview", () => {
    /** The editor plays no AVI, but a copy of it; where there is no program to make one, it plays the film itself. */
    const copied = spawnSync("ffmpeg", ["-version"]).status === 0;
    before(async () => {
      const window = get();
      const folder = join(window.workspace, "demo");
      if (copied) execFileSync("ffmpeg", ["-nostdin", "-loglevel", "error", "-y", "-i", join(folder, "shapes.mp4"), "-c:v", "mpeg4", "-threads", "1", join(folder, "old.avi")]);
      writeFileSync(join(folder, "reloaded.vqa"), TEXT(copied ? "old.avi" : "shapes.mp4"));
      await window.trust();
    });

    it("comes back at the time where it was after the window is loaded anew, and not where the cursor is", async () => {
      const window = get();
      const { page } = window;
      await window.openNotebook("reloaded.vqa", "second");
      await window.command("VQA: Videovorschau öffnen");
      await shows(window, "the film", ({ at, length, source }) => at >= 0 && length > 30 && source.endsWith(".mp4"));
      await window.inFrame("#lanes button", (frame) => frame.locator("#lanes button", { hasText: "second" }).click(), "second");
      await shows(window, "the second segment", ({ at, time, current }) => at === 10 && time === "00:00:10.000" && current === "second");
      await window.inFrame("#track", (frame) => frame.locator("#track").focus());
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      await shows(window, "two seconds later", ({ at }) => at === 12);
      await window.inFrame("#loop", (frame) => frame.locator("#loop").click());
      await shows(window, "the loop", ({ looping }) => looping);
      await window.reload();
      // The cursor is back, too, which has not moved for it.
      await shows(window, "the second segment, lit", ({ current }) => current === "second");
      const back = await shows(window, "the time again", ({ at, time, length, source }) => at === 12 && time === "00:00:12.000" && length > 30 && source.endsWith(".mp4"));
      if (!back.looping || !back.paused) throw new Error(JSON.stringify(back));
      await window.screenshot("preview-reloaded");
      // Whoever moves the cursor now leads again.
      await window.cell("reloaded.vqa", "first").click();
      await shows(window, "the first segment", ({ at, current }) => at === 2 && current === "first");
    });
  });
}

async function shows(window: EditorWindow, what: string, fits: (shown: Shown) => boolean): Promise<Shown> {
  let last: Shown | undefined;
  const holds = async (): Promise<boolean> => {
    for (const frame of window.page.frames()) {
      const shown = (await frame.evaluate(LOOK).catch(() => null)) as Shown | null;
      if (shown !== null) last = shown;
    }
    return last !== undefined && fits(last);
  };
  await window.until(what, holds).catch((error: unknown) => {
    throw new Error(`${String(error)}: the preview shows ${JSON.stringify(last)}`);
  });
  return last as Shown;
}
