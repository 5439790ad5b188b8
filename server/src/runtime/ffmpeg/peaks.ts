import { throwIfAborted } from "../../engine/errors.js";
import type { AudioSource } from "../../engine/ports.js";

/** Sound is read in pieces of this length, so that memory does not grow with the film. */
const PIECE_MS = 5 * 60_000;

/**
 * How loud the sound of a film is over its length: the largest sample, from 0 to 1, of each of
 * `buckets` equal parts. None for a film without sound. Errors: those of the source, cancelled.
 */
export async function takePeaks(
  source: AudioSource,
  { path, durationMs, buckets }: { readonly path: string; readonly durationMs: number; readonly buckets: number },
  signal?: AbortSignal,
): Promise<readonly number[]> {
  const peaks = new Float32Array(buckets);
  for (let startMs = 0; startMs < durationMs; startMs += PIECE_MS) {
    const endMs = Math.min(durationMs, startMs + PIECE_MS);
    const samples = await source.pcm16k(path, startMs, endMs, signal);
    throwIfAborted(signal);
    if (samples === undefined) return [];
    const perSample = ((endMs - startMs) / Math.max(1, samples.length) / durationMs) * buckets;
    const first = (startMs / durationMs) * buckets;
    for (let i = 0; i < samples.length; i++) {
      const bucket = Math.min(buckets - 1, Math.floor(first + i * perSample));
      const loud = Math.abs(samples[i] as number);
      if (loud > (peaks[bucket] as number)) peaks[bucket] = loud;
    }
  }
  // Two digits are more than a picture shows, and a tenth of the message.
  return Array.from(peaks, (peak) => Math.round(Math.min(1, peak) * 100) / 100);
}
