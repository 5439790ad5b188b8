/** A screen for a desktop editor on Linux: the one that is there, else one in memory. */
import { spawn, spawnSync } from "node:child_process";
import type { Readable } from "node:stream";
import { aptInstall } from "../apt.js";
import { EditorMissing } from "../cache.js";
import { endGroup, withUs } from "../processes.js";

export interface Display {
  readonly env: Readonly<Record<string, string>>;
  end(): Promise<void>;
}

const SERVER = "Xvfb";
/** What the package of VS Code for Debian asks for, where that is not installed by a browser. */
const NEEDED = ["xvfb", "libgtk-3-0", "libnss3", "libgbm1", "libasound2", "libxkbfile1", "libsecret-1-0"];

/** Error: EditorMissing. */
export async function openDisplay(env: NodeJS.ProcessEnv = process.env): Promise<Display> {
  if (process.platform !== "linux" || env["DISPLAY"] || env["WAYLAND_DISPLAY"]) return { env: {}, end: async () => undefined };
  if (!isThere() && !(aptInstall(...NEEDED) && isThere())) throw new EditorMissing("A desktop editor needs a screen. Install xvfb, or run the tests where DISPLAY is set.");
  // It chooses a number that is free, and says which.
  const child = spawn(SERVER, ["-displayfd", "3", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "pipe", "pipe"], detached: true });
  withUs(child);
  let [number, said] = ["", ""];
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new EditorMissing(`${SERVER} ended at once:\n${said.slice(-1000)}`)));
    (child.stdio[3] as Readable).on("data", (chunk: Buffer) => void ((number += chunk.toString()).includes("\n") && resolve()));
  });
  return { env: { DISPLAY: `:${number.trim()}` }, end: () => endGroup(child) };
}

const isThere = (): boolean => spawnSync(SERVER, ["-help"], { stdio: "ignore" }).error === undefined;
