import { VqaError } from "../errors.js";
import type { FrameFeatures } from "../ports.js";

/** The error of settings and shapes that do not go together. */
export function unfit(composer: string, why: string): VqaError {
  return new VqaError("model-unsupported", `${composer} ${why}.`, "Use a model pack whose composer fits its encoder and learned parts.");
}

/** Error: `model-unsupported` for features of another shape than the composer was made for. */
export function expectShape(features: FrameFeatures, tokens: number, width: number): void {
  const { frames, data } = features;
  if (features.tokens === tokens && features.width === width && data.length === frames * tokens * width) return;
  throw new VqaError(
    "model-unsupported",
    `The vision encoder gave (${frames}, ${features.tokens}, ${features.width}) where (T, ${tokens}, ${width}) was declared.`,
    "Check the model pack, or download it again.",
  );
}

/** Error: `model-unsupported` when `merge` is not a divisor of the tokens of a frame. */
export function expectMerge(composer: string, tokens: number, merge: number): void {
  if (Number.isInteger(merge) && merge >= 1 && tokens % merge === 0) return;
  throw unfit(composer, `cannot merge ${tokens} tokens a frame by ${merge}`);
}
