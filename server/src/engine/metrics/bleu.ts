/** BLEU (Papineni et al. 2002, "BLEU: a method for automatic evaluation of machine translation"), over a corpus. */
import { ngrams } from "./words.js";

const MAX_N = 4;

/** What a sentence adds to the sums of a corpus, from which BLEU is made. */
export interface BleuCounts {
  /** Clipped matches and candidates' n-grams, for n = 1 to 4. */
  readonly matched: readonly number[];
  readonly total: readonly number[];
  readonly length: number;
  /** Of the closest reference; the shorter of two that are equally close. */
  readonly referenceLength: number;
}

export function bleuCounts(candidate: readonly string[], references: readonly (readonly string[])[]): BleuCounts {
  const matched: number[] = [];
  const total: number[] = [];
  for (let n = 1; n <= MAX_N; n++) {
    const most = new Map<string, number>();
    for (const reference of references) {
      for (const [gram, count] of ngrams(reference, n)) most.set(gram, Math.max(count, most.get(gram) ?? 0));
    }
    let hits = 0;
    for (const [gram, count] of ngrams(candidate, n)) hits += Math.min(count, most.get(gram) ?? 0);
    matched.push(hits);
    total.push(Math.max(0, candidate.length - n + 1));
  }
  const lengths = references.map((reference) => reference.length);
  const closest = lengths.reduce((best, length) => {
    const [a, b] = [Math.abs(length - candidate.length), Math.abs(best - candidate.length)];
    return a < b || (a === b && length < best) ? length : best;
  }, lengths[0] ?? 0);
  return { matched, total, length: candidate.length, referenceLength: closest };
}

/** BLEU-1 to BLEU-4, each 0 to 1: brevity penalty times the geometric mean of the clipped precisions, without smoothing. */
export function bleu(counts: readonly BleuCounts[]): readonly number[] {
  const sum = (of: (each: BleuCounts) => number): number => counts.reduce((all, each) => all + of(each), 0);
  const length = sum((each) => each.length);
  const referenceLength = sum((each) => each.referenceLength);
  const brevity = length === 0 ? 0 : length >= referenceLength ? 1 : Math.exp(1 - referenceLength / length);
  let logs = 0;
  return Array.from({ length: MAX_N }, (_, i) => {
    const total = sum((each) => each.total[i] ?? 0);
    logs += total === 0 ? -Infinity : Math.log(sum((each) => each.matched[i] ?? 0) / total);
    return brevity * Math.exp(logs / (i + 1));
  });
}
