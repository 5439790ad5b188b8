/**
 * Runs a test suite inside a desktop VS Code, in the way that its makers document for extensions: the
 * executable, with the suite as `--extensionTestsPath`. Its window is driven through Chromium's DevTools
 * protocol.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium, type Browser, type Page } from "playwright-core";
import { startBrowserDriver } from "../browserDriver.js";
import type { SuiteRun } from "../launch.js";
import { isWorthSaying } from "../noise.js";
import { endGroup, freePort, withUs } from "../processes.js";
import { environment, makeProfile } from "../profile.js";
import { openDisplay } from "./display.js";
import type { Desktop } from "./download.js";

export interface DesktopRun extends Omit<SuiteRun, "programs"> {
  readonly desktop: Desktop;
  /** Told to the tests besides. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Dialogs and menus of the system cannot be driven. */
const SETTINGS = { "window.dialogStyle": "custom", "window.titleBarStyle": "custom", "window.menuStyle": "custom", "files.simpleDialog.enable": true, "window.restoreWindows": "none" };

const WINDOW = { width: 1280, height: 860 };

/** The exit code of the suite. Nothing that was started outlives this call. */
export async function runDesktopSuite(run: DesktopRun): Promise<number> {
  // Short, because a unix socket's path has 107 bytes at most.
  const home = mkdtempSync(join(tmpdir(), "vqa-ed-"));
  mkdirSync(run.shots, { recursive: true });
  const endings: (() => unknown)[] = [];
  try {
    const driver = await startBrowserDriver(run.shots);
    endings.push(() => driver.close());
    const display = run.desktop.screenless ? undefined : await openDisplay();
    endings.push(() => display?.end());
    const profile = makeProfile(home, { ...SETTINGS, ...run.settings });
    const folders = [`--user-data-dir=${profile.user}`, `--extensions-dir=${profile.extensions}`];
    const env = { ...environment(home, driver.url), ...display?.env, ...run.env };
    for (const file of run.vsix) install(run.desktop.cli, [...folders, "--install-extension", file], env);
    const port = await freePort();
    const child = spawn(run.desktop.executable, [...argumentsOf(run, port), ...folders], { env, stdio: ["ignore", "pipe", "pipe"], detached: process.platform !== "win32" });
    withUs(child);
    endings.push(() => endGroup(child));
    for (const [stream, out] of [[child.stdout, process.stdout], [child.stderr, process.stderr]] as const) {
      createInterface({ input: stream }).on("line", (line) => void (isWorthSaying(line) && !OF_ELECTRON.test(line) && out.write(`${line}\n`)));
    }
    const ended = exitOf(child, run.timeoutMs);
    // Whoever waits for it hears of it below; until then it is nobody's failure.
    ended.catch(() => undefined);
    const browser = await attach(port, ended);
    if (browser) {
      endings.push(() => browser.close().catch(() => undefined));
      const page = await workbench(browser, ended);
      await page?.setViewportSize(WINDOW);
      if (page) driver.show(page);
    }
    return await ended;
  } finally {
    for (const end of endings.reverse()) await end();
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

function install(cli: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  // Node starts no batch file without a shell, and that needs quotes.
  const shell = process.platform === "win32";
  const quoted = (text: string): string => (shell ? `"${text}"` : text);
  const { status, stdout, stderr, error } = spawnSync(quoted(cli), args.map(quoted), { env, encoding: "utf8", shell });
  if (status !== 0) throw new Error(`${args.at(-1)} was not installed:\n${error?.message ?? `${stdout}${stderr}`}`);
}

const argumentsOf = ({ workspace, host, suite }: DesktopRun, port: number): string[] => [
  workspace,
  // Root has no sandbox of Chromium, nor have most containers.
  "--no-sandbox",
  "--disable-gpu-sandbox",
  "--disable-updates",
  "--skip-welcome",
  "--skip-release-notes",
  "--disable-workspace-trust",
  `--extensionDevelopmentPath=${host}`,
  `--extensionTestsPath=${suite}`,
  `--remote-debugging-port=${port}`,
];

function exitOf(child: ChildProcess, timeoutMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`The suite did not end within ${timeoutMs / 1000} s.`)), timeoutMs).unref();
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      clearTimeout(late);
      if (code === null) reject(new Error(`The editor was ended by ${signal}.`));
      else resolve(code);
    });
  });
}

/** Undefined when the editor ended before it could be looked at. */
async function attach(port: number, ended: Promise<number>): Promise<Browser | undefined> {
  return whileAlive(ended, async () => {
    const url = `http://127.0.0.1:${port}`;
    return (await fetch(`${url}/json/version`).then(({ ok }) => ok, () => false)) ? chromium.connectOverCDP(url) : undefined;
  });
}

async function workbench(browser: Browser, ended: Promise<number>): Promise<Page | undefined> {
  return whileAlive(ended, async () => {
    for (const page of browser.contexts().flatMap((context) => context.pages())) {
      if ((await page.locator(".monaco-workbench").count().catch(() => 0)) > 0) return page;
    }
    return undefined;
  });
}

async function whileAlive<T>(ended: Promise<number>, look: () => Promise<T | undefined>): Promise<T | undefined> {
  let alive = true;
  const over = (): void => void (alive = false);
  ended.then(over, over);
  while (alive) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return undefined;
}

/** What Electron says on any machine without a session. */
const OF_ELECTRON = /^(\[\d+:\d+\/|DevTools listening|Warning: '[\w-]+' is not in the list of known options|\[main )/;
