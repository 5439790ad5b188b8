/** What one field of a manifest says of another. */
import { soundOutline, soundWidth, type SoundShape } from "../../engine/compose/sound.js";
import type { Composer, PartShapes, ProjectorName } from "../../engine/compose/port.js";
import { createComposer } from "../../engine/compose/registry.js";
import { VqaError } from "../../engine/errors.js";
import { promptRenderer } from "../../engine/interleave.js";
import { embedderFiles } from "../embed/layout.js";
import type { Manifest } from "./manifest.js";
import { ShapeError } from "./shape.js";
import { clipsOf, filesOf, systemsOf, type SystemManifest } from "./systems.js";

/** Error: ShapeError, which names the field. */
export function expectConsistent(manifest: Manifest): void {
  const listed = new Set(manifest.files.map((each) => each.path));
  expectEmbedder(manifest);
  const systems = systemsOf(manifest);
  systems.forEach((system, i) => {
    expect(systems.findIndex((each) => each.name === system.name) === i, `${system.at}name`, "a name that no other system has", system.name);
    expectSystem(system);
    for (const [field, file] of namedFiles(system)) {
      expect(listed.has(file), field, `one of the paths in files (${[...listed].join(", ")})`, file);
    }
  });
}

/** An embedder's folder has the files that it is made of. Error: ShapeError. */
export function expectEmbedder({ embedder, files }: Pick<Manifest, "embedder" | "files">): void {
  if (embedder === undefined) return;
  const listed = new Set(files.map((each) => each.path));
  const lacking = embedderFiles(embedder.precision).filter((file) => !listed.has(`${embedder.folder}/${file}`));
  expect(lacking.length === 0, "embedder.folder", `a folder whose ${lacking.join(", ")} is in files`, embedder.folder);
}

function expectSystem(system: SystemManifest): void {
  const { at, encoder, composer: spec, language, sampling, prompt, projectors, audio } = system;
  const [rows, columns] = encoder.grid as readonly [number, number];
  expect(rows * columns === encoder.tokens, `${at}encoder.grid`, `two numbers whose product is ${encoder.tokens} tokens`, encoder.grid);
  expect(!encoder.keepCls || encoder.cls, `${at}encoder.keepCls`, "false, where the encoder has no class token", encoder.keepCls);
  if ("merge" in spec) expect(encoder.tokens % spec.merge === 0, `${at}composer.merge`, `a divisor of ${encoder.tokens} tokens`, spec.merge);
  const composer = made(system);
  const sound = audio && soundOf(audio);
  const widths: Partial<Record<ProjectorName, number>> = { ...composer.widths, ...(sound ? { audio: soundWidth(sound) } : {}) };
  for (const [name, width] of Object.entries(widths) as [ProjectorName, number][]) {
    const field = at === "" && name === "visual" ? "projector" : `${at}projectors.${name}`;
    const projector = projectors[name];
    if (name === "visual" && projector === undefined) {
      expect(width === language.width, field, `a projector, for tokens of ${width} values are not ${language.width} wide as the language model's`, projector);
      continue;
    }
    expect(projector !== undefined, field, "a projector", projector);
    expect(projector!.inputWidth === width, `${field}.inputWidth`, `${width}, the width that composer ${spec.name} gives`, projector!.inputWidth);
    expect(projector!.width === language.width, `${field}.width`, `${language.width}, the language model's width`, projector!.width);
  }
  expect(sampling.maxFrames >= sampling.frames, `${at}sampling.maxFrames`, `at least ${sampling.frames}`, sampling.maxFrames);
  const most = composer.maxFrames ?? sampling.maxFrames;
  expect(sampling.maxFrames <= most, `${at}sampling.maxFrames`, `at most ${most}, what composer ${spec.name} can take`, sampling.maxFrames);
  const clips = audio ? clipsOf(audio) : undefined;
  const outline = [...(sound && clips ? soundOutline(sound, clips.most) : []), ...composer.outline(sampling.maxFrames)];
  const visual = outline.reduce((sum, segment) => sum + segment.rows, 0);
  expect(language.slots.count >= visual, `${at}language.slots.count`, `at least ${visual}, for ${sampling.maxFrames} frames`, language.slots.count);
  if (audio && clips) expectAudio(audio, clips, `${at}audio.`);
  expect(prompt.frame.includes("{visual}"), `${at}prompt.frame`, "a template with {visual}", prompt.frame);
  expect(prompt.cue.includes("{text}"), `${at}prompt.cue`, "a template with {text}", prompt.cue);
  expect(prompt.end.includes("{question}"), `${at}prompt.end`, "a template with {question}", prompt.end);
  expectTemplates(system);
}

function made(system: SystemManifest): Composer {
  const { at, encoder, composer, parts } = system;
  const { imageQformer, videoQformer, framePositions, newline } = parts;
  const shapes: PartShapes = {
    ...(imageQformer ? { imageQformer } : {}),
    ...(videoQformer ? { videoQformer } : {}),
    ...(framePositions ? { framePositions: { rows: framePositions.count, width: framePositions.width } } : {}),
    ...(newline ? { newline } : {}),
  };
  try {
    return createComposer(composer, {
      tokens: encoder.tokens + (encoder.keepCls ? 1 : 0),
      width: encoder.width,
      grid: encoder.grid as readonly [number, number],
      parts: shapes,
      ...(encoder.global ? { global: encoder.global } : {}),
    });
  } catch (thrown) {
    throw new ShapeError(`${at}composer`, `one that fits the rest (${VqaError.from(thrown).message})`, composer.name);
  }
}

function soundOf({ encoder: { tokens, width }, qformer }: NonNullable<SystemManifest["audio"]>): SoundShape {
  return { tokens, width, ...(qformer ? { qformer } : {}) };
}

function expectAudio({ encoder, positions, qformer }: NonNullable<SystemManifest["audio"]>, clips: { count: number; most: number }, at: string): void {
  expect(clips.most >= clips.count, `${at}clips.most`, `at least ${clips.count}`, clips.most);
  if (positions) {
    expect(positions.count >= clips.most, `${at}positions.count`, `at least ${clips.most}, the most clips`, positions.count);
    expect(positions.width === encoder.width, `${at}positions.width`, `${encoder.width}, the audio encoder's width`, positions.width);
  }
  if (qformer) expect(qformer.inputWidth === encoder.width, `${at}qformer.inputWidth`, `${encoder.width}, the audio encoder's width`, qformer.inputWidth);
}

function expectTemplates({ at, prompt }: SystemManifest): void {
  try {
    promptRenderer(prompt);
  } catch (thrown) {
    throw new ShapeError(`${at}prompt`, `templates that can be filled in (${VqaError.from(thrown).message})`, prompt);
  }
}

function* namedFiles(system: SystemManifest): Generator<readonly [field: string, file: string]> {
  const { at, encoder, language, projectors } = system;
  yield [`${at}encoder.file`, encoder.file];
  if (projectors.visual) yield [at === "" ? "projector.file" : `${at}projectors.visual.file`, projectors.visual.file];
  yield [`${at}language.file`, language.file];
  for (const file of filesOf(system)) yield [`${at}${file}`, file];
}

function expect(holds: boolean, field: string, expected: string, got: unknown): void {
  if (!holds) throw new ShapeError(field, expected, got);
}
