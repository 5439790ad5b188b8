/** A desktop VS Code for the tests: one that is named, else one from its makers, kept in the cache. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { downloadAndUnzipVSCode, resolveCliPathFromVSCodeExecutablePath } from "@vscode/test-electron";
import { cacheFolder, EditorMissing } from "../cache.js";

/** That of the server that the other tests run in. */
const VERSION = "1.139.1";
const RELEASES = "https://update.code.visualstudio.com/api/releases/stable";
/** Longest wait for a site that may not be reachable. */
const REACH_MS = 15_000;
/** Longest silence of a download. */
const SILENCE_MS = 60_000;

export interface Desktop {
  /** Starts a window. */
  readonly executable: string;
  /** Its command line, which installs packages. */
  readonly cli: string;
  /** It needs no screen. */
  readonly screenless?: boolean;
}

/**
 * `VQA_TEST_DESKTOP` names the executable of one that is installed.
 * Error: EditorMissing, where it is not there and its download cannot be reached.
 */
export async function ensureDesktop(): Promise<Desktop> {
  const executable = named() ?? (await downloaded());
  const cli = resolveCliPathFromVSCodeExecutablePath(executable);
  if (!existsSync(cli)) throw new EditorMissing(`The desktop editor has no command line at ${cli}. Name the executable of a whole installation in VQA_TEST_DESKTOP.`);
  return { executable, cli };
}

function named(): string | undefined {
  const path = process.env["VQA_TEST_DESKTOP"];
  if (path === undefined || path === "") return undefined;
  if (!existsSync(path)) throw new EditorMissing(`VQA_TEST_DESKTOP names ${path}, which is not there.`);
  return path;
}

async function downloaded(): Promise<string> {
  const cachePath = join(cacheFolder(), `desktop-${VERSION}`);
  // What was brought once needs no network.
  if (!existsSync(cachePath)) await reach(RELEASES);
  mkdirSync(cachePath, { recursive: true });
  try {
    return await downloadAndUnzipVSCode({ version: VERSION, cachePath, timeout: SILENCE_MS });
  } catch (error) {
    throw new EditorMissing(`The desktop editor ${VERSION} could not be downloaded: ${reason(error)}`);
  }
}

/**
 * Asked for first, since a download waits without end where a network answers nothing. Proxies of npm's settings
 * are not gone through here: behind one, an editor has to be named. Error: EditorMissing.
 */
export async function reach(url: string, timeoutMs = REACH_MS): Promise<void> {
  try {
    // As the download itself asks; a site need not know HEAD.
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`status ${answer.status}`);
  } catch (error) {
    throw new EditorMissing(`The download of the desktop editor cannot be reached (${new URL(url).host}: ${reason(error)}). Name one that is installed in VQA_TEST_DESKTOP.`);
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
