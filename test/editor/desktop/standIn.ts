/**
 * An executable that stands in for a desktop VS Code where none can be had, so that what starts one, drives
 * it and reads its exit code is run everywhere: it takes the same arguments and shows the same workbench,
 * of VS Code's server, in a Chromium that listens for DevTools. Electron itself it is not.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cacheFolder } from "../cache.js";
import { openBrowser, startServer } from "../editorServer.js";
import { readTally, TALLY_FILE, type Tally } from "../../support/tally.js";
import { runInPage, type SuiteRun } from "../launch.js";
import { endGroup } from "../processes.js";
import { environment } from "../profile.js";
import { ensureEditor } from "../setup.js";
import { makeWorkspace } from "../workspace.js";
import type { Desktop } from "./download.js";
import { runDesktopSuite } from "./launch.js";

/** Lies in a folder as an installation does. */
export function makeStandIn(folder: string): Desktop {
  const [executable, cli] = [join(folder, "code"), join(folder, "bin", "code")];
  mkdirSync(dirname(cli), { recursive: true });
  const program = `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(fileURLToPath(import.meta.url))} "$@"\n`;
  for (const path of [executable, cli]) writeFileSync(path, program, { mode: 0o755 });
  return { executable, cli, screenless: true };
}

/** Tests that use all of the line: they are found, ask the page, change files, and are counted. */
const FEW = "a notebook file";

/** Runs a few tests of the suite as in a desktop editor. */
export async function runInStandIn(run: Omit<SuiteRun, "programs" | "workspace">): Promise<{ code: number; tally: Tally | undefined }> {
  const folder = mkdtempSync(join(tmpdir(), "vqa-si-"));
  const workspace = makeWorkspace();
  try {
    const file = join(folder, "tally.json");
    const code = await runDesktopSuite({ ...run, workspace, desktop: makeStandIn(folder), env: { VQA_TEST_GREP: FEW, [TALLY_FILE]: file, VQA_TEST_CACHE: cacheFolder() } });
    const tally = readTally(file);
    // All of them passing is no success where there were none.
    return { code: code === 0 && !tally?.passed ? 1 : code, tally };
  } finally {
    for (const each of [folder, workspace]) rmSync(each, { recursive: true, force: true });
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Longer than whoever started it waits. */
const TIMEOUT_MS = 30 * 60 * 1000;

const OPTIONS = {
  "user-data-dir": { type: "string", default: "" },
  "extensions-dir": { type: "string", default: "" },
  "install-extension": { type: "string" },
  extensionDevelopmentPath: { type: "string", default: "" },
  extensionTestsPath: { type: "string", default: "" },
  "remote-debugging-port": { type: "string" },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: OPTIONS, strict: false, allowPositionals: true });
  const text = (name: keyof typeof OPTIONS): string => String(values[name] ?? "");
  const programs = ensureEditor();
  const user = text("user-data-dir");
  const home = dirname(user);
  if (values["install-extension"] !== undefined) {
    const args = [programs.server, "--user-data-dir", user, "--extensions-dir", text("extensions-dir"), "--install-extension", text("install-extension")];
    return spawnSync(programs.node, args, { env: environment(home), stdio: "inherit" }).status ?? 1;
  }
  const settings = JSON.parse(readFileSync(join(user, "User", "settings.json"), "utf8")) as Record<string, unknown>;
  const driver = process.env["VQA_TEST_DRIVER"];
  const server = await startServer({ programs, vsix: [], settings, ...(driver === undefined ? {} : { driver }) }, home);
  try {
    await server.ready();
    const port = text("remote-debugging-port");
    const context = await openBrowser(programs.chromium, home, port === "" ? [] : [`--remote-debugging-port=${port}`]);
    const page = context.pages()[0] ?? (await context.newPage());
    const code = await runInPage(page, server.port, { host: text("extensionDevelopmentPath"), suite: text("extensionTestsPath"), workspace: positionals[0] ?? "", timeoutMs: TIMEOUT_MS });
    await context.close();
    return code;
  } finally {
    await endGroup(server.child);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
