/** The files that a batch is about: of folders, of patterns, of lists; in one order wherever they lie. */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { glob } from "tinyglobby";
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import { fileError } from "../../runtime/datasets/files.js";

export const VIDEO = /\.(mp4|m4v|mov|mkv|webm|avi|gif|flv|ogv|mpg|mpeg|ts|m2ts|wmv|3gp)$/i;
export const NOTEBOOK = /\.vqa$/i;
const PATTERN = /[*?[\]{}!]/;

export interface FoundFile {
  /** As results name it: relative to the folder, the pattern's base or the list. */
  readonly name: string;
  readonly path: string;
}

/**
 * Files of the kind, each once, by name. What is named itself is taken whatever its extension.
 * Errors: `notebook-unreadable` for a name that is nothing at all.
 */
export async function filesOf(names: readonly string[], kind: RegExp, signal: AbortSignal): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  for (const name of names) {
    const path = resolve(name);
    const facts = await stat(path).catch(() => undefined);
    throwIfAborted(signal);
    if (facts?.isDirectory() === true) {
      // Two folders may hold files of one name.
      const prefix = names.length > 1 ? `${basename(path)}/` : "";
      for (const each of await walk(path, kind, signal)) found.push({ name: prefix + each, path: join(path, each) });
    } else if (facts !== undefined) found.push({ name: isAbsolute(name) ? basename(name) : name.split(sep).join("/"), path });
    else if (PATTERN.test(name)) {
      const matches = await glob(isAbsolute(name) ? [name] : [name.split("\\").join("/")], { absolute: true, onlyFiles: true, expandDirectories: false });
      const fitting = matches.filter((match) => kind.test(match));
      if (fitting.length === 0) throw nothing(name);
      for (const match of fitting) found.push({ name: relative(process.cwd(), match).split(sep).join("/"), path: match });
    } else throw fileError(name, Object.assign(new Error(), { code: "ENOENT" }));
  }
  return sorted(found);
}

/** One path a line, relative to the list; `#` begins a comment. Files that are missing fail one by one, later. */
export async function listed(list: string): Promise<readonly FoundFile[]> {
  const text = await readFile(list, "utf8").catch((thrown: unknown) => Promise.reject(fileError(list, thrown)));
  const names = text.replace(/^\ufeff/, "").split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  return unique(names.map((name) => ({ name, path: resolve(dirname(resolve(list)), name) })));
}

async function walk(folder: string, kind: RegExp, signal: AbortSignal, below = ""): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    throwIfAborted(signal);
    // Hidden folders hold caches, and our own journal.
    if (entry.name.startsWith(".")) continue;
    const name = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) files.push(...(await walk(folder, kind, signal, name)));
    else if (kind.test(extname(entry.name))) files.push(name);
  }
  return files;
}

function sorted(files: readonly FoundFile[]): readonly FoundFile[] {
  return unique([...files].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)));
}

function unique(files: readonly FoundFile[]): readonly FoundFile[] {
  const seen = new Set<string>();
  return files.filter(({ path }) => !seen.has(path) && seen.add(path));
}

function nothing(name: string): VqaError {
  return new VqaError("notebook-unreadable", `${name} matches no file.`, "Check the pattern, and put it in quotes.", { data: { path: name } });
}
