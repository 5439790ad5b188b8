/** The repository's root: the folder, at or above the working directory, whose package is named "vqa". */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const repoRoot: string = find(process.cwd());

function find(folder: string): string {
  const manifest = join(folder, "package.json");
  if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, "utf8")) as { name?: string }).name === "vqa") return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`No package named "vqa" at or above ${process.cwd()}: run the tests inside the repository.`);
  return find(parent);
}
