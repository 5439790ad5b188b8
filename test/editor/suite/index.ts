/** Runs in the extension host of the editor under test. */
export async function run(): Promise<void> {
  const { default: Mocha } = await import("mocha");
  const mocha = new Mocha({ ui: "bdd", timeout: 120_000, slow: 10_000, color: false, forbidOnly: true, ...(process.env["VQA_TEST_GREP"] === undefined ? {} : { grep: process.env["VQA_TEST_GREP"] }) });
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  await import("./opening.test.js");
  await import("./running.test.js");
  await import("./preview.test.js");
  await import("./chat.test.js");
  await import("./captions.test.js");
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} editor tests failed.`);
}
