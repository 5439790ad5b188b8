import { throwIfAborted } from "../errors.js";
import type { PromptTemplate } from "../pack.js";
import type { FrameFeatures, Matrix } from "../ports.js";
import { expectShape, unfit } from "./check.js";
import type { Composer, ComposerShapes, LearnedParts } from "./port.js";

export interface VideoLlamaSettings {
  readonly name: "video-llama";
  /** Off leaves sound alone, for ablations. */
  readonly vision: boolean;
}

export const VIDEO_LLAMA: VideoLlamaSettings = { name: "video-llama", vision: true };

/**
 * The vision branch of Video-LLaMA (arXiv 2306.02858, section 2.1.1 and its code). An image Q-former
 * reads each frame by itself, (T, N, D) -> (T, q, Dq); the learned embedding of position t is added
 * to all queries of frame t; the (T * q, Dq) queries of all frames, in time order, go through the
 * Video Q-former, which gives K tokens for the whole video, whatever T is. Published: N = 257 (the
 * class token is kept), D = 1408, q = 32, Dq = 768, 32 positions, K = 32, 8 frames.
 */
export function videoLlama({ vision }: VideoLlamaSettings, { tokens, width, parts }: ComposerShapes): Composer {
  if (!vision) return { name: "video-llama", widths: {}, outline: () => [], compose: async () => [] };
  const { imageQformer: image, videoQformer: video, framePositions: positions } = parts ?? {};
  if (!image || !video || !positions) throw unfit("video-llama", "needs an image Q-former, frame positions and a Video Q-former");
  if (image.inputWidth !== width) throw unfit("video-llama", `has an image Q-former for tokens of ${image.inputWidth}, and an encoder of ${width}`);
  if (positions.width !== image.width) throw unfit("video-llama", `has frame positions of ${positions.width} for queries of ${image.width}`);
  if (video.inputWidth !== image.width) throw unfit("video-llama", `has a Video Q-former for ${video.inputWidth}, and queries of ${image.width}`);
  const rows = video.queries;
  return {
    name: "video-llama",
    widths: { visual: video.width },
    maxFrames: positions.rows,
    outline: (frames) => (frames > 0 ? [{ projector: "visual", rows }] : []),
    compose: async (features, learned, signal) => {
      throwIfAborted(signal);
      expectShape(features, tokens, width);
      if (features.frames === 0) return [];
      const { imageQformer, videoQformer, framePositions } = learned as Required<LearnedParts>;
      const seen = await imageQformer.query(features, signal);
      throwIfAborted(signal);
      const placed = addPositions(seen, framePositions, "video-llama");
      const { data } = await videoQformer.query(flatten(placed), signal);
      throwIfAborted(signal);
      return [{ projector: "visual", tokens: { rows, width: video.width, data } }];
    },
  };
}

/** (n, rows, width) with row i of the table added to every row of item i. Error: more items than positions. */
export function addPositions(items: FrameFeatures, table: Matrix, composer: string): FrameFeatures {
  const { frames, tokens, width } = items;
  if (frames > table.rows) throw unfit(composer, `has ${table.rows} positions for ${frames}`);
  const data = new Float32Array(items.data);
  for (let i = 0; i < frames; i++) {
    for (let row = 0; row < tokens; row++) {
      const at = (i * tokens + row) * width;
      for (let d = 0; d < width; d++) data[at + d]! += table.data[i * width + d]!;
    }
  }
  return { frames, tokens, width, data };
}

/** (n, rows, width) as one sequence (1, n * rows, width). */
export function flatten({ frames, tokens, width, data }: FrameFeatures): FrameFeatures {
  return { frames: 1, tokens: frames * tokens, width, data };
}

/**
 * The prompt of the published model (Llama 2 chat): sound first, then the video, then in words how
 * many frames there are and at which seconds, then the question. One begin-of-sequence token.
 */
export const VIDEO_LLAMA_TEMPLATE: PromptTemplate = {
  begin: "<s>[INST] ",
  audio: "Here is the sound of the video: {visual}\n",
  frame: "{visual}",
  video: "<Video>{visual}</Video> ",
  cue: "{text} ",
  times: "The video contains {count} frames sampled at {seconds} seconds. ",
  end: "{question} [/INST]",
  answerPrefix: "",
  stop: ["</s>"],
};
