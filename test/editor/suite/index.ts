import { TALLY_FILE, writeTally } from "../../support/tally.js";

/** Runs in the extension host of the editor under test. */
export async function run(): Promise<void> {
  const { default: Mocha } = await import("mocha");
  const mocha = new Mocha({ ui: "bdd", timeout: Number(process.env["VQA_TEST_TIMEOUT"] ?? 120_000), slow: 10_000, color: false, forbidOnly: true, ...(process.env["VQA_TEST_GREP"] === undefined ? {} : { grep: process.env["VQA_TEST_GREP"] }) });
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  await import("./opening.test.js");
  await import("./running.test.js");
  await import("./textAnswers.test.js");
  await import("./language.test.js");
  await import("./preview.test.js");
  await import("./previewTime.test.js");
  await import("./chat.test.js");
  await import("./accessibility.test.js");
  await import("./captions.test.js");
  await import("./models.test.js");
  await import("./datasets.test.js");
  let runner: Mocha.Runner | undefined;
  const failures = await new Promise<number>((resolve) => (runner = mocha.run(resolve)));
  const tally = process.env[TALLY_FILE];
  if (tally !== undefined && runner?.stats !== undefined) writeTally(tally, { passed: runner.stats.passes, failed: runner.stats.failures, skipped: runner.stats.pending });
  if (failures > 0) throw new Error(`${failures} editor tests failed.`);
}
