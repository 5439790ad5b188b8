/** The `composer` section: a name, and the settings of that composer; what is left out is as published. */
import { composerNames, PUBLISHED, type ComposerSpec } from "../../engine/compose/registry.js";
import { array, flag, integer, object, oneOf, optional, ShapeError, type Read } from "./shape.js";

const grid = (absent: readonly [number, number]): Read<readonly [number, number]> => optional(array(integer(1), 2) as unknown as Read<readonly [number, number]>, absent);

export const readComposer: Read<ComposerSpec> = (value, field) => {
  const { name } = object({ name: oneOf(...composerNames) })(value, field);
  switch (name) {
    case "minigpt4-video":
      // The one setting that the first packs always gave: it stays needed.
      return object({ name: oneOf("minigpt4-video"), merge: integer(1) })(value, field);
    case "video-llama":
      return object({ name: oneOf("video-llama"), vision: optional(flag, PUBLISHED[name].vision) })(value, field);
    case "red-villm": {
      const { merge, temporal, spatial } = PUBLISHED[name];
      return object({ name: oneOf("red-villm"), merge: optional(integer(1), merge), temporal: optional(flag, temporal), spatial: optional(flag, spatial) })(value, field);
    }
    case "longvlm": {
      const paper = PUBLISHED[name];
      return object({
        name: oneOf("longvlm"),
        frames: optional(integer(1), paper.frames),
        segments: optional(integer(1), paper.segments),
        merges: optional(array(integer(1)), paper.merges),
        heads: optional(integer(1), paper.heads),
        global: optional(integer(0), paper.global),
        globalProjector: optional(oneOf("visual", "global"), paper.globalProjector),
      })(value, field);
    }
    case "llava-onevision":
      return object({ name: oneOf("llava-onevision"), stride: optional(integer(1), PUBLISHED[name].stride) })(value, field);
    case "mean-pool":
      return object({ name: oneOf("mean-pool"), segments: optional(integer(0), PUBLISHED[name].segments), grid: grid(PUBLISHED[name].grid) })(value, field);
    case "frame-resize":
      return object({ name: oneOf("frame-resize"), grid: grid(PUBLISHED[name].grid) })(value, field);
  }
};

/** Users write it after `composer:`. */
export const systemName: Read<string> = (value, field) => {
  if (typeof value === "string" && /^[a-z0-9]+(?:[-/][a-z0-9]+)*$/.test(value)) return value;
  throw new ShapeError(field, 'a name of small letters and digits, such as "longvlm"', value);
};

export function nullable<T>(read: Read<T>): Read<T | null> {
  return (value, field) => (value === null ? null : read(value, field));
}
