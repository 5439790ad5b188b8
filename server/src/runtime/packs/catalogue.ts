/** The models that `vqa models pull` knows: server/models/catalogue, one JSON file a model. Its JSON schema is vqa-catalogue.schema.json. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { VqaError } from "../../engine/errors.js";
import { isPackId } from "./home.js";
import { packageRoot } from "./locate.js";
import { array, flag, integer, maybe, object, optional, packPath, record, sha256, ShapeError, text } from "./shape.js";

const CATALOGUE_VERSION = 1;

const readEntryShape = object({
  schemaVersion: integer(CATALOGUE_VERSION, CATALOGUE_VERSION),
  id: text,
  name: text,
  version: text,
  /** What it is good for, in a sentence. */
  summary: text,
  licences: array(object({ part: text, spdx: text, source: text })),
  /** Whether its authors ask for a sign-in. */
  gated: optional(flag, false),
  files: array(
    object({
      /** Where it lies in the pack, or, for what is prepared, until then. */
      path: packPath,
      repo: text,
      /** A commit, or a branch: then the commit that the hub names at that time is pinned. */
      revision: text,
      file: packPath,
      bytes: maybe(integer(0)),
      sha256: maybe(sha256),
    }),
  ),
  /** The language model that gets visual slots; its original is not kept. */
  prepare: maybe(
    object({
      source: packPath,
      stem: text,
      slots: integer(1, 65_536),
      /** The source is a safetensors file, these are the files that tell what its language model is; all of them are in `files`. */
      convert: maybe(object({ config: packPath, tokenizer: packPath, newline: maybe(object({ tensor: text, path: packPath })) })),
    }),
  ),
  /** `vqa-model.json` without `files`, `revision` and the numbers of the slots. */
  manifest: record,
  /** Where each fact of the manifest was read. */
  facts: array(object({ what: text, where: text })),
});

export type CatalogueEntry = ReturnType<typeof readEntryShape>;

/** `VQA_CATALOGUE` puts a catalogue of one's own in place of the program's. */
function catalogueFolder(): string {
  const own = process.env["VQA_CATALOGUE"];
  if (own !== undefined && path.isAbsolute(own)) return own;
  return path.join(packageRoot(), "server", "models", "catalogue");
}

/** All models, by id. Error: model-damaged for a file that does not fit the schema. */
export async function readCatalogue(folder: string = catalogueFolder()): Promise<readonly CatalogueEntry[]> {
  const names = (await fs.readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json")).sort();
  return Promise.all(names.map(async (name) => parseEntry(await fs.readFile(path.join(folder, name), "utf8"), path.join(folder, name))));
}

/** Error: model-missing for an id that is not there. */
export async function catalogued(id: string, folder?: string): Promise<CatalogueEntry> {
  const all = await readCatalogue(folder);
  const entry = all.find((each) => each.id === id);
  if (entry !== undefined) return entry;
  throw new VqaError("model-missing", `The catalogue has no model "${id}".`, `Choose one of ${all.map((each) => each.id).join(", ")}.`, { data: { model: id } });
}

/** `file` is what error messages name. Error: model-damaged. */
export function parseEntry(source: string, file: string): CatalogueEntry {
  try {
    const entry = readEntryShape(JSON.parse(source), "");
    if (!isPackId(entry.id)) throw new ShapeError("id", "lower-case letters, digits, dots and hyphens", entry.id);
    const paths = entry.files.map((each) => each.path);
    if (new Set(paths).size !== paths.length) throw new ShapeError("files", "different paths", paths);
    if (entry.prepare !== undefined && !paths.includes(entry.prepare.source)) throw new ShapeError("prepare.source", `one of ${paths.join(", ")}`, entry.prepare.source);
    const { convert } = entry.prepare ?? {};
    for (const named of convert === undefined ? [] : [convert.config, convert.tokenizer]) {
      if (!paths.includes(named)) throw new ShapeError("prepare.convert", `two of ${paths.join(", ")}`, named);
    }
    return entry;
  } catch (thrown) {
    throw new VqaError("model-damaged", `${file}: ${(thrown as Error).message}.`, "Install this program again.", { cause: thrown, data: { file } });
  }
}
