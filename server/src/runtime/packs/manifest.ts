/** `vqa-model.json`: what a model pack says of itself. Its JSON schema is server/models/vqa-model.schema.json. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { VqaError } from "../../engine/errors.js";
import { anyText, array, flag, integer, maybe, object, oneOf, optional, packPath, positive, real, sha256, ShapeError, text } from "./shape.js";

export const MANIFEST_FILE = "vqa-model.json";
export const SCHEMA_VERSION = 1;

const readManifestShape = object({
  schemaVersion: oneOf(SCHEMA_VERSION),
  id: text,
  name: text,
  version: text,
  licence: text,
  source: text,
  preprocess: object({
    width: integer(1, 4096),
    height: integer(1, 4096),
    resize: oneOf("squash", "crop", "pad"),
    interpolation: oneOf("bicubic"),
    scale: positive,
    mean: array(real, 3),
    std: array(positive, 3),
  }),
  encoder: object({
    file: packPath,
    input: text,
    output: text,
    tokens: integer(1),
    grid: array(integer(1), 2),
    width: integer(1),
    cls: flag,
    mask: maybe(text),
  }),
  projector: maybe(object({ file: packPath, input: text, output: text, inputWidth: integer(1), width: integer(1) })),
  composer: object({ name: oneOf("minigpt4-video"), merge: integer(1) }),
  language: object({
    file: packPath,
    width: integer(1),
    contextSize: integer(16),
    slots: object({ first: integer(0), count: integer(1) }),
  }),
  sampling: object({ strategy: oneOf("uniform"), frames: integer(1), maxFrames: integer(1) }),
  subtitles: object({ tokenBudget: integer(0) }),
  prompt: object({ begin: anyText, frame: text, cue: text, end: text, answerPrefix: anyText, join: maybe(flag), stop: array(text) }),
  choices: optional(oneOf("texts", "letters"), "texts"),
  files: array(object({ path: packPath, bytes: integer(0), sha256 })),
});

export type Manifest = ReturnType<typeof readManifestShape>;

/** Names of the pack's systems, the default first. */
export function composersOf(manifest: Manifest): readonly string[] {
  return [manifest.composer.name];
}

/** Errors: model-missing, model-damaged (with file, field and what was expected), model-unsupported. */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = path.join(folder, MANIFEST_FILE);
  let source: string;
  try {
    source = await fs.readFile(file, "utf8");
  } catch (thrown) {
    throw new VqaError(
      "model-missing",
      `${file} cannot be read: ${(thrown as Error).message}`,
      "Install the model pack, or set the model to the folder that holds its vqa-model.json.",
      { cause: thrown, data: { file } },
    );
  }
  return parseManifest(source, file);
}

/** `file` is what error messages name. Errors: model-damaged, model-unsupported. */
export function parseManifest(source: string, file: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (thrown) {
    throw damaged(file, `it is not JSON: ${(thrown as Error).message}`);
  }
  const version = (value as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === "number" && version > SCHEMA_VERSION) {
    throw new VqaError(
      "model-unsupported",
      `${file}: schemaVersion ${version} is newer than this program, which reads ${SCHEMA_VERSION}.`,
      "Update this program.",
      { data: { file } },
    );
  }
  try {
    return consistent(readManifestShape(value, ""));
  } catch (thrown) {
    if (thrown instanceof ShapeError) throw damaged(file, thrown.message, thrown);
    throw thrown;
  }
}

/** What one field says of another. */
function consistent(manifest: Manifest): Manifest {
  const { encoder, projector, composer, language, sampling, prompt, files } = manifest;
  const expect = (holds: boolean, field: string, expected: string, got: unknown): void => {
    if (!holds) throw new ShapeError(field, expected, got);
  };
  const [rows, columns] = encoder.grid as readonly [number, number];
  expect(rows * columns === encoder.tokens, "encoder.grid", `two numbers whose product is ${encoder.tokens} tokens`, encoder.grid);
  expect(encoder.tokens % composer.merge === 0, "composer.merge", `a divisor of ${encoder.tokens} tokens`, composer.merge);
  const merged = encoder.width * composer.merge;
  if (projector === undefined) expect(merged === language.width, "projector", `a projector, for tokens of ${merged} values are not ${language.width} wide as the language model's`, projector);
  else {
    expect(projector.inputWidth === merged, "projector.inputWidth", `${merged}, that is encoder.width times composer.merge`, projector.inputWidth);
    expect(projector.width === language.width, "projector.width", `${language.width}, the language model's width`, projector.width);
  }
  expect(sampling.maxFrames >= sampling.frames, "sampling.maxFrames", `at least ${sampling.frames}`, sampling.maxFrames);
  const visual = (sampling.maxFrames * encoder.tokens) / composer.merge;
  expect(language.slots.count >= visual, "language.slots.count", `at least ${visual}, for ${sampling.maxFrames} frames`, language.slots.count);
  expect(prompt.frame.includes("{visual}"), "prompt.frame", "a template with {visual}", prompt.frame);
  expect(prompt.cue.includes("{text}"), "prompt.cue", "a template with {text}", prompt.cue);
  expect(prompt.end.includes("{question}"), "prompt.end", "a template with {question}", prompt.end);
  const listed = new Set(files.map((each) => each.path));
  for (const [field, file] of [
    ["encoder.file", encoder.file],
    ["projector.file", projector?.file ?? encoder.file],
    ["language.file", language.file],
  ] as const) {
    expect(listed.has(file), field, `one of the paths in files (${[...listed].join(", ")})`, file);
  }
  return manifest;
}

function damaged(file: string, why: string, cause?: unknown): VqaError {
  return new VqaError("model-damaged", `${file}: ${why}.`, "Install the model pack again, or correct its manifest.", {
    ...(cause === undefined ? {} : { cause }),
    data: { file, ...(cause instanceof ShapeError ? { field: cause.field, expected: cause.expected } : {}) },
  });
}
