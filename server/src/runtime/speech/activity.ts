/**
 * Where there is sound that could be speech: by loudness alone, so that silence is found as silence
 * and costs nothing. What the sound is, the recogniser says.
 */
import type { Span } from "../../engine/answer.js";

/** Samples of one frame: 20 ms at 16 kHz. */
const FRAME = 320;
const FRAME_MS = 20;
/** Loudness of a frame in dB relative to full scale. Nothing below the first is ever taken for speech, everything above the second always is. */
const QUIETEST_DB = -60;
const SURELY_DB = -45;
/** How much louder than its background speech must be. */
const ABOVE_FLOOR_DB = 6;
/** Pauses up to this length are part of what is said. */
const PAUSE_MS = 300;
/** Words begin and end softly. */
const MARGIN_MS = 150;

/** Loudness of each full or begun frame of mono 16 kHz samples, dB relative to full scale. */
function loudness(samples: Float32Array): Float32Array {
  const out = new Float32Array(Math.ceil(samples.length / FRAME));
  for (let f = 0; f < out.length; f++) {
    const end = Math.min(samples.length, (f + 1) * FRAME);
    let sum = 0;
    for (let i = f * FRAME; i < end; i++) sum += samples[i]! * samples[i]!;
    out[f] = 10 * Math.log10(sum / (end - f * FRAME) + 1e-12);
  }
  return out;
}

/**
 * Parts of the sound that are louder than its background, ascending and disjoint, in milliseconds
 * from its beginning, with a small margin on both sides. None for silence.
 */
export function activity(samples: Float32Array): readonly Span[] {
  const levels = loudness(samples);
  // The background: what a twentieth of the frames stays below.
  const floor = levels.slice().sort()[Math.floor(levels.length / 20)] ?? QUIETEST_DB;
  const threshold = Math.min(SURELY_DB, Math.max(QUIETEST_DB, floor + ABOVE_FLOOR_DB));
  const spans: { startMs: number; endMs: number }[] = [];
  levels.forEach((level, f) => {
    if (level < threshold) return;
    const startMs = f * FRAME_MS;
    const last = spans.at(-1);
    if (last !== undefined && startMs - last.endMs <= PAUSE_MS) last.endMs = startMs + FRAME_MS;
    else spans.push({ startMs, endMs: startMs + FRAME_MS });
  });
  const lengthMs = samples.length / 16;
  return spans.map(({ startMs, endMs }) => ({ startMs: Math.max(0, startMs - MARGIN_MS), endMs: Math.min(lengthMs, endMs + MARGIN_MS) }));
}
