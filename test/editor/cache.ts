/** The cache of what the editor tests need: folders that npm fills, by version, outside of the checkout. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Why the tests cannot be run here: told loudly, since leaving them out is no success. */
export class EditorMissing extends Error {}

export const cacheFolder = (): string => process.env["VQA_TEST_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "vqa-test-editor");

/**
 * A folder of the cache, filled once. Two runs at a time fill one each, and the first that is done is
 * kept; what a run that was ended leaves behind has another name.
 */
export function ensureFolder(name: string, fill: (folder: string) => void): string {
  const cache = cacheFolder();
  const folder = join(cache, name);
  if (existsSync(join(folder, ".complete"))) return folder;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, `${name}-`));
  try {
    console.error(`editor tests: installing ${name} into ${folder}`);
    writeFileSync(join(draft, "package.json"), '{ "private": true }\n');
    fill(draft);
    writeFileSync(join(draft, ".complete"), "");
    // One of an earlier form, without the mark.
    if (existsSync(folder) && !existsSync(join(folder, ".complete"))) rmSync(folder, { recursive: true, force: true });
    if (!existsSync(folder)) renameSync(draft, folder);
    return folder;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Error: EditorMissing. */
export function npm(cwd: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync("npm", [...args, "--ignore-scripts", "--no-audit", "--no-fund"], { cwd, encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] });
  if (status !== 0) throw new EditorMissing(`npm could not install what the editor tests need:\n${(error?.message ?? stderr).trim().split("\n").slice(-5).join("\n")}`);
}
