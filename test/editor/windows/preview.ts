import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EditorWindow } from "../window.js";

const TEXT = "VQA 1\nvideo: old.avi\n\n@ 00:02..00:06 first\n\n@ 00:10..00:20 second\n";

const COPY = /[0-9a-f]{64}-all-\d+\.(mp4|webm)$/;

/** In a window of its own: those of the tests show no dialogs, and must not be loaded anew. */
export function describePreview(get: () => EditorWindow): void {
  describe("the video preview", () => {
    const time = (window: EditorWindow): Promise<string | null> => window.inFrame("#video", (frame) => frame.locator("#time").textContent(), undefined);
    const source = async (window: EditorWindow): Promise<string> => (await window.inFrame("#video", (frame) => frame.locator("#video").evaluate((video: { currentSrc?: string }) => video.currentSrc))) ?? "";
    before(function () {
      if (spawnSync("ffmpeg", ["-version"]).status !== 0) return this.skip();
      const folder = get().workspace;
      execFileSync("ffmpeg", ["-nostdin", "-loglevel", "error", "-y", "-i", join(folder, "demo", "shapes.mp4"), "-c:v", "mpeg4", "-threads", "1", join(folder, "demo", "old.avi")]);
      writeFileSync(join(folder, "demo", "reloaded.vqa"), TEXT);
    });

    it("comes back where it was after the window is loaded anew, with its document and its copy", async () => {
      const window = get();
      await window.openFile("reloaded.vqa");
      await window.cell("reloaded.vqa", "second").waitFor();
      await window.command("VQA: Videovorschau öffnen");
      await window.inFrame("#lanes button", (frame) => frame.locator("#lanes button", { hasText: "second" }).click(), "second");
      await window.until("the second segment", async () => (await time(window)) === "00:00:10.000");
      await window.until("the copy", async () => COPY.test(await source(window)));
      // As a user does it: a page that is only left does not wait for the workbench to write down what was open.
      await window.reload();
      await window.inFrame("#lanes button", (frame) => frame.locator("#lanes button", { hasText: "first" }).waitFor(), "first");
      await window.until("the second segment again", async () => (await time(window)) === "00:00:10.000");
      await window.until("the copy again", async () => COPY.test(await source(window)));
      // Ten of some thirty seconds: the timeline knows the length of the film again.
      await window.until("the timeline", async () => (await window.inFrame("#lanes button", (frame) => frame.locator("#lanes button", { hasText: "second" }).evaluate((button: { offsetWidth: number; parentElement: { offsetWidth: number } | null }) => button.offsetWidth / (button.parentElement?.offsetWidth ?? Infinity)))) > 0.2);
      await window.screenshot("preview-reloaded");
    });
  });
}
