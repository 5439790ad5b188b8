/** What every pack's manifest says, whatever the pack is for: who it is, and which files are its own. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { VqaError } from "../../engine/errors.js";
import { expectEmbedder } from "./consistent.js";
import { composersOf, MANIFEST_FILE, parseManifest, readEmbedder, readManifest, type EmbedderManifest } from "./manifest.js";
import { array, integer, maybe, object, packPath, record, sha256, ShapeError, text } from "./shape.js";
import type { PackFile } from "./verify.js";

const readHeadShape = object({
  schemaVersion: integer(1, 1),
  id: text,
  name: text,
  version: text,
  licence: text,
  source: text,
  /** A recogniser of speech, or an embedder of sentences, in a folder of the pack. */
  speech: maybe(record),
  embedder: maybe(readEmbedder),
  files: array(object({ path: packPath, bytes: integer(0), sha256 })),
});

export interface PackHead {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly files: readonly PackFile[];
  /** Names of the systems that answer questions about videos, the default first; none in a pack of speech or sentences alone. */
  readonly composers: readonly string[];
  readonly embedder?: EmbedderManifest;
}

/** Errors: model-missing, model-damaged, model-unsupported. A pack that answers about videos is read whole. */
export async function readHead(folder: string): Promise<PackHead> {
  const file = path.join(folder, MANIFEST_FILE);
  const source = await fs.readFile(file, "utf8").catch(() => undefined);
  // The reader of whole manifests says why it cannot be read.
  return source === undefined ? withComposers(await readManifest(folder)) : parseHead(source, file);
}

/** `file` is what error messages name. Errors: model-damaged, model-unsupported. */
export function parseHead(source: string, file: string): PackHead {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return withComposers(parseManifest(source, file));
  }
  const aside = typeof value === "object" && value !== null && !("composer" in value) && ("speech" in value || "embedder" in value);
  if (!aside) return withComposers(parseManifest(source, file));
  try {
    const { speech: _, ...head } = readHeadShape(value, "");
    expectEmbedder(head);
    return { ...head, composers: [] };
  } catch (thrown) {
    if (!(thrown instanceof ShapeError)) throw thrown;
    throw new VqaError("model-damaged", `${file}: ${thrown.message}.`, "Install the model pack again, or correct its manifest.", { cause: thrown, data: { file, field: thrown.field } });
  }
}

function withComposers(manifest: ReturnType<typeof parseManifest>): PackHead {
  return { ...manifest, composers: composersOf(manifest) };
}
