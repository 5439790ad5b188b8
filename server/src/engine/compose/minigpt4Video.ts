import { throwIfAborted } from "../errors.js";
import type { PromptTemplate } from "../pack.js";
import { expectMerge, expectShape } from "./check.js";
import type { Composer, ComposerShapes, Segment } from "./port.js";

export interface MiniGpt4VideoSettings {
  readonly name: "minigpt4-video";
  /** Neighbouring tokens that become one. */
  readonly merge: number;
}

export const MINIGPT4_VIDEO: MiniGpt4VideoSettings = { name: "minigpt4-video", merge: 4 };

/**
 * MiniGPT4-Video (arXiv 2404.03413, section 3 and its code): each run of `merge` = 4 consecutive
 * tokens of a frame, in raster order, becomes one token of 4 times the width. With EVA-CLIP ViT-g/14
 * at 224 px that is (T, 256, 1408) -> (T, 64, 5632), horizontal neighbours in one row of 16 patches,
 * not a 2 x 2 block. 45 frames take 2880 positions (Llama 2, 4096), 90 take 5760 (Mistral, 8192).
 */
export function minigpt4Video({ merge }: MiniGpt4VideoSettings, { tokens, width, grid: [height, breadth] }: ComposerShapes): Composer {
  expectMerge("minigpt4-video", tokens, merge);
  const rows = tokens / merge;
  const projector = "visual";
  // Runs that divide a row leave a grid of shorter rows; others, and a class token, leave none.
  const grid = height * breadth === tokens && breadth % merge === 0 ? { grid: { times: 1, rows: height, columns: breadth / merge } } : {};
  return {
    name: "minigpt4-video",
    widths: { visual: width * merge },
    outline: (frames) => Array.from({ length: frames }, (_, frame) => ({ frame, projector, rows, ...grid })),
    compose: async (features, _, signal) => {
      throwIfAborted(signal);
      expectShape(features, tokens, width);
      const size = tokens * width;
      // Row-major data: concatenating consecutive tokens moves no number, it only renames the shape.
      return Array.from({ length: features.frames }, (_, frame): Segment => {
        const data = features.data.subarray(frame * size, (frame + 1) * size);
        return { frame, projector, tokens: { rows, width: width * merge, data }, ...grid };
      });
    },
  };
}

/**
 * The prompt of the published model (Llama 2): each frame, its new subtitles, then the question.
 * The paper writes `<Sub>` for the subtitle mark where the code has `<Cap>`; one begin-of-sequence
 * token, where the code sends two.
 */
export const LLAMA2_TEMPLATE: PromptTemplate = {
  begin: "<s>[INST] ",
  frame: "<Img>{visual}",
  cue: "<Cap>{text}",
  end: "\n{question} [/INST]",
  answerPrefix: "",
  stop: ["</s>"],
};
