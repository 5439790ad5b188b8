/**
 * What a pack has beside its eyes and its language model: a speech recogniser, in the layout in which
 * its publisher has it. It lies in a folder of the pack, or makes a pack of its own that a video pack
 * names. Its files are verified like all others before they are used.
 */
import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import { MANIFEST_FILE } from "./manifest.js";
import { locatePack, packageRoot } from "./locate.js";
import { array, integer, object, oneOf, optional, packPath, sha256, ShapeError, text, type Read } from "./shape.js";
import { verifyFiles, type PackFile } from "./verify.js";

/** The ends of the file names that publishers give to the same weights in other number formats. */
export const PRECISIONS = { fp32: "", fp16: "_fp16", int8: "_int8", uint8: "_uint8", quantized: "_quantized", q4: "_q4", q4f16: "_q4f16", bnb4: "_bnb4" } as const;
export type Precision = keyof typeof PRECISIONS;

/** A model in a folder of published files. */
export interface ModelFolder {
  /** Absolute. */
  readonly folder: string;
  /** Paths below the folder, verified. */
  readonly files: ReadonlySet<string>;
  readonly suffix: string;
  /** For provenance. */
  readonly name: string;
  /** sha256 of what decides the model's output. */
  readonly digest: string;
}

const fileList = array(object({ path: packPath, bytes: integer(0), sha256 }));
const nameOf = object({ id: text });

/** "." is the pack's own folder. */
const folder: Read<string> = (value, field) => (value === "." ? value : packPath(value, field));
const inline = object({ folder, name: optional(text, ""), precision: optional(oneOf(...(Object.keys(PRECISIONS) as Precision[])), "fp32") });
const named = object({ pack: text });
const section: Read<ReturnType<typeof inline> | ReturnType<typeof named>> = (value, field) =>
  typeof value === "object" && value !== null && "pack" in value ? named(value, field) : inline(value, field);

/**
 * The `speech` section of a pack, its files verified. `pack` is a name or a folder.
 * Undefined when it has none. Errors: model-missing, model-damaged, cancelled.
 */
export async function companionOf(kind: "speech", pack: string, signal?: AbortSignal): Promise<ModelFolder | undefined> {
  const root = locatePack(pack);
  const manifest = path.join(root, MANIFEST_FILE);
  const value = await readJson(manifest);
  throwIfAborted(signal);
  try {
    if (value[kind] === undefined) return undefined;
    const found = section(value[kind], kind);
    if ("pack" in found) {
      const other = await companionOf(kind, await beside(root, found.pack), signal);
      if (other === undefined) throw new ShapeError(`${kind}.pack`, `a pack with a section "${kind}"`, found.pack);
      return other;
    }
    const { id } = nameOf(value, "");
    const prefix = found.folder === "." ? "" : `${found.folder}/`;
    const files = fileList(value["files"], "files").filter((file: PackFile) => file.path.startsWith(prefix));
    if (files.length === 0) throw new ShapeError(`${kind}.folder`, "a folder of files that are listed", found.folder);
    await verifyFiles(root, files, signal);
    const lines = files.map((file) => `${file.path.slice(prefix.length)} ${file.sha256}\n`).sort();
    return {
      folder: path.join(root, ...found.folder.split("/")),
      files: new Set(files.map((file) => file.path.slice(prefix.length))),
      suffix: PRECISIONS[found.precision],
      name: found.name || id,
      digest: createHash("sha256").update(`${kind} ${found.precision}\n${lines.join("")}`).digest("hex"),
    };
  } catch (thrown) {
    if (!(thrown instanceof ShapeError)) throw thrown;
    throw new VqaError("model-damaged", `${manifest}: ${thrown.message}.`, "Install the model pack again, or correct its manifest.", { cause: thrown, data: { file: manifest, field: thrown.field } });
  }
}

/** A pack that is named by another one lies beside it, or comes with the program: a copy of an embedded pack names one that does. */
async function beside(root: string, name: string): Promise<string> {
  if (/^[\w.-]+$/.test(name) && !name.startsWith(".")) {
    const [near, own] = [path.join(path.dirname(root), name), path.join(packageRoot(), "server", "models", name)];
    return !(await exists(near)) && (await exists(own)) ? own : near;
  }
  throw new ShapeError("pack", "the name of a pack", name);
}

async function exists(pack: string): Promise<boolean> {
  return fs.access(path.join(pack, MANIFEST_FILE)).then(() => true, () => false);
}

/** Which file of a model there is: the wanted number format, else the one without a suffix. Error: model-missing. */
export function modelFile({ folder, files, suffix }: ModelFolder, stem: string): string {
  for (const name of [`onnx/${stem}${suffix}.onnx`, `onnx/${stem}.onnx`]) if (files.has(name)) return path.join(folder, ...name.split("/"));
  throw new VqaError("model-missing", `${folder} has no onnx/${stem}${suffix}.onnx.`, "Install the model pack again.", { data: { folder } });
}

export function hasModelFile({ files, suffix }: ModelFolder, stem: string): boolean {
  return files.has(`onnx/${stem}${suffix}.onnx`) || files.has(`onnx/${stem}.onnx`);
}

/** A JSON file of a model folder. Errors: model-missing, model-damaged. */
export async function modelJson(model: ModelFolder, name: string): Promise<Record<string, unknown>> {
  if (!model.files.has(name)) throw new VqaError("model-missing", `${model.folder} has no ${name}.`, "Install the model pack again.", { data: { folder: model.folder } });
  return readJson(path.join(model.folder, ...name.split("/")));
}

async function readJson(file: string): Promise<Record<string, unknown>> {
  let source: string;
  try {
    source = await fs.readFile(file, "utf8");
  } catch (thrown) {
    throw new VqaError("model-missing", `${file} cannot be read: ${(thrown as Error).message}`, "Install the model pack again.", { cause: thrown, data: { file } });
  }
  try {
    const value: unknown = JSON.parse(source);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below, like JSON of another kind.
  }
  throw new VqaError("model-damaged", `${file} is not a JSON object.`, "Install the model pack again.", { data: { file } });
}
