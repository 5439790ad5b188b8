import { throwIfAborted } from "../errors.js";
import type { EncodedFrames, FrameFeatures } from "../ports.js";
import { expectShape, unfit } from "./check.js";
import type { Composer, ComposerShapes, Segment, SegmentShape } from "./port.js";
import { meanOfRuns } from "./redVillm.js";
import { mergeTokens, sized } from "./tokenMerging.js";

export interface LongVlmSettings {
  readonly name: "longvlm";
  /** Frames that a video is brought to; shorter ones are interpolated along time. */
  readonly frames: number;
  readonly segments: number;
  /** Tokens merged away in each step, inside each segment. */
  readonly merges: readonly number[];
  /** The similarity of tokens is that of their channels averaged over this many equal parts. */
  readonly heads: number;
  /** Rows of the encoder's global output, the last ones; 0 leaves them out, for ablations. */
  readonly global: number;
  readonly globalProjector: "visual" | "global";
}

export const LONGVLM: LongVlmSettings = {
  name: "longvlm",
  frames: 100,
  segments: 10,
  merges: [1280, 640, 320, 160, 80, 40, 10],
  heads: 16,
  global: 5,
  globalProjector: "visual",
};

/**
 * LongVLM (arXiv 2404.03384, sections 3.1 to 3.3 and its code). The tokens of 100 frames, (100, 256,
 * 1024), are cut into 10 segments of (2560, 1024) in time order; inside each, hierarchical token
 * merging leaves 30: 2560 -> 1280 -> 640 -> 320 -> 160 -> 80 -> 40 -> 30. Global semantics: the
 * encoder's per-layer class tokens, (100, 25, 1024), averaged over frames, the last 5 rows. 5 global
 * tokens come first, then 300 local ones: 305.
 *
 * The list of merges in the authors' feature extractor differs from the paper's and leaves 20; their
 * released code never takes the global path. Both are as in the paper here.
 */
export function longVlm(settings: LongVlmSettings, { tokens, width, global }: ComposerShapes): Composer {
  const { frames, segments, merges, heads, global: globalRows, globalProjector } = settings;
  if (frames % segments !== 0) throw unfit("longvlm", `cannot cut ${frames} frames into ${segments} equal segments`);
  if (width % heads !== 0) throw unfit("longvlm", `cannot split ${width} channels into ${heads} heads`);
  const length = frames / segments;
  const rows = mergedRows(length * tokens, merges);
  if (globalRows > 0 && (global === undefined || global.layers < globalRows)) {
    throw unfit("longvlm", `takes ${globalRows} global tokens, and the encoder gives ${global?.layers ?? 0}`);
  }
  const shared = globalRows > 0 && globalProjector === "visual";
  if (shared && global!.width !== width) throw unfit("longvlm", `gives one projector local tokens of ${width} and global ones of ${global!.width}`);

  /** The frames that were sampled, of which segment `s` is made. */
  const covered = (s: number, seen: number): readonly [number, number] => [
    Math.floor((s * length * seen) / frames),
    Math.floor((((s + 1) * length - 1) * seen) / frames),
  ];
  return {
    name: "longvlm",
    widths: { visual: width, ...(globalRows > 0 && !shared ? { global: global!.width } : {}) },
    maxFrames: frames,
    outline: (seen) => {
      if (seen === 0) return [];
      const local = Array.from({ length: segments }, (_, s): SegmentShape => ({ frames: covered(s, seen), projector: "visual", rows }));
      return globalRows > 0 ? [{ projector: globalProjector, rows: globalRows }, ...local] : local;
    },
    compose: async (features, _, signal) => {
      throwIfAborted(signal);
      expectShape(features, tokens, width);
      if (features.frames > frames) throw unfit("longvlm", `takes ${frames} frames, not ${features.frames}`);
      if (features.frames === 0) return [];
      const out: Segment[] = globalRows > 0 ? [{ projector: globalProjector, tokens: globalTokens(features, globalRows) }] : [];
      const { data } = interpolateTime(features, frames);
      const size = length * tokens * width;
      for (let s = 0; s < segments; s++) {
        let merged = sized(data.subarray(s * size, (s + 1) * size), width);
        for (const r of merges) merged = mergeTokens(merged, r, heads);
        out.push({ frames: covered(s, features.frames), projector: "visual", tokens: { rows, width, data: Float32Array.from(merged.data) } });
        // Merging takes a while at the paper's sizes: let a Stop in between two segments.
        await new Promise((resolve) => setTimeout(resolve, 0));
        throwIfAborted(signal);
      }
      return out;
    },
  };
}

/** Rows that are left of `tokens` after all merges. Error: a step that merges more than half of them, or nothing. */
function mergedRows(tokens: number, merges: readonly number[]): number {
  return merges.reduce((rows, r) => {
    if (r < 1 || r > rows >> 1) throw unfit("longvlm", `cannot merge ${r} of ${rows} tokens in one step`);
    return rows - r;
  }, tokens);
}

/** (T, L, D) -> the last `rows` of the (L, D) mean over the T frames. */
function globalTokens({ global }: EncodedFrames, rows: number): { rows: number; width: number; data: Float32Array } {
  if (global === undefined) throw unfit("longvlm", "was given frames without global tokens");
  const { tokens: layers, width, data } = global;
  return { rows, width, data: meanOfRuns(data, layers * width).slice((layers - rows) * width) };
}

/**
 * (T, N, D) -> (frames, N, D), linearly along time with half-pixel centres: output i lies at
 * (i + 0.5) * T / frames - 0.5 of the input, and beyond the first and last frame is like those.
 */
export function interpolateTime(features: FrameFeatures, frames: number): FrameFeatures {
  const { frames: seen, tokens, width } = features;
  if (seen === frames) return features;
  const size = tokens * width;
  const data = new Float32Array(frames * size);
  for (let i = 0; i < frames; i++) {
    const at = Math.min(seen - 1, Math.max(0, ((i + 0.5) * seen) / frames - 0.5));
    const [low, part] = [Math.floor(at), at - Math.floor(at)];
    const [a, b] = [low * size, Math.min(seen - 1, low + 1) * size];
    for (let d = 0; d < size; d++) data[i * size + d] = features.data[a + d]! * (1 - part) + features.data[b + d]! * part;
  }
  return { frames, tokens, width, data };
}
