/**
 * CIDEr and CIDEr-D (Vedantam et al. 2015, "CIDEr: consensus-based image description evaluation"),
 * without stemming, as the scripts of COCO compute CIDEr-D. Document frequencies are those of the
 * references that are given, so values of different sets are not comparable.
 */
import { ngrams } from "./words.js";

const MAX_N = 4;
const SIGMA = 6;

export interface CiderItem {
  readonly candidate: readonly string[];
  readonly references: readonly (readonly string[])[];
}

export interface CiderScores {
  /** 0 to 10 an item: mean cosine of the weighted n-grams, ten times. */
  readonly cider: readonly number[];
  /** With clipped counts and a penalty on other lengths. */
  readonly ciderD: readonly number[];
}

interface Weighted {
  /** By n, from 1. */
  readonly vectors: readonly ReadonlyMap<string, number>[];
  readonly norms: readonly number[];
  readonly length: number;
}

export function cider(items: readonly CiderItem[]): CiderScores {
  const documents = new Map<string, number>();
  for (const { references } of items) {
    const grams = new Set<string>();
    for (const reference of references) for (let n = 1; n <= MAX_N; n++) for (const gram of ngrams(reference, n).keys()) grams.add(gram);
    for (const gram of grams) documents.set(gram, (documents.get(gram) ?? 0) + 1);
  }
  const all = Math.log(Math.max(1, items.length));
  const weighted = (words: readonly string[]): Weighted => {
    const vectors = Array.from({ length: MAX_N }, (_, i) => {
      const vector = new Map<string, number>();
      for (const [gram, count] of ngrams(words, i + 1)) vector.set(gram, count * (all - Math.log(Math.max(1, documents.get(gram) ?? 0))));
      return vector;
    });
    const norms = vectors.map((vector) => Math.sqrt([...vector.values()].reduce((sum, value) => sum + value ** 2, 0)));
    return { vectors, norms, length: words.length };
  };
  const scores = items.map(({ candidate, references }) => {
    const own = weighted(candidate);
    const each = references.map((reference) => similarity(own, weighted(reference)));
    const mean = (key: "plain" | "clipped"): number => (each.length === 0 ? 0 : (10 * each.reduce((sum, one) => sum + one[key], 0)) / each.length);
    return { plain: mean("plain"), clipped: mean("clipped") };
  });
  return { cider: scores.map(({ plain }) => plain), ciderD: scores.map(({ clipped }) => clipped) };
}

function similarity(a: Weighted, b: Weighted): { readonly plain: number; readonly clipped: number } {
  const penalty = Math.exp(-((a.length - b.length) ** 2) / (2 * SIGMA ** 2));
  let plain = 0;
  let clipped = 0;
  for (let n = 0; n < MAX_N; n++) {
    const norm = (a.norms[n] ?? 0) * (b.norms[n] ?? 0);
    if (norm === 0) continue;
    let dot = 0;
    let least = 0;
    for (const [gram, value] of a.vectors[n] ?? []) {
      const other = b.vectors[n]?.get(gram) ?? 0;
      dot += value * other;
      least += Math.min(value, other) * other;
    }
    plain += dot / norm;
    clipped += (penalty * least) / norm;
  }
  return { plain: plain / MAX_N, clipped: clipped / MAX_N };
}
