/**
 * Kaldi's filter banks as Video-LLaMA's audio branch uses them (its code, `get_waveform2melspec`, after
 * ImageBind): hanning window, 25 ms every 10 ms at 16 kHz, no dither, no energy, natural logarithm.
 * Within a frame: the mean is taken away, then pre-emphasis of 0.97, then the window.
 */
import { bandsOf, hann, weigh, type Band } from "./bands.js";
import { PowerSpectra } from "./fft.js";

const RATE = 16_000;
const WINDOW = 400;
const HOP = 160;
const FFT = 512;
const LOWEST_HERTZ = 20;
const PREEMPHASIS = 0.97;
/** float32's epsilon: Kaldi's floor below the logarithm. */
const EPSILON = 2 ** -23;
const SHAPE = hann(WINDOW, false);

const bandsBefore = new Map<number, readonly Band[]>();

export interface FbankInput {
  readonly bins: number;
  /** Frames that the encoder takes: missing ones are zeros, put there before normalising. */
  readonly frames: number;
  readonly mean: number;
  readonly std: number;
}

/** Frames of one clip: only whole windows count. 2 s give 198. */
export function fbankFrames(samples: number): number {
  return samples < WINDOW ? 0 : Math.floor((samples - WINDOW) / HOP) + 1;
}

/** @returns (frames, bins), row-major. */
export function kaldiFbank(samples: Float32Array, bins: number): Float32Array {
  const filters = bandsFor(bins);
  const frames = fbankFrames(samples.length);
  const out = new Float32Array(frames * bins);
  const spectra = new PowerSpectra(FFT);
  const powers = [new Float64Array(spectra.bins), new Float64Array(spectra.bins)] as const;
  for (let frame = 0; frame < frames; frame += 2) {
    prepare(samples, frame * HOP, spectra.first);
    if (frame + 1 < frames) prepare(samples, (frame + 1) * HOP, spectra.second);
    else spectra.second.fill(0);
    spectra.compute(...powers);
    for (let i = 0; i < 2 && frame + i < frames; i++) {
      for (let b = 0; b < bins; b++) out[(frame + i) * bins + b] = Math.log(Math.max(EPSILON, weigh(filters[b]!, powers[i as 0 | 1])));
    }
  }
  return out;
}

/**
 * One clip as the audio encoder takes it: the clip's mean taken away, filter banks, zeros up to
 * `frames` (or cut), then (x - mean) / std.
 *
 * @returns (bins, frames), row-major.
 */
export function fbankTensor(clip: Float32Array, { bins, frames, mean, std }: FbankInput): Float32Array {
  let sum = 0;
  for (const sample of clip) sum += sample;
  const centre = clip.length === 0 ? 0 : sum / clip.length;
  const rows = kaldiFbank(clip.map((sample) => sample - centre), bins);
  const held = Math.min(frames, rows.length / bins);
  const out = new Float32Array(bins * frames);
  for (let b = 0; b < bins; b++) {
    for (let f = 0; f < frames; f++) out[b * frames + f] = ((f < held ? rows[f * bins + b]! : 0) - mean) / std;
  }
  return out;
}

function prepare(samples: Float32Array, start: number, into: Float64Array): void {
  let mean = 0;
  for (let i = 0; i < WINDOW; i++) mean += samples[start + i]!;
  mean /= WINDOW;
  let before = samples[start]! - mean;
  for (let i = 0; i < WINDOW; i++) {
    const sample = samples[start + i]! - mean;
    into[i] = (sample - PREEMPHASIS * before) * SHAPE[i]!;
    before = sample;
  }
  into.fill(0, WINDOW);
}

function bandsFor(count: number): readonly Band[] {
  const known = bandsBefore.get(count);
  if (known !== undefined) return known;
  const [low, high] = [mel(LOWEST_HERTZ), mel(RATE / 2)];
  const delta = (high - low) / (count + 1);
  // The bin at half the sampling rate has no weight in Kaldi.
  const made = bandsOf(count, FFT / 2, (band, bin) => {
    const at = (mel((bin * RATE) / FFT) - low) / delta - band;
    return Math.min(at, 2 - at);
  });
  bandsBefore.set(count, made);
  return made;
}

function mel(hertz: number): number {
  return 1127 * Math.log(1 + hertz / 700);
}
