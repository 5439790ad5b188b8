/**
 * Whisper's input (arXiv 2212.04356, section 2.2): log-mel spectrogram of 25 ms windows every 10 ms at
 * 16 kHz, 80 or 128 bands of Slaney's mel scale with equal areas, base-10 logarithm, at most 8 below
 * the maximum, then (x + 4) / 4. The window is a periodic Hann window, frames are centred, and the
 * edges are mirrored (as in its published code, `log_mel_spectrogram`).
 */
import { bandsOf, hann, weigh, type Band } from "./bands.js";
import { PowerSpectra } from "./fft.js";

const RATE = 16_000;
const WINDOW = 400;
export const HOP = 160;
const WINDOW_SHAPE = hann(WINDOW, true);
/** log10 of the smallest power that counts. */
const LEAST = -10;
const RANGE = 8;

const bandsBefore = new Map<number, readonly Band[]>();

/**
 * @param samples Mono, 16 kHz; what is missing up to `frames` is silence, what is over is left out.
 * @returns (bands, frames), row-major.
 */
export function logMel(samples: Float32Array, bands: number, frames: number): Float32Array {
  const filters = bandsFor(bands);
  const out = new Float32Array(bands * frames).fill(LEAST);
  const length = frames * HOP;
  const heard = Math.min(samples.length, length);
  // Frames beyond the last sample hold silence, but for those that mirror the end of a full window.
  const sounding = heard === length ? frames : Math.min(frames, Math.ceil((heard + WINDOW / 2) / HOP));
  const spectra = new PowerSpectra(WINDOW);
  const powers = [new Float64Array(spectra.bins), new Float64Array(spectra.bins)] as const;
  let most = LEAST;
  const write = (frame: number, power: Float64Array): void => {
    for (let b = 0; b < bands; b++) {
      const log = Math.log10(Math.max(1e-10, weigh(filters[b]!, power)));
      if (log > most) most = log;
      out[b * frames + frame] = log;
    }
  };
  for (let frame = 0; frame < sounding; frame += 2) {
    window(samples, heard, length, frame, spectra.first);
    window(samples, heard, length, frame + 1, spectra.second);
    spectra.compute(...powers);
    write(frame, powers[0]);
    if (frame + 1 < frames) write(frame + 1, powers[1]);
  }
  for (let i = 0; i < out.length; i++) out[i] = (Math.max(out[i]!, most - RANGE) + 4) / 4;
  return out;
}

/** The windowed samples of a frame, mirrored at both ends of the padded sound. */
function window(samples: Float32Array, heard: number, length: number, frame: number, into: Float64Array): void {
  const start = frame * HOP - WINDOW / 2;
  for (let i = 0; i < WINDOW; i++) {
    let at = start + i;
    if (at < 0) at = -at;
    else if (at >= length) at = 2 * (length - 1) - at;
    into[i] = at < heard ? samples[at]! * WINDOW_SHAPE[i]! : 0;
  }
}

function bandsFor(count: number): readonly Band[] {
  const known = bandsBefore.get(count);
  if (known !== undefined) return known;
  const edges = Float64Array.from({ length: count + 2 }, (_, i) => toHertz((i * toMel(RATE / 2)) / (count + 1)));
  const made = bandsOf(count, WINDOW / 2 + 1, (band, bin) => {
    const [low, middle, high] = [edges[band]!, edges[band + 1]!, edges[band + 2]!];
    const hertz = (bin * RATE) / WINDOW;
    return Math.min((hertz - low) / (middle - low), (high - hertz) / (high - middle)) * (2 / (high - low));
  });
  bandsBefore.set(count, made);
  return made;
}

/** Slaney's scale (Auditory Toolbox): linear to 1000 Hz, logarithmic above. */
function toMel(hertz: number): number {
  return hertz < 1000 ? (hertz * 3) / 200 : 15 + (27 / Math.log(6.4)) * Math.log(hertz / 1000);
}

function toHertz(mel: number): number {
  return mel < 15 ? (mel * 200) / 3 : 1000 * Math.exp(((mel - 15) * Math.log(6.4)) / 27);
}
