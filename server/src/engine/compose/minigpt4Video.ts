import { throwIfAborted, VqaError } from "../errors.js";
import type { PromptTemplate } from "../pack.js";
import type { FrameFeatures } from "../ports.js";
import type { Composer, ComposerSettings, VisualSegment } from "./port.js";

/**
 * MiniGPT4-Video (arXiv 2404.03413, section 3 and its code): each run of `merge` = 4 consecutive
 * tokens of a frame, in raster order, becomes one token of 4 times the width. With EVA-CLIP ViT-g/14
 * at 224 px that is (T, 256, 1408) -> (T, 64, 5632), horizontal neighbours in one row of 16 patches,
 * not a 2 x 2 block. 45 frames take 2880 positions (Llama 2, 4096), 90 take 5760 (Mistral, 8192).
 */
export function minigpt4Video({ tokens, width, merge }: ComposerSettings): Composer {
  if (!Number.isInteger(merge) || merge < 1 || tokens % merge !== 0) {
    throw new VqaError(
      "model-unsupported",
      `minigpt4-video cannot merge ${tokens} tokens a frame by ${merge}.`,
      "Use a model pack whose merge factor divides its encoder's tokens.",
    );
  }
  const rows = tokens / merge;
  return {
    name: "minigpt4-video",
    outputWidth: width * merge,
    outline: (frames) => Array.from({ length: frames }, (_, frame) => ({ frame, rows })),
    compose: async (features, signal) => {
      throwIfAborted(signal);
      expectShape(features, tokens, width);
      const size = tokens * width;
      // Row-major data: concatenating consecutive tokens moves no number, it only renames the shape.
      return Array.from({ length: features.frames }, (_, frame): VisualSegment => ({
        frame,
        tokens: { rows, width: width * merge, data: features.data.subarray(frame * size, (frame + 1) * size) },
      }));
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

function expectShape(features: FrameFeatures, tokens: number, width: number): void {
  const { frames, data } = features;
  if (features.tokens === tokens && features.width === width && data.length === frames * tokens * width) return;
  throw new VqaError(
    "model-unsupported",
    `The vision encoder gave (${frames}, ${features.tokens}, ${features.width}) where (T, ${tokens}, ${width}) was declared.`,
    "Check the model pack, or download it again.",
  );
}
