/**
 * The editor tests: packages the extension, installs it into a real VS Code, and runs the suite there.
 *
 *   npm run test:editor               packs first
 *   VQA_TEST_VSIX=x.vsix npm run test:editor    tests that package
 *   VQA_EDITOR_PART=suite                       only what runs inside of the editor; `windows`: only what looks at it
 *
 * Ends with 0 when all passed, with 1 when something failed, and with 3 when there is no editor to be had.
 */
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { packageExtension } from "../../tools/extension/package.js";
import { repoRoot } from "../support/repo.js";
import { runSuite } from "./launch.js";
import { EditorMissing } from "./cache.js";
import { NOT_RUN } from "./exitCodes.js";
import { ensureEditor } from "./setup.js";
import { readTally, sum, TALLY_FILE, writeTally } from "../support/tally.js";
import { EditorWindow } from "./window.js";
import { runWindows } from "./windows/run.js";

const TIMEOUT_MS = 10 * 60 * 1000;

/** Notebooks whose bytes are easily lost. */
const DELICATE: Readonly<Record<string, string>> = {
  "crlf.vqa": "VQA 1\r\nvideo: a.mp4\r\n\r\n# One\r\n\r\nQ: What?\r\nA: this\r\n",
  "bom.vqa": "\ufeffVQA 1\nvideo: a.mp4\n\nQ: What?\n",
  "no-newline.vqa": "VQA 1\nvideo: a.mp4\n\nQ: What?\nA: this",
  "opaque.vqa": "VQA 1\nvideo: a.mp4\n\nwhat is this\n\tand this\n\n\n\nSTYLE\n::cue { color: red }\n\nM orphan\n",
  "webvtt.vqa": "WEBVTT a title\n\n1\n00:01.000 --> 00:02.000\n<v Ann>Hello\n\n00:02.000 --> 00:03.000 align:start\nthere\n",
  "empty.vqa": "",
};

/** A folder is not trusted before somebody says so, and nobody asks. */
const WINDOW_SETTINGS = { "security.workspace.trust.startupPrompt": "never", "security.workspace.trust.untrustedFiles": "open", "files.autoSave": "off" };

/** Notebooks that only the tests of windows touch. */
const OF_WINDOWS: Readonly<Record<string, string>> = {
  "restricted.vqa": "VQA 1\nvideo: demo/shapes.mp4\n\nQ: What colour is the circle?\n",
  "gone.vqa": "VQA 1\nvideo: demo/gone.mp4\n\nQ: What colour is the circle?\n",
  "web.vqa": "VQA 1\r\nvideo: demo/shapes.mp4\r\n\r\nQ colour: What colour is the circle?\r\n\r\nQ colour: Where is it?\r\n",
  "hot.vqa": "VQA 1\r\nvideo: demo/shapes.mp4\r\n\r\nQ: What colour is the circle?\r\nA: red\r\n\r\nwhat is this\r\n\tand this\r\n",
};

async function main(): Promise<number> {
  const programs = ensureEditor();
  const vsix = process.env["VQA_TEST_VSIX"] ?? (await packageExtension(repoRoot));
  const suite = join(repoRoot, "dist", "test-editor", "suite.cjs");
  await build({ absWorkingDir: repoRoot, entryPoints: ["test/editor/suite/index.ts"], outfile: suite, bundle: true, platform: "node", format: "cjs", target: "node20.18", external: ["vscode", "mocha"], sourcemap: "inline", logLevel: "warning" });
  const workspace = mkdtempSync(join(tmpdir(), "vqa-ws-"));
  try {
    cpSync(join(repoRoot, "media", "demo"), join(workspace, "demo"), { recursive: true });
    mkdirSync(join(workspace, "spoken"));
    copyFileSync(join(repoRoot, "test", "fixtures", "speech", "spoken.mp4"), join(workspace, "spoken", "spoken.mp4"));
    mkdirSync(join(workspace, "delicate"));
    for (const [name, text] of Object.entries(DELICATE)) writeFileSync(join(workspace, "delicate", name), text);
    for (const [name, text] of Object.entries(OF_WINDOWS)) writeFileSync(join(workspace, name), text);
    writeFileSync(join(workspace, "delicate", "not-utf8.vqa"), Buffer.from([0x56, 0x51, 0x41, 0x20, 0x31, 0x0a, 0xff, 0xfe, 0x0a]));
    const shots = process.env["VQA_TEST_SHOTS"] ?? join(repoRoot, "out", "screenshots");
    const part = process.env["VQA_EDITOR_PART"];
    const host = join(repoRoot, "test", "editor", "host");
    const code = part === "windows" ? 0 : await runSuite({ programs, vsix: [vsix], host, suite, workspace, shots, timeoutMs: TIMEOUT_MS });
    const windows = part === "suite" ? { passed: 0, failed: 0, skipped: 0 } : await runWindows(() => EditorWindow.open({ programs, vsix: [vsix], workspace, shots, language: "de", trust: true, settings: WINDOW_SETTINGS }));
    const tally = process.env[TALLY_FILE];
    const first = tally === undefined ? undefined : readTally(tally);
    if (tally !== undefined && (first !== undefined || part === "windows")) writeTally(tally, sum([...(first === undefined ? [] : [first]), windows]));
    console.log(`Pictures of what was on the screen: ${relative(process.cwd(), shots)}`);
    return code !== 0 ? code : windows.failed > 0 ? 1 : 0;
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof EditorMissing)) throw error;
  console.error(`\n*** THE EDITOR SUITE CANNOT BE RUN HERE ***\n${error.message}\n`);
  process.exitCode = NOT_RUN;
}
