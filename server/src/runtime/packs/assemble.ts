/** From files that are known to be right to a whole pack: prepare the language model, write the manifest. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { VqaError, throwIfAborted } from "../../engine/errors.js";
import { convertLanguage } from "../llama/convert/language.js";
import { prepareGguf } from "../llama/prepare/prepare.js";
import type { CatalogueEntry } from "./catalogue.js";
import { parseHead } from "./head.js";
import { MANIFEST_FILE } from "./manifest.js";
import type { PackFile } from "./verify.js";

export interface Gathered extends PackFile {
  /** Absolute path of the file now; it is moved. */
  readonly at: string;
  readonly repo: string;
  readonly revision: string;
  readonly file: string;
}

/**
 * Makes `into`, which must not exist, the pack's folder. Errors: those of `prepareGguf`, model-damaged
 * when the catalogue's manifest does not fit what came out, limit-exceeded.
 */
export async function assemblePack(entry: CatalogueEntry, gathered: readonly Gathered[], into: string, onFraction: (fraction: number) => void, signal?: AbortSignal): Promise<void> {
  await fs.mkdir(into, { recursive: true });
  const files: PackFile[] = [];
  let language: Readonly<Record<string, unknown>> | undefined;
  // The language model first: while it is converted, the files that tell about it are still where they came to.
  const order = [...gathered].sort((a, b) => Number(b.path === entry.prepare?.source) - Number(a.path === entry.prepare?.source));
  for (const { at, path: name, bytes, sha256 } of order) {
    throwIfAborted(signal);
    const place = path.join(into, ...name.split("/"));
    await fs.mkdir(path.dirname(place), { recursive: true });
    if (name === entry.prepare?.source) {
      const { stem, slots } = entry.prepare;
      const converted = entry.prepare.convert === undefined ? 0 : 0.5;
      const source = await asGguf(entry, gathered, at, into, files, (fraction) => onFraction(fraction * converted), signal);
      const prepared = await prepareGguf({ source, into, stem, slots, rows: "auto" }, (fraction) => onFraction(converted + fraction * (1 - converted)), signal);
      const made = [...prepared.files, ...(prepared.undo === undefined ? [] : [prepared.undo])];
      files.push(...made.map((file) => ({ path: path.basename(file.path), bytes: file.bytes, sha256: file.sha256 })));
      language = {
        ...(entry.manifest["language"] as Record<string, unknown> | undefined),
        file: path.basename(prepared.files[0]!.path),
        width: prepared.width,
        slots: prepared.slots,
      };
      for (const done of new Set([at, source])) await fs.rm(done, { force: true });
    } else {
      await fs.rename(at, place);
      files.push({ path: name, bytes, sha256 });
    }
  }
  const manifest = {
    schemaVersion: 1,
    id: entry.id,
    name: entry.name,
    version: entry.version,
    licence: [...new Set(entry.licences.map(({ spdx }) => spdx))].join(" AND "),
    licences: entry.licences,
    source: [...new Set(gathered.map(({ repo, revision }) => `${repo}@${revision}`))].join(" "),
    origins: gathered.map(({ path: name, repo, revision, file, bytes, sha256 }) => ({ path: name, repo, revision, file, bytes, sha256 })),
    ...entry.manifest,
    ...(language === undefined ? {} : { language }),
    files,
  };
  const source = `${JSON.stringify(manifest, undefined, 2)}\n`;
  try {
    parseHead(source, path.join(into, MANIFEST_FILE));
  } catch (thrown) {
    const error = VqaError.from(thrown);
    throw new VqaError(error.code, error.message, "The files are not those that the catalogue describes: update this program.", { cause: thrown, data: error.data });
  }
  const handle = await fs.open(path.join(into, MANIFEST_FILE), "wx");
  try {
    await handle.writeFile(source);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The language model as GGUF: the file itself, or what was made of a safetensors file; a learned row besides goes into `files`. */
async function asGguf({ prepare }: CatalogueEntry, gathered: readonly Gathered[], at: string, into: string, files: PackFile[], onFraction: (fraction: number) => void, signal: AbortSignal | undefined): Promise<string> {
  const convert = prepare?.convert;
  if (convert === undefined) return at;
  const place = (name: string): string => gathered.find((file) => file.path === name)!.at;
  const source = path.join(into, "converted.gguf");
  const row = convert.newline && { name: convert.newline.tensor, into: path.join(into, ...convert.newline.path.split("/")) };
  const made = await convertLanguage({ weights: at, config: place(convert.config), tokenizer: place(convert.tokenizer), into: source, ...(row ? { row } : {}) }, onFraction, signal);
  if (convert.newline && made.row) files.push({ path: convert.newline.path, bytes: made.row.bytes, sha256: made.row.sha256 });
  return source;
}
