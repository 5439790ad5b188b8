/** How far a figure may be off by chance. */

export type Interval = readonly [low: number, high: number];

const Z95 = 1.959963984540054;

/**
 * Score interval of a proportion (Wilson 1927), 95 %: unlike the usual approximation it stays within
 * 0 and 1 and is right near them. With n = 0 everything is possible.
 */
export function wilson(right: number, n: number): Interval {
  if (n === 0) return [0, 1];
  const p = right / n;
  const centre = p + (Z95 * Z95) / (2 * n);
  const spread = Z95 * Math.sqrt((p * (1 - p)) / n + (Z95 * Z95) / (4 * n * n));
  const scale = 1 + (Z95 * Z95) / n;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}

export const RESAMPLES = 2000;

/**
 * Percentile interval of any figure of a sample (Efron 1979), 95 %: it is computed anew on samples
 * drawn with replacement. The same seed gives the same interval.
 * @param figure of the items with these indices
 */
export function bootstrap(n: number, figure: (indices: Uint32Array) => number, seed = 1, resamples = RESAMPLES): Interval {
  if (n === 0) return [NaN, NaN];
  const values = new Float64Array(resamples);
  const indices = new Uint32Array(n);
  const next = random(seed);
  for (let i = 0; i < resamples; i++) {
    for (let j = 0; j < n; j++) indices[j] = Math.floor(next() * n);
    values[i] = figure(indices);
  }
  values.sort();
  return [quantile(values, 0.025), quantile(values, 0.975)];
}

/** The interval of a mean; `values` must hold numbers only. */
export function bootstrapMean(values: readonly number[], seed = 1, resamples = RESAMPLES): Interval {
  return bootstrap(values.length, (indices) => indices.reduce((sum, i) => sum + (values[i] ?? 0), 0) / indices.length, seed, resamples);
}

/** Of sorted values, with linear interpolation. */
export function quantile(sorted: Float64Array, q: number): number {
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? NaN;
  return low + ((sorted[Math.ceil(at)] ?? low) - low) * (at - Math.floor(at));
}

/** Numbers from 0 to below 1, 32 bits each; the generator is SplitMix32. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  };
}
