/**
 * Runs a test suite inside a real VS Code: its server from npm, its workbench in a headless Chromium,
 * its extension host in Node. The suite is what `extensionTestsPath` names, as on a desktop.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "node:util";
import type { Page } from "playwright-core";
import { startBrowserDriver } from "./browserDriver.js";
import { openBrowser, startServer, type ServerOptions } from "./editorServer.js";
import { isWorthSaying } from "./noise.js";
import { endGroup } from "./processes.js";

export interface SuiteRun extends Pick<ServerOptions, "programs" | "vsix" | "settings"> {
  /** Folder of the extension that a test run must develop. */
  readonly host: string;
  /** CommonJS module with `run(): Promise<void>`. */
  readonly suite: string;
  readonly workspace: string;
  /** Folder for pictures. */
  readonly shots: string;
  readonly timeoutMs: number;
}

/** The exit code of the suite. Nothing that was started outlives this call. */
export async function runSuite(run: SuiteRun): Promise<number> {
  // Short, because a unix socket's path has 107 bytes at most.
  const home = mkdtempSync(join(tmpdir(), "vqa-ed-"));
  const driver = await startBrowserDriver(run.shots);
  mkdirSync(run.shots, { recursive: true });
  const endings: (() => unknown)[] = [() => driver.close()];
  let log = (): string => "";
  try {
    const server = await startServer({ ...run, driver: driver.url }, home);
    log = server.log;
    endings.push(() => endGroup(server.child));
    await server.ready();
    const context = await openBrowser(run.programs.chromium, home);
    endings.push(() => context.close().catch(() => undefined));
    const page = context.pages()[0] ?? (await context.newPage());
    driver.show(page);
    const code = await runInPage(page, server.port, run);
    await page.screenshot({ path: join(run.shots, code === 0 ? "end.png" : "failure.png") }).catch(() => undefined);
    return code;
  } catch (error) {
    console.error(error);
    console.error(log().slice(-4000));
    return 1;
  } finally {
    for (const end of endings.reverse()) await end();
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Opens a workbench that runs a suite, and waits for its exit code. */
export async function runInPage(page: Page, port: number, { host, suite, workspace, timeoutMs }: Omit<SuiteRun, "programs" | "vsix" | "shots">): Promise<number> {
  const ended = new Promise<number>((resolve) => void page.exposeFunction("codeAutomationExit", resolve));
  await page.exposeFunction("codeAutomationLog", (type: string, args: readonly unknown[] = []) => {
    const line = format(...args.map((arg) => (typeof arg === "object" && arg !== null && "$severity" in arg ? (arg as unknown as { arguments: unknown }).arguments : arg)));
    if (isWorthSaying(line)) (type === "error" ? process.stderr : process.stdout).write(`${line}\n`);
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
