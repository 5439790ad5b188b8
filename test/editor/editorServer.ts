/** A VS Code that runs as a server, and a browser to look at it. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { chromium, type BrowserContext } from "playwright-core";
import type { Chromium } from "./chromium.js";
import { freePort, withUs } from "./processes.js";
import { environment, makeProfile } from "./profile.js";
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

/**
 * A window that goes says so at the last moment, and not always in time: what ran for it, our server too, would wait
 * for it to come back for three hours.
 */
const GRACE_S = 20;

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
  const { user, extensions } = makeProfile(home, { ...settings, "security.workspace.trust.enabled": trust });
  const config = join(home, "config.yaml");
  writeFileSync(config, "");
  const env = {
    ...environment(home, driver),
    PATH: `${dirname(programs.node)}:${process.env["PATH"] ?? ""}`,
    EXTENSIONS_GALLERY: "{}",
    CS_DISABLE_GETTING_STARTED_OVERRIDE: "1",
  };
  const base = [programs.server, "--config", config, "--user-data-dir", user, "--extensions-dir", extensions];
  for (const file of vsix) {
    const { status, stderr, stdout } = spawnSync(programs.node, [...base, "--install-extension", file], { env, encoding: "utf8" });
    if (status !== 0) throw new Error(`${file} was not installed:\n${stdout}${stderr}`);
  }
  const options = ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-telemetry", "--disable-update-check", ...(trust ? [] : ["--disable-workspace-trust"]), "--disable-getting-started-override", "--disable-proxy", "--ignore-last-opened", "--reconnection-grace-time", String(GRACE_S)];
  // A group of its own: it starts processes, which have to go with it.
  const child = spawn(programs.node, [...base, ...options], { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  withUs(child);
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

export function openBrowser({ path: executablePath, env }: Chromium, home: string, more: readonly string[] = []): Promise<BrowserContext> {
  const args = [...more, "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];
  return chromium.launchPersistentContext(join(home, "chromium"), {
    executablePath,
    headless: true,
    viewport: { width: 1280, height: 860 },
    args,
    env: { PATH: process.env["PATH"] ?? "", HOME: home, ...env },
  });
}
