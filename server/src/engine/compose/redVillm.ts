import { throwIfAborted } from "../errors.js";
import { expectMerge, expectShape, unfit } from "./check.js";
import type { Composer, ComposerShapes, Segment, SegmentShape } from "./port.js";

export interface RedVillmSettings {
  readonly name: "red-villm";
  /** Tokens that the image model's own projector takes as one; 1 but for image models that concatenate. */
  readonly merge: number;
  /** Both are on in the paper; one alone is for ablations. */
  readonly temporal: boolean;
  readonly spatial: boolean;
}

export const RED_VILLM: RedVillmSettings = { name: "red-villm", merge: 1, temporal: true, spatial: true };

/**
 * RED-VILLM (arXiv 2404.11865, section 3.2): an image model becomes a video model without touching
 * its encoder. Of the encoder's (T, N, D), the mean over a frame's patches gives T temporal tokens,
 * which go through a second, plug-in projector; the mean over time gives N spatial tokens, which go
 * through the image model's own projector. Temporal tokens first, then spatial: T + N of them, 100 +
 * 256 = 356 with ViT-L/14 at 224 px, 100 + 1024 = 1124 with a 448 px encoder.
 *
 * Where the image model concatenates `merge` neighbouring tokens before its projector, both means
 * are taken over the concatenated ones, so that any image model's projector gets what it knows.
 */
export function redVillm({ merge, temporal, spatial }: RedVillmSettings, { tokens, width }: ComposerShapes): Composer {
  expectMerge("red-villm", tokens, merge);
  if (!temporal && !spatial) throw unfit("red-villm", "is told to give neither temporal nor spatial tokens");
  const rows = tokens / merge;
  const wide = width * merge;
  return {
    name: "red-villm",
    widths: { ...(temporal ? { temporal: wide } : {}), ...(spatial ? { visual: wide } : {}) },
    outline: (frames) => [
      ...(temporal ? Array.from({ length: frames }, (_, frame): SegmentShape => ({ frame, projector: "temporal", rows: 1 })) : []),
      ...(spatial && frames > 0 ? [{ projector: "visual", rows } as const] : []),
    ],
    compose: async (features, _, signal) => {
      throwIfAborted(signal);
      expectShape(features, tokens, width);
      const segments: Segment[] = [];
      if (temporal) {
        for (let frame = 0; frame < features.frames; frame++) {
          const own = features.data.subarray(frame * rows * wide, (frame + 1) * rows * wide);
          segments.push({ frame, projector: "temporal", tokens: { rows: 1, width: wide, data: meanOfRuns(own, wide) } });
        }
      }
      if (spatial && features.frames > 0) {
        segments.push({ projector: "visual", tokens: { rows, width: wide, data: meanOfRuns(features.data, rows * wide) } });
      }
      return segments;
    },
  };
}

/** The mean of the runs of `length` values that `data` consists of. Sums in double precision. */
export function meanOfRuns(data: Float32Array, length: number): Float32Array {
  const sums = new Float64Array(length);
  const runs = data.length / length;
  for (let run = 0; run < runs; run++) {
    for (let i = 0; i < length; i++) sums[i]! += data[run * length + i]!;
  }
  return Float32Array.from(sums, (sum) => sum / runs);
}
