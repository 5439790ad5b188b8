/**
 * The editor tests: packages the extension, installs it into a real VS Code, and runs the suite there.
 *
 *   npm run test:editor               packs first
 *   VQA_TEST_VSIX=x.vsix npm run test:editor    tests that package
 *   VQA_EDITOR_PART=suite             only what runs inside of the editor; `windows`: only what looks at it;
 *                                     `standin`: only what checks the line to a desktop editor
 *   VQA_TEST_EDITOR=desktop           the suite in a desktop VS Code, as it is where its server is not to be had;
 *                                     VQA_TEST_DESKTOP names the executable of one that is installed
 *
 * Ends with 0 when all passed, with 1 when something failed, and with 3 when there is no editor to be had.
 */
import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { packageExtension } from "../../tools/extension/package.js";
import { repoRoot } from "../support/repo.js";
import { readTally, sum, TALLY_FILE, writeTally, type Tally } from "../support/tally.js";
import { EditorMissing } from "./cache.js";
import { ensureDesktop } from "./desktop/download.js";
import { runDesktopSuite } from "./desktop/launch.js";
import { runInStandIn } from "./desktop/standIn.js";
import { NOT_RUN } from "./exitCodes.js";
import { runSuite, type SuiteRun } from "./launch.js";
import { ensureEditor, serverIsKnown } from "./setup.js";
import { EditorWindow } from "./window.js";
import { runWindows } from "./windows/run.js";
import { makeWorkspace } from "./workspace.js";

const TIMEOUT_MS = 10 * 60 * 1000;

/** A folder is not trusted before somebody says so, and nobody asks. */
const WINDOW_SETTINGS = { "security.workspace.trust.startupPrompt": "never", "security.workspace.trust.untrustedFiles": "open", "files.autoSave": "off" };

/** Runs tests in an editor that is there. Returns the exit code. */
type Program = (run: Omit<SuiteRun, "programs">) => Promise<number>;

async function main(): Promise<number> {
  const program = process.env["VQA_TEST_EDITOR"] === "desktop" || !serverIsKnown() ? await inDesktop() : inServer();
  const vsix = process.env["VQA_TEST_VSIX"] ?? (await packageExtension(repoRoot));
  const suite = join(repoRoot, "dist", "test-editor", "suite.cjs");
  await build({ absWorkingDir: repoRoot, entryPoints: ["test/editor/suite/index.ts"], outfile: suite, bundle: true, platform: "node", format: "cjs", target: "node20.18", external: ["vscode", "mocha"], sourcemap: "inline", logLevel: "warning" });
  const workspace = makeWorkspace();
  try {
    const shots = process.env["VQA_TEST_SHOTS"] ?? join(repoRoot, "out", "screenshots");
    const code = await program({ vsix: [vsix], host: join(repoRoot, "test", "editor", "host"), suite, workspace, shots, timeoutMs: TIMEOUT_MS });
    console.log(`Pictures of what was on the screen: ${relative(process.cwd(), shots)}`);
    return code;
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** All of them, in VS Code's server. */
function inServer(): Program {
  const programs = ensureEditor();
  const part = process.env["VQA_EDITOR_PART"];
  const wanted = (name: string): boolean => part === undefined || part === name;
  const file = process.env[TALLY_FILE];
  return async (run) => {
    const done: { code: number; tally: Tally | undefined }[] = [];
    if (wanted("suite")) done.push({ code: await runSuite({ programs, ...run }), tally: file === undefined ? undefined : readTally(file) });
    if (wanted("windows")) {
      const tally = await runWindows(() => EditorWindow.open({ programs, ...run, language: "de", trust: true, settings: WINDOW_SETTINGS }));
      done.push({ code: tally.failed > 0 ? 1 : 0, tally });
    }
    // With a choice of tests there may be none of these among them.
    if (part === "standin" || (part === undefined && process.env["VQA_TEST_GREP"] === undefined)) done.push(await runInStandIn(run));
    const tallies = done.flatMap(({ tally }) => tally ?? []);
    if (file !== undefined && tallies.length === done.length) writeTally(file, sum(tallies));
    return done.find(({ code }) => code !== 0)?.code ?? 0;
  };
}

/** Those that run inside of an editor, in a desktop one. */
async function inDesktop(): Promise<Program> {
  const desktop = await ensureDesktop();
  console.error("editor tests: those of whole windows need VS Code's server, and are left out of a desktop editor.");
  return (run) => runDesktopSuite({ desktop, ...run });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof EditorMissing)) throw error;
  console.error(`\n*** THE EDITOR SUITE CANNOT BE RUN HERE ***\n${error.message}\n`);
  process.exitCode = NOT_RUN;
}
