/**
 * `npm test`: the mocha suites of this process's Node, then the suite in a real VS Code, and one line
 * that counts all of them. Arguments go to mocha; the editor suite takes `VQA_TEST_GREP`.
 *
 *   VQA_EDITOR_SUITE=required   to fail where there is no editor to be had, as CI does
 *   VQA_EDITOR_SUITE=none       to leave it out
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { repoRoot } from "./support/repo.js";
import { readTally, TALLY_FILE } from "./support/tally.js";
import { verdict, type Outcome } from "./support/verdict.js";

/** The fast ones first. */
const FILES = ["unit", "property", "media", "model", "protocol"].map((folder) => `out/test/${folder}/**/*.test.js`).concat("out/test/*.test.js");

async function suite(name: string, args: readonly string[], folder: string): Promise<Outcome> {
  const file = join(folder, `${name}.json`);
  const start = performance.now();
  const child = spawn(process.execPath, args, { cwd: repoRoot, stdio: "inherit", env: { ...process.env, [TALLY_FILE]: file } });
  // Ctrl-C reaches the whole group by itself.
  const pass = (signal: NodeJS.Signals): void => void (signal === "SIGINT" || child.kill(signal));
  for (const signal of SIGNALS) process.on(signal, pass);
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status, signal) => resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
  for (const signal of SIGNALS) process.off(signal, pass);
  return { name, code, tally: readTally(file), seconds: (performance.now() - start) / 1000 };
}

async function main(): Promise<number> {
  const wanted = process.env["VQA_EDITOR_SUITE"] ?? "";
  const folder = mkdtempSync(join(tmpdir(), "vqa-tally-"));
  try {
    const mocha = [join("node_modules", "mocha", "bin", "mocha.js"), "--reporter", "./out/test/support/tallyReporter.js", ...FILES, ...process.argv.slice(2)];
    const outcomes = [await suite("mocha", mocha, folder)];
    if (wanted !== "none") outcomes.push(await suite("editor", [join("out", "test", "editor", "main.js")], folder));
    const { lines, code } = verdict(outcomes, wanted === "required");
    console.log(`\n${lines.join("\n")}`);
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

process.exitCode = await main();
