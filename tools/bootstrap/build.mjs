/** Compiles when a source, the compiler's settings or the packages changed since the last time. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { SetupError } from "./report.mjs";

/**
 * @param {string} root
 * @param {import("./report.mjs").Reporter} report
 * @returns {Promise<boolean>} whether it compiled
 */
export async function ensureBuild(root, report) {
  const stamp = join(root, "out", ".build-stamp");
  const wanted = fingerprint(root);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
    report.detail("the build is in order");
    return false;
  }
  await report.step("compiling", () => compile(root));
  removeOrphans(root);
  writeFileSync(stamp, wanted);
  return true;
}

/**
 * A hash over names, sizes and times of the sources: the content need not be read.
 * @param {string} root
 */
export function fingerprint(root) {
  const hash = createHash("sha256");
  hash.update(`${process.platform} ${process.arch}\n`);
  const { include } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8"));
  const files = /** @type {string[]} */ (include).flatMap((folder) => typescriptFiles(join(root, folder)));
  for (const path of [...files, join(root, "tsconfig.json"), join(root, "package-lock.json")].sort()) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(root, path)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

/** @param {string} folder @returns {string[]} */
function typescriptFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : typescriptFiles(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

/** @param {string} root @returns {Promise<void>} */
function compile(root) {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tsc, "-p", "tsconfig.json"], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk) => (text += chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) return resolve();
      const lines = text.trim().split("\n");
      const shown = lines.slice(0, 12).join("\n       ");
      reject(new SetupError(`The sources do not compile.\n       ${shown}`, lines.length > 12 ? `... and ${lines.length - 12} lines more: npx tsc -p tsconfig.json` : ""));
    });
  });
}

/** Output whose source is gone would go on running, tests above all. @param {string} root */
function removeOrphans(root) {
  const out = join(root, "out");
  /** @param {string} folder */
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (/\.js(\.map)?$/.test(entry.name)) {
        const source = join(root, relative(out, path).split(sep).join("/").replace(/\.js(\.map)?$/, ".ts"));
        if (!existsSync(source)) rmSync(path);
      }
    }
  };
  visit(out);
}
