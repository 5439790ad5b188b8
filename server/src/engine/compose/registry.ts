import { VqaError } from "../errors.js";
import { FRAME_RESIZE, frameResize, type FrameResizeSettings } from "./frameResize.js";
import { LLAVA_ONEVISION, llavaOnevision, type LlavaOnevisionSettings } from "./llavaOnevision.js";
import { LONGVLM, longVlm, type LongVlmSettings } from "./longVlm.js";
import { MEAN_POOL, meanPool, type MeanPoolSettings } from "./meanPool.js";
import { MINIGPT4_VIDEO, minigpt4Video, type MiniGpt4VideoSettings } from "./minigpt4Video.js";
import type { Composer, ComposerShapes } from "./port.js";
import { RED_VILLM, redVillm, type RedVillmSettings } from "./redVillm.js";
import { VIDEO_LLAMA, videoLlama, type VideoLlamaSettings } from "./videoLlama.js";

/** A composer by name, with its settings. */
export type ComposerSpec =
  | MiniGpt4VideoSettings
  | VideoLlamaSettings
  | RedVillmSettings
  | LongVlmSettings
  | LlavaOnevisionSettings
  | MeanPoolSettings
  | FrameResizeSettings;

export type ComposerName = ComposerSpec["name"];

/** The papers' own settings: what holds where a pack gives none. */
export const PUBLISHED: { readonly [N in ComposerName]: Extract<ComposerSpec, { name: N }> } = {
  "minigpt4-video": MINIGPT4_VIDEO,
  "video-llama": VIDEO_LLAMA,
  "red-villm": RED_VILLM,
  longvlm: LONGVLM,
  "llava-onevision": LLAVA_ONEVISION,
  "mean-pool": MEAN_POOL,
  "frame-resize": FRAME_RESIZE,
};

export const composerNames = Object.keys(PUBLISHED) as readonly ComposerName[];

/** Error: `model-unsupported` when there is no such composer, or its settings and the shapes do not go together. */
export function createComposer(spec: ComposerSpec, shapes: ComposerShapes): Composer {
  switch (spec.name) {
    case "minigpt4-video":
      return minigpt4Video(spec, shapes);
    case "video-llama":
      return videoLlama(spec, shapes);
    case "red-villm":
      return redVillm(spec, shapes);
    case "longvlm":
      return longVlm(spec, shapes);
    case "llava-onevision":
      return llavaOnevision(spec, shapes);
    case "mean-pool":
      return meanPool(spec, shapes);
    case "frame-resize":
      return frameResize(spec, shapes);
    default:
      throw new VqaError(
        "model-unsupported",
        `No composer is called "${String((spec as { name: unknown }).name)}"; there is ${composerNames.join(", ")}.`,
        "Correct the composer's name in the model pack, or update the program.",
      );
  }
}
