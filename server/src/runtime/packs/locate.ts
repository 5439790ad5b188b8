import * as fs from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { VqaError } from "../../engine/errors.js";

/** Packs that come with the program. */
export const EMBEDDED_PACKS = ["micro"] as const;

/**
 * The folder of a pack: an absolute path is taken as it is, a name is looked up among the packs that
 * come with the program. Error: model-missing for anything else.
 */
export function locatePack(idOrFolder: string): string {
  if (path.isAbsolute(idOrFolder)) return idOrFolder;
  if ((EMBEDDED_PACKS as readonly string[]).includes(idOrFolder)) {
    return path.join(packageRoot(), "server", "models", idOrFolder);
  }
  throw new VqaError(
    "model-missing",
    `There is no model "${idOrFolder}".`,
    "See `vqa models list` for those that are here, or give the folder of a model pack.",
    { data: { model: idOrFolder } },
  );
}

/** The folder above this file whose package.json is named "vqa": also from out/ and from an installed extension. */
export function packageRoot(): string {
  for (let folder = path.dirname(fileURLToPath(import.meta.url)); ; folder = path.dirname(folder)) {
    if (isRoot(folder)) return folder;
    if (path.dirname(folder) === folder) throw new VqaError("internal", "The program's own folder was not found.");
  }
}

function isRoot(folder: string): boolean {
  try {
    const parsed: unknown = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
    return (parsed as { name?: unknown }).name === "vqa" && fs.existsSync(path.join(folder, "server", "models"));
  } catch {
    return false;
  }
}
