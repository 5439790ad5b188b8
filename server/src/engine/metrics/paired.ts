/** Whether two runs on the same questions differ by more than chance. */
import { quantile, random, RESAMPLES, type Interval } from "./intervals.js";

export interface McNemar {
  /** Right in the first run only, and in the second only. */
  readonly first: number;
  readonly second: number;
  /** Two-sided, exact. */
  readonly p: number;
}

/**
 * McNemar's test (1947) in its exact form: of the questions on which the runs differ, how unlikely is it
 * that so few go to one of them when each is a toss of a coin.
 */
export function mcNemar(pairs: readonly (readonly [first: boolean, second: boolean])[]): McNemar {
  const first = pairs.filter(([a, b]) => a && !b).length;
  const second = pairs.filter(([a, b]) => b && !a).length;
  return { first, second, p: signTest(first, second) };
}

/** Twice the lower tail of the binomial distribution with p = 1/2, at most 1. */
export function signTest(a: number, b: number): number {
  const n = a + b;
  const logHalf = n * Math.log(0.5);
  let logChoose = 0;
  let tail = 0;
  for (let k = 0; k <= Math.min(a, b); k++) {
    if (k > 0) logChoose += Math.log(n - k + 1) - Math.log(k);
    tail += Math.exp(logChoose + logHalf);
  }
  return Math.min(1, 2 * tail);
}

export interface PairedBootstrap {
  /** Mean of the second run minus that of the first. */
  readonly difference: number;
  /** 95 %. */
  readonly interval: Interval;
  /** Two-sided; never 0, since only so many samples were drawn. */
  readonly p: number;
}

/** Paired bootstrap (Koehn 2004, "Statistical significance tests for machine translation evaluation") of the difference of means. */
export function pairedBootstrap(pairs: readonly (readonly [first: number, second: number])[], seed = 1, resamples = RESAMPLES): PairedBootstrap {
  const differences = Float64Array.from(pairs, ([a, b]) => b - a);
  const n = differences.length;
  if (n === 0) return { difference: NaN, interval: [NaN, NaN], p: 1 };
  const difference = differences.reduce((sum, d) => sum + d, 0) / n;
  const next = random(seed);
  const means = new Float64Array(resamples);
  let below = 0;
  let above = 0;
  for (let i = 0; i < resamples; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += differences[Math.floor(next() * n)] ?? 0;
    means[i] = sum / n;
    if (sum <= 0) below++;
    if (sum >= 0) above++;
  }
  means.sort();
  return { difference, interval: [quantile(means, 0.025), quantile(means, 0.975)], p: Math.min(1, (2 * (Math.min(below, above) + 1)) / (resamples + 1)) };
}
