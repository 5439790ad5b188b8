import { VqaError } from "../errors.js";
import { minigpt4Video } from "./minigpt4Video.js";
import type { Composer, ComposerFactory, ComposerSettings } from "./port.js";

const COMPOSERS: ReadonlyMap<string, ComposerFactory> = new Map([["minigpt4-video", minigpt4Video]]);

export const composerNames: readonly string[] = [...COMPOSERS.keys()];

/** The composer that a pack names. Error: `model-unsupported`. */
export function createComposer(name: string, settings: ComposerSettings): Composer {
  const factory = COMPOSERS.get(name);
  if (factory) return factory(settings);
  throw new VqaError(
    "model-unsupported",
    `No composer is called "${name}"; there is ${composerNames.join(", ")}.`,
    "Correct the composer's name in the model pack, or update the program.",
  );
}
