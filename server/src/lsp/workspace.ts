/** Files for the language features: what is open in the editor, and what lies in the folders it opened. */
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, relative, isAbsolute } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { TextDocument } from "vscode-languageserver-textdocument";
import { decodeUtf8 } from "../format/index.js";
import type { FolderEntry, Workspace } from "../language/service.js";

interface Documents {
  all(): TextDocument[];
  get(uri: string): TextDocument | undefined;
}

/** A notebook is written by hand; what is larger is not looked at. */
const MAX_BYTES = 8 * 1024 * 1024;
/** A search for notebooks ends here, so that a home folder opened by mistake does no harm. */
const MAX_FOLDERS = 5_000;
const MAX_NOTEBOOKS = 2_000;
/** Texts of files that are not open, kept for the next search. */
const MAX_KEPT = 500;
const SKIPPED = new Set(["node_modules", "out", "dist"]);

export class FileWorkspace implements Workspace {
  readonly #documents: Documents;
  readonly #folders: () => readonly string[];
  readonly #read = new Map<string, { readonly stamp: string; readonly document: TextDocument }>();
  #version = 0;

  /** @param folders URIs of the workspace's folders; without any, the folders of the open documents count */
  constructor(documents: Documents, folders: () => readonly string[]) {
    this.#documents = documents;
    this.#folders = folders;
  }

  async notebooks(signal?: AbortSignal): Promise<readonly string[]> {
    const open = this.#documents.all().map(({ uri }) => uri);
    const known = new Set(open.map(pathOf));
    const found: string[] = [];
    const waiting = this.#folders().flatMap((uri) => pathOf(uri) ?? []);
    for (let looked = 0; looked < MAX_FOLDERS && found.length < MAX_NOTEBOOKS; looked++) {
      const folder = waiting.shift();
      if (folder === undefined || signal?.aborted) break;
      // Links are not followed: they may lead around in circles, or outside.
      for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
        const path = join(folder, entry.name);
        if (entry.isDirectory() && !entry.name.startsWith(".") && !SKIPPED.has(entry.name)) waiting.push(path);
        else if (entry.isFile() && entry.name.endsWith(".vqa") && !known.has(path)) found.push(pathToFileURL(path).href);
      }
    }
    return [...open, ...found];
  }

  async read(uri: string, signal?: AbortSignal): Promise<TextDocument | undefined> {
    const open = this.#documents.get(uri);
    if (open !== undefined) return open;
    const path = pathOf(uri);
    if (path === undefined || !(await this.#isInside(path))) return undefined;
    const facts = await stat(path).catch(() => undefined);
    if (facts === undefined || !facts.isFile() || facts.size > MAX_BYTES || signal?.aborted) return undefined;
    const stamp = `${facts.mtimeMs} ${facts.size}`;
    const known = this.#read.get(uri);
    if (known?.stamp === stamp) return known.document;
    const text = decodeUtf8(await readFile(path), path);
    const document = TextDocument.create(uri, "vqa", ++this.#version, text);
    this.#read.delete(uri);
    this.#read.set(uri, { stamp, document });
    const [oldest] = this.#read.keys();
    if (this.#read.size > MAX_KEPT && oldest !== undefined) this.#read.delete(oldest);
    return document;
  }

  async list(folder: string, _signal?: AbortSignal): Promise<readonly FolderEntry[]> {
    const path = pathOf(folder);
    if (path === undefined || !(await this.#isInside(path))) return [];
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    return entries.flatMap((entry): FolderEntry[] => {
      if (entry.isDirectory()) return [{ name: entry.name, kind: "folder" }];
      return entry.isFile() || entry.isSymbolicLink() ? [{ name: entry.name, kind: "file" }] : [];
    });
  }

  /** In a folder that the user opened, links resolved. */
  async #isInside(path: string): Promise<boolean> {
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined) return false;
    const folders = this.#folders();
    const roots = (folders.length > 0 ? folders : this.#documents.all().flatMap(({ uri }) => (uri.startsWith("file:") ? new URL(".", uri).href : []))).flatMap((uri) => pathOf(uri) ?? []);
    for (const root of roots) {
      const way = relative(await realpath(root).catch(() => root), real);
      if (!isAbsolute(way) && way.split(/[\\/]/)[0] !== "..") return true;
    }
    return false;
  }
}

function pathOf(uri: string): string | undefined {
  try {
    return uri.startsWith("file:") ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined;
  }
}
