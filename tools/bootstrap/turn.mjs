/** One setup at a time in a checkout: two at once would delete each other's files. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs `work` while no other process runs one for the same checkout.
 * @template T
 * @param {string} root
 * @param {import("./report.mjs").Reporter} report
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function ensureAlone(root, report, work) {
  const file = join(root, ".cache", "setup.lock");
  mkdirSync(join(root, ".cache"), { recursive: true });
  for (let waited = false; !take(file); waited = true) {
    if (!waited) report.say(`waiting for the setup of process ${holder(file)} ...`);
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
  }
  // Left behind by a process that was killed.
  if (!isAlive(holder(file))) rmSync(file, { force: true });
  return false;
}

/** @param {string} file @returns {number} NaN when the file is gone or half written */
function holder(file) {
  try {
    return Number.parseInt(readFileSync(file, "utf8"), 10);
  } catch {
    return Number.NaN;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  // Not yet written by its owner, or already removed: look again later.
  if (Number.isNaN(pid)) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}
