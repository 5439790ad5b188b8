/** A VS Code that runs as a server, and a browser to look at it. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { chromium, type BrowserContext } from "playwright-core";
import type { Chromium } from "./chromium.js";
import type { EditorPrograms } from "./setup.js";

export interface ServerOptions {
  readonly programs: EditorPrograms;
  /** Packages that are installed before. */
  readonly vsix: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Ask whether a folder is trusted, as an editor does for its users. */
  readonly trust?: boolean;
  /** Told to the extension host. */
  readonly driver?: string;
}

const SETTINGS = {
  "workbench.startupEditor": "none",
  "telemetry.telemetryLevel": "off",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "update.mode": "none",
  "workbench.enableExperiments": false,
  "git.enabled": false,
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
};

/**
 * A window that goes says so at the last moment, and not always in time: what ran for it, our server too, would wait
 * for it to come back for three hours.
 */
const GRACE_S = 20;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface EditorServer {
  readonly child: ChildProcess;
  readonly port: number;
  /** All that it has said. */
  readonly log: () => string;
  ready(): Promise<void>;
}

/** The settings of its user lie in `home`/user/User. Error: a package was not installed. */
export async function startServer({ programs, vsix, settings, trust = false, driver }: ServerOptions, home: string): Promise<EditorServer> {
  const port = await freePort();
  const [user, extensions, config] = [join(home, "user"), join(home, "extensions"), join(home, "config.yaml")];
  mkdirSync(join(user, "User"), { recursive: true });
  mkdirSync(extensions);
  writeFileSync(config, "");
  writeFileSync(join(user, "User", "settings.json"), JSON.stringify({ ...SETTINGS, "security.workspace.trust.enabled": trust, ...settings }));
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
    ...(driver === undefined ? {} : { VQA_TEST_DRIVER: driver }),
  });
  const base = [programs.server, "--config", config, "--user-data-dir", user, "--extensions-dir", extensions];
  for (const file of vsix) {
    const { status, stderr, stdout } = spawnSync(programs.node, [...base, "--install-extension", file], { env, encoding: "utf8" });
    if (status !== 0) throw new Error(`${file} was not installed:\n${stdout}${stderr}`);
  }
  const options = ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-telemetry", "--disable-update-check", ...(trust ? [] : ["--disable-workspace-trust"]), "--disable-getting-started-override", "--disable-proxy", "--ignore-last-opened", "--reconnection-grace-time", String(GRACE_S)];
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
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  return {
    child,
    port,
    log: () => log,
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

export async function endServer(child: ChildProcess): Promise<void> {
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

export function openBrowser({ path: executablePath, env }: Chromium, home: string): Promise<BrowserContext> {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];
  return chromium.launchPersistentContext(join(home, "chromium"), {
    executablePath,
    headless: true,
    viewport: { width: 1280, height: 860 },
    args,
    env: { PATH: process.env["PATH"] ?? "", HOME: home, ...env },
  });
}

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
