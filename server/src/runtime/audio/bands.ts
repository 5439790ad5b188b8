/** Triangular bands over the bins of a spectrum; each keeps only the bins that it weighs. */
export interface Band {
  /** First bin. */
  readonly from: number;
  readonly weights: Float64Array;
}

/** `weight(band, bin)` is 0 outside of the triangle. */
export function bandsOf(count: number, bins: number, weight: (band: number, bin: number) => number): readonly Band[] {
  return Array.from({ length: count }, (_, band) => {
    const all = Float64Array.from({ length: bins }, (_, bin) => Math.max(0, weight(band, bin)));
    const from = Math.max(0, all.findIndex((w) => w > 0));
    const end = all.findLastIndex((w) => w > 0) + 1;
    return { from, weights: all.slice(from, end) };
  });
}

export function weigh({ from, weights }: Band, power: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * power[from + i]!;
  return sum;
}

/** Hann window over `length` samples: `periodic` as in Whisper, symmetric as in Kaldi. */
export function hann(length: number, periodic: boolean): Float64Array {
  const span = periodic ? length : length - 1;
  return Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / span));
}
