import type { Scan } from "./decoder.js";
import { hasExactSeeks } from "./whitelist.js";

/** Hz; what speech encoders take. */
export const SAMPLE_RATE = 16_000;

/** Codecs with memory (AAC, MP3, Opus) need to run in before their samples are right. */
const RUN_IN_MS = 1000;

/** Where to begin decoding, on the stream clock; undefined: at the start of the file. */
export function seekPoint(scan: Scan, startMs: number): number | undefined {
  const at = startMs - RUN_IN_MS;
  return hasExactSeeks(scan.container) && at > 0 ? at : undefined;
}

/**
 * Mono 16 kHz floats whose first sample is at `startMs` of the stream clock and whose number is
 * `samples`: what is missing in front or in a gap becomes silence, what is over is cut.
 */
export function pcmFilter(startMs: number, samples: number): string {
  const first = Math.round((startMs * SAMPLE_RATE) / 1000);
  return [
    "aformat=channel_layouts=mono",
    `aresample=${SAMPLE_RATE}`,
    // Apart from the change of rate: `first_pts` counts in samples of the input.
    `aresample=async=1:first_pts=${first}`,
    `atrim=end_sample=${samples}`,
    "aformat=sample_fmts=flt:channel_layouts=mono",
  ].join(",");
}
