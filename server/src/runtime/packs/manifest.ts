/** `vqa-model.json`: what a model pack says of itself. Its JSON schema is server/models/vqa-model.schema.json. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { VqaError } from "../../engine/errors.js";
import { SAMPLING_STRATEGIES } from "../../engine/pack.js";
import { EMBEDDER_PRECISIONS } from "../embed/layout.js";
import { expectConsistent } from "./consistent.js";
import { nullable, readComposer, systemName } from "./composerShape.js";
import { anyText, array, flag, fraction, integer, maybe, object, oneOf, optional, packPath, positive, real, sha256, ShapeError, text } from "./shape.js";
import { systemsOf } from "./systems.js";

export const MANIFEST_FILE = "vqa-model.json";
const SCHEMA_VERSION = 1;

const readPreprocess = object({
  width: integer(1, 4096),
  height: integer(1, 4096),
  resize: oneOf("squash", "crop", "pad"),
  interpolation: oneOf("bicubic"),
  scale: positive,
  mean: array(real, 3),
  std: array(positive, 3),
});

const readEncoder = object({
  file: packPath,
  input: text,
  output: text,
  tokens: integer(1),
  grid: array(integer(1), 2),
  width: integer(1),
  cls: flag,
  keepCls: maybe(flag),
  mask: maybe(text),
  global: maybe(object({ output: text, layers: integer(1), width: integer(1), kind: oneOf("class", "pooled") })),
});

const readProjector = object({ file: packPath, input: text, output: text, inputWidth: integer(1), width: integer(1) });
const readProjectors = object({ visual: maybe(readProjector), temporal: maybe(readProjector), global: maybe(readProjector), audio: maybe(readProjector) });
const readQformer = object({ file: packPath, input: text, output: text, inputWidth: integer(1), queries: integer(1), width: integer(1) });
const readTable = object({ file: packPath, input: text, output: text, count: integer(1), width: integer(1) });
const readRow = object({ file: packPath, width: integer(1) });
const readParts = object({ imageQformer: maybe(readQformer), videoQformer: maybe(readQformer), framePositions: maybe(readTable), newline: maybe(readRow) });

const readAudio = object({
  clips: object({ count: integer(1, 1000), seconds: positive, most: maybe(integer(1, 1000)) }),
  features: object({ kind: oneOf("kaldi-fbank"), bins: integer(1, 1024), frames: integer(1, 100_000), mean: real, std: positive }),
  encoder: object({ file: packPath, input: text, output: text, tokens: integer(1), width: integer(1) }),
  positions: maybe(readTable),
  qformer: maybe(readQformer),
});

const readLanguage = object({
  file: packPath,
  width: integer(1),
  contextSize: integer(16),
  slots: object({ first: integer(0), count: integer(1) }),
});

const readSampling = object({ strategy: oneOf(...SAMPLING_STRATEGIES), frames: integer(1), rate: maybe(positive), maxFrames: integer(1) });
const readSubtitles = object({ tokenBudget: integer(0) });
const readPrompt = object({
  begin: anyText,
  clock: maybe(anyText),
  audio: maybe(text),
  frame: text,
  video: maybe(text),
  segment: maybe(text),
  cue: text,
  times: maybe(anyText),
  end: text,
  answerPrefix: anyText,
  join: maybe(flag),
  stop: array(text),
});
/** What is not said is as in `LONG_VIDEO`. */
const readLongVideo = object({
  afterSeconds: maybe(positive),
  clipSeconds: maybe(positive),
  top: maybe(integer(1, 100)),
  atLeast: maybe(fraction),
  summary: maybe(object({ question: text, maxTokens: integer(1, 4096) })),
  events: maybe(array(text)),
  clock: maybe(oneOf("video", "clips")),
});
const readChoices = oneOf("texts", "letters");

/** What a section of a system may say in place of the pack's own. */
const optionalSections = {
  projectors: maybe(readProjectors),
  parts: maybe(readParts),
  /** null: this system hears nothing, though the pack's default does. */
  audio: maybe(nullable(readAudio)),
};

const readSystem = object({
  name: systemName,
  composer: maybe(readComposer),
  preprocess: maybe(readPreprocess),
  encoder: maybe(readEncoder),
  ...optionalSections,
  language: maybe(readLanguage),
  sampling: maybe(readSampling),
  subtitles: maybe(readSubtitles),
  prompt: maybe(readPrompt),
  choices: maybe(readChoices),
  longVideo: maybe(readLongVideo),
});

export const readEmbedder = object({ folder: packPath, precision: oneOf(...EMBEDDER_PRECISIONS), width: integer(1) });
export type EmbedderManifest = ReturnType<typeof readEmbedder>;

const readManifestShape = object({
  schemaVersion: oneOf(SCHEMA_VERSION),
  id: text,
  name: text,
  version: text,
  licence: text,
  source: text,
  preprocess: readPreprocess,
  encoder: readEncoder,
  projector: maybe(readProjector),
  ...optionalSections,
  composer: readComposer,
  language: readLanguage,
  sampling: readSampling,
  subtitles: readSubtitles,
  prompt: readPrompt,
  choices: optional(readChoices, "texts"),
  longVideo: maybe(readLongVideo),
  systems: maybe(array(readSystem)),
  embedder: maybe(readEmbedder),
  files: array(object({ path: packPath, bytes: integer(0), sha256 })),
});

export type Manifest = ReturnType<typeof readManifestShape>;

/** Names of the pack's systems, the default first. */
export function composersOf(manifest: Manifest): readonly string[] {
  return systemsOf(manifest).map((system) => system.name);
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
    const manifest = readManifestShape(value, "");
    expectConsistent(manifest);
    return manifest;
  } catch (thrown) {
    if (thrown instanceof ShapeError) throw damaged(file, thrown.message, thrown);
    throw thrown;
  }
}

function damaged(file: string, why: string, cause?: unknown): VqaError {
  return new VqaError("model-damaged", `${file}: ${why}.`, "Install the model pack again, or correct its manifest.", {
    ...(cause === undefined ? {} : { cause }),
    data: { file, ...(cause instanceof ShapeError ? { field: cause.field, expected: cause.expected } : {}) },
  });
}
