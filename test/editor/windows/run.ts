/** The tests of whole windows, in this process. */
import Mocha from "mocha";
import type { Tally } from "../../support/tally.js";
import type { EditorWindow } from "../window.js";
import { describeCache } from "./cache.js";
import { describeHotExit } from "./hotExit.js";
import { describePreview } from "./preview.js";
import { describeRemote } from "./remote.js";
import { describeRestricted } from "./restricted.js";
import { describeWalkthrough } from "./walkthrough.js";
import { describeWeb } from "./web.js";

export async function runWindows(open: () => Promise<EditorWindow>): Promise<Tally> {
  const grep = process.env["VQA_TEST_GREP"];
  const mocha = new Mocha({ ui: "bdd", timeout: 180_000, slow: 20_000, color: false, forbidOnly: true, ...(grep === undefined ? {} : { grep }) });
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  describe("windows", () => {
    let window: EditorWindow | undefined;
    const get = (): EditorWindow => {
      if (window === undefined) throw new Error("There is no window.");
      return window;
    };
    before("open a window", async () => void (window = await open()));
    afterEach(async function () {
      if (this.currentTest?.state !== "failed") return;
      console.error(window?.errors.slice(-10).join("\n"));
      await window?.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, "-").slice(0, 50)}`).catch(() => undefined);
    });
    after(() => window?.close());
    // One window for all: each begins where the one before has left it.
    describeRestricted(get);
    describeWalkthrough(get);
    describeHotExit(get);
    describeCache(get);
    describeRemote(get);
    describePreview(get);
    describeWeb(get);
  });
  return new Promise((resolve) => {
    const runner = mocha.run((failed) => resolve({ passed: runner.stats?.passes ?? 0, failed, skipped: runner.stats?.pending ?? 0 }));
  });
}
