/**
 * Runs a test suite inside a real VS Code: its server from npm, its workbench in a headless Chromium,
 * its extension host in Node. The suite is what `extensionTestsPath` names, as on a desktop.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { format } from "node:util";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { startBrowserDriver } from "./browserDriver.js";
import type { Chromium } from "./chromium.js";
import type { EditorPrograms } from "./setup.js";

export interface SuiteRun {
  readonly programs: EditorPrograms;
  /** Packages that are installed before. */
  readonly vsix: readonly string[];
  /** Folder of the extension that a test run must develop. */
  readonly host: string;
  /** CommonJS module with `run(): Promise<void>`. */
  readonly suite: string;
  readonly workspace: string;
  /** Folder for pictures. */
  readonly shots: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
}

const SETTINGS = {
  "workbench.startupEditor": "none",
  "telemetry.telemetryLevel": "off",
  "security.workspace.trust.enabled": false,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "update.mode": "none",
  "workbench.enableExperiments": false,
  "git.enabled": false,
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
};

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The exit code of the suite. Nothing that was started outlives this call. */
export async function runSuite(run: SuiteRun): Promise<number> {
  // Short, because a unix socket's path has 107 bytes at most.
  const home = mkdtempSync(join(tmpdir(), "vqa-ed-"));
  const driver = await startBrowserDriver(run.shots);
  mkdirSync(run.shots, { recursive: true });
  const endings: (() => unknown)[] = [() => driver.close()];
  let log = "";
  try {
    const server = startServer(run, home, driver.url, await freePort());
    endings.push(() => endServer(server.child));
    server.child.stdout?.on("data", (chunk: Buffer) => (log += chunk.toString()));
    server.child.stderr?.on("data", (chunk: Buffer) => (log += chunk.toString()));
    await server.ready();
    const context = await openBrowser(run.programs.chromium, home);
    endings.push(() => context.close().catch(() => undefined));
    const page = context.pages()[0] ?? (await context.newPage());
    driver.page = page;
    const code = await runInPage(page, server.port, run);
    await page.screenshot({ path: join(run.shots, code === 0 ? "end.png" : "failure.png") }).catch(() => undefined);
    return code;
  } catch (error) {
    console.error(error);
    console.error(log.slice(-4000));
    return 1;
  } finally {
    for (const end of endings.reverse()) await end();
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

interface EditorServer {
  readonly child: ChildProcess;
  readonly port: number;
  ready(): Promise<void>;
}

function startServer({ programs, vsix, settings }: SuiteRun, home: string, driver: string, port: number): EditorServer {
  const [user, extensions, config] = [join(home, "user"), join(home, "extensions"), join(home, "config.yaml")];
  mkdirSync(join(user, "User"), { recursive: true });
  mkdirSync(extensions);
  writeFileSync(config, "");
  writeFileSync(join(user, "User", "settings.json"), JSON.stringify({ ...SETTINGS, ...settings }));
  const env: NodeJS.ProcessEnv = {};
  // Of an editor or a package manager around us, the one under test must know nothing.
  for (const [key, value] of Object.entries(process.env)) if (!/^(VSCODE_|ELECTRON_|npm_|NODE_OPTIONS$|PORT$|PASSWORD$)/.test(key)) env[key] = value;
  Object.assign(env, {
    HOME: home,
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_DATA_HOME: join(home, "data"),
    XDG_RUNTIME_DIR: home,
    PATH: `${dirname(programs.node)}:${process.env["PATH"] ?? ""}`,
    EXTENSIONS_GALLERY: "{}",
    CS_DISABLE_GETTING_STARTED_OVERRIDE: "1",
    VQA_TEST_DRIVER: driver,
  });
  const base = [programs.server, "--config", config, "--user-data-dir", user, "--extensions-dir", extensions];
  for (const file of vsix) {
    const { status, stderr, stdout } = spawnSync(programs.node, [...base, "--install-extension", file], { env, encoding: "utf8" });
    if (status !== 0) throw new Error(`${file} was not installed:\n${stdout}${stderr}`);
  }
  const options = ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust", "--disable-getting-started-override", "--disable-proxy", "--ignore-last-opened"];
  // A group of its own: it starts processes, which have to go with it.
  const child = spawn(programs.node, [...base, ...options], { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const killNow = (): void => killGroup(child);
  // A signal alone would end us without that.
  const leave = (): never => process.exit(130);
  process.once("exit", killNow);
  for (const signal of SIGNALS) process.once(signal, leave);
  child.once("exit", () => {
    process.off("exit", killNow);
    for (const signal of SIGNALS) process.off(signal, leave);
  });
  return {
    child,
    port,
    ready: async () => {
      for (let tries = 0; tries < 600; tries++) {
        if (child.exitCode !== null) break;
        if (await fetch(`http://127.0.0.1:${port}/healthz`).then(({ ok }) => ok, () => false)) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error("The editor's server did not start.");
    },
  };
}

async function endServer(child: ChildProcess): Promise<void> {
  const gone = child.exitCode !== null ? Promise.resolve() : new Promise((resolve) => child.once("exit", resolve));
  try {
    process.kill(-(child.pid as number), "SIGTERM");
  } catch {
    // Gone already.
  }
  await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 5000))]);
  killGroup(child);
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-(child.pid as number), "SIGKILL");
  } catch {
    // Gone already.
  }
}

function openBrowser({ path: executablePath, env }: Chromium, home: string): Promise<BrowserContext> {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];
  return chromium.launchPersistentContext(join(home, "chromium"), {
    executablePath,
    headless: true,
    viewport: { width: 1280, height: 860 },
    args,
    env: { PATH: process.env["PATH"] ?? "", HOME: home, ...env },
  });
}

async function runInPage(page: Page, port: number, { host, suite, workspace, timeoutMs }: SuiteRun): Promise<number> {
  const ended = new Promise<number>((resolve) => void page.exposeFunction("codeAutomationExit", resolve));
  await page.exposeFunction("codeAutomationLog", (type: string, args: readonly unknown[] = []) => {
    const line = format(...args.map((arg) => (typeof arg === "object" && arg !== null && "$severity" in arg ? (arg as unknown as { arguments: unknown }).arguments : arg)));
    if (process.env["VQA_TEST_VERBOSE"] === "1" || !NOISE.test(line) && !NOISE_INSIDE.test(line)) (type === "error" ? process.stderr : process.stdout).write(`${line}\n`);
  });
  // A built VS Code takes the paths of a test run from the URL only when its page says so. Rewriting the
  // page on its way instead makes Chromium refuse the WebSocket to this machine.
  await page.addInitScript(() => {
    const settings = "vscode-workbench-web-configuration";
    const { Element: Base } = globalThis as unknown as { Element: { prototype: { id: string; getAttribute(name: string): string | null } } };
    const get = Base.prototype.getAttribute;
    Base.prototype.getAttribute = function (name: string) {
      const value = get.call(this, name);
      if (name !== "data-settings" || this.id !== settings || value === null) return value;
      const configuration = JSON.parse(value) as { developmentOptions?: object };
      configuration.developmentOptions = { ...configuration.developmentOptions, enableSmokeTestDriver: true };
      return JSON.stringify(configuration);
    };
  });
  const remote = (path: string): string => `vscode-remote://127.0.0.1:${port}${encodeURI(path)}`;
  const payload = [
    ["skipWelcome", "true"],
    ["extensionDevelopmentPath", remote(host)],
    ["extensionTestsPath", remote(suite)],
  ];
  const url = new URL(`http://127.0.0.1:${port}/`);
  url.searchParams.set("folder", workspace);
  url.searchParams.set("payload", JSON.stringify(payload));
  await page.goto(url.href);
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`The suite did not end within ${timeoutMs / 1000} s.`)), timeoutMs).unref());
  return Promise.race([ended, late]);
}

/** What the workbench itself says. */
const NOISE = /^(\[[A-Z][A-Za-z:]+[^\]]*\]|Creating a socket|Resolv(ing|ed) |Ignoring fetching|ChatSessionStore: |Updating additional|Started local extension host|Invoking resolveAuthority|Timed out waiting for auth|(Error: )?getaddrinfo |(Error: )?Could not locate the bindings file|(Error: )?Cannot find module .\.\/build\/Release|%c|Activating extension|\[reconnection)/;

/** Native modules of the workbench that are not needed are not built; nor is its assistant used. */
const NOISE_INSIDE = /bindings file|build\/Release\/watchdog|github[.-]copilot|extensions\/copilot|^DialogService: /i;

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
