/** Names and versions of what computes an answer, for its provenance. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The version in the package.json that is nearest above this file and named "vqa". */
export function ownVersion(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const found = readPackage(join(folder, "package.json"));
    if (found?.name === "vqa" && found.version !== undefined) return found.version;
    if (dirname(folder) === folder) return "unknown";
  }
}

/** "name version" of an installed dependency. */
export function dependency(name: string): string {
  try {
    const path = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return `${name} ${readPackage(path)?.version ?? "unknown"}`;
  } catch {
    return `${name} unknown`;
  }
}

function readPackage(path: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as { name?: string; version?: string };
  } catch {
    return undefined;
  }
}
