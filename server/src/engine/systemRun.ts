import type { AskRequest } from "./answer.js";
import { soundShape, soundWidth } from "./compose/sound.js";
import type { Composer, ComposerShapes, ProjectorName } from "./compose/port.js";
import { createComposer } from "./compose/registry.js";
import { canonicalJson, type JsonValue } from "../format/index.js";
import { digestOf } from "./digest.js";
import { VqaError } from "./errors.js";
import { promptRenderer } from "./interleave.js";
import type { OpenSystem, PackSpec } from "./pack.js";
import type { PlanParts } from "./plan.js";
import { createWatch, type Watch, type WatchParts } from "./watch.js";

/** One system of a pack, set up to answer. */
export interface SystemRun {
  readonly system: OpenSystem;
  readonly planParts: PlanParts;
  readonly watch: Watch;
  /** Identity of the way from features to tokens, for provenance. */
  composerId(request: AskRequest): string;
  /** sha256 of the prompt template and of the way in which choices are put. */
  readonly promptId: string;
}

/** Error: `model-unsupported` when the parts of the system do not go together. */
export function createSystemRun(system: OpenSystem, parts: Omit<WatchParts, "system" | "composer" | "renderer">): SystemRun {
  const { spec } = system;
  const composer = createComposer(spec.composer, shapesOf(system));
  expectProjectors(system, composer);
  const planParts: PlanParts = { ...parts, system, composer, renderer: promptRenderer(spec.prompt) };
  const id = describeComposer(spec, system);
  return {
    system,
    planParts,
    watch: createWatch({ ...parts, ...planParts, system, composer }),
    composerId: (request) => (system.audio && request.audio === "off" ? `${id} audio=off` : id),
    promptId: digestOf({ template: JSON.parse(JSON.stringify(spec.prompt)) as JsonValue, choices: spec.choices ?? "texts" }),
  };
}

export function shapesOf({ encoder, parts }: Pick<OpenSystem, "encoder" | "parts">): ComposerShapes {
  const { tokens, width, grid, global } = encoder;
  return { tokens, width, grid, parts, ...(global ? { global } : {}) };
}

/** "minigpt4-video merge=4", "longvlm/local longvlm frames=100 ... audio=8x2s" */
function describeComposer({ system: own, composer: { name, ...settings } }: PackSpec, { audio }: OpenSystem): string {
  const written = Object.entries(settings).map(([key, value]) => `${key}=${canonicalJson(value)}`);
  const sound = audio ? [`sound=${audio.clips.count}..${audio.clips.most}x${audio.clips.seconds}s`] : [];
  return [...(own === name ? [] : [own]), name, ...written, ...sound].join(" ");
}

function expectProjectors({ spec, projectors, audio, language }: OpenSystem, composer: Composer): void {
  const widths: Partial<Record<ProjectorName, number>> = { ...composer.widths, ...(audio ? { audio: soundWidth(soundShape(audio)) } : {}) };
  for (const [name, width] of Object.entries(widths) as [ProjectorName, number][]) {
    const projector = projectors[name];
    if (!projector) throw apart(spec, `has no projector "${name}"`);
    expectWidth(spec, "composer gives", width, `projector "${name}" takes`, projector.inputWidth);
    expectWidth(spec, `projector "${name}" gives`, projector.width, "language model takes", language.width);
  }
}

function expectWidth(spec: PackSpec, from: string, width: number, to: string, taken: number): void {
  if (width !== taken) throw apart(spec, `the ${from} rows of ${width} numbers and the ${to} ${taken}`);
}

function apart({ id, system }: PackSpec, why: string): VqaError {
  return new VqaError("model-unsupported", `In the model pack "${id}", system "${system}": ${why}.`, "Use a pack whose parts belong together.");
}
