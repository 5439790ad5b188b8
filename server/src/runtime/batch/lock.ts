/** One process at a time works on a journal; one that was killed does not keep the next from it. */
import { randomBytes } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { VqaError } from "../../engine/errors.js";

interface Holder {
  readonly pid: number;
  readonly host: string;
}

/**
 * Takes the lock file, and returns what gives it back. Error: `invalid-request` while another process
 * holds it. A holder on this machine that is gone counts for nothing.
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  for (let tries = 0; tries < 5; tries++) {
    // Made aside and linked: the lock never stands there without its holder.
    const own = `${path}.${randomBytes(4).toString("hex")}`;
    await writeFile(own, JSON.stringify({ pid: process.pid, host: hostname() } satisfies Holder), { flag: "wx" });
    try {
      await link(own, path);
      return () => rm(path, { force: true });
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw thrown;
    } finally {
      await rm(own, { force: true });
    }
    const text = await readFile(path, "utf8").catch(() => undefined);
    // It was given back meanwhile.
    if (text === undefined) continue;
    const holder = holderOf(text);
    if (holder === undefined || holder.host !== hostname() || isAlive(holder.pid)) {
      const who = holder === undefined ? "Another process" : `Process ${holder.pid} on ${holder.host}`;
      throw new VqaError("invalid-request", `${who} is at work here.`, `Wait for it, or remove ${path} when it is gone.`, { data: { path } });
    }
    await putAway(path, text);
  }
  throw new VqaError("invalid-request", "Several processes want to be at work here.", "Start one at a time.", { data: { path } });
}

/** Of two that do this at once, one moves the dead lock away, and the other maybe a live one: that is put back. */
async function putAway(path: string, dead: string): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString("hex")}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await readFile(aside, "utf8").catch(() => dead);
  if (moved === dead) await rm(aside, { force: true });
  else await rename(aside, path);
}

function holderOf(text: string): Holder | undefined {
  try {
    const { pid, host } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === "number" && typeof host === "string" ? { pid, host } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}
