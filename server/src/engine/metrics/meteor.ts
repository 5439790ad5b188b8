/**
 * A METEOR-like score: the METEOR of Banerjee and Lavie 2005 ("METEOR: an automatic metric for MT
 * evaluation with improved correlation with human judgments") with its stages for equal words and equal
 * stems (Porter 1980). It has no stage for synonyms, since WordNet is not shipped, and none of the tables
 * of paraphrases and tuned weights of METEOR 1.5; so its values are lower than theirs, and are only to be
 * compared with each other.
 */
import { stemmer } from "stemmer";

/** The best score over the references, 0 to 1. */
export function meteor(candidate: readonly string[], references: readonly (readonly string[])[]): number {
  return Math.max(0, ...references.map((reference) => against(candidate, reference)));
}

/** Matched words and how many unbroken runs they form in both texts. */
export function aligned(candidate: readonly string[], reference: readonly string[]): { readonly matches: number; readonly chunks: number } {
  const partner = new Array<number | undefined>(candidate.length).fill(undefined);
  const taken = new Set<number>();
  for (const form of [(word: string) => word, stemmer]) {
    const [from, to] = [candidate.map(form), reference.map(form)];
    for (let i = 0; i < from.length; i++) {
      if (partner[i] !== undefined) continue;
      const options: number[] = [];
      for (let j = 0; j < to.length; j++) if (!taken.has(j) && to[j] === from[i]) options.push(j);
      const chosen = best(options, i, partner, from, to);
      if (chosen === undefined) continue;
      partner[i] = chosen;
      taken.add(chosen);
    }
  }
  let chunks = 0;
  let matches = 0;
  partner.forEach((at, i) => {
    if (at === undefined) return;
    matches++;
    if (i === 0 || partner[i - 1] === undefined || partner[i - 1] !== at - 1) chunks++;
  });
  return { matches, chunks };
}

/** The place that goes on from the word before; else the one from which most words go on; else the nearest. */
function best(options: readonly number[], i: number, partner: readonly (number | undefined)[], from: readonly string[], to: readonly string[]): number | undefined {
  const before = i === 0 ? undefined : partner[i - 1];
  if (before !== undefined && options.includes(before + 1)) return before + 1;
  const run = (j: number): number => {
    let length = 0;
    while (i + length < from.length && from[i + length] === to[j + length]) length++;
    return length;
  };
  return options.reduce<number | undefined>((chosen, j) => {
    if (chosen === undefined) return j;
    const more = run(j) - run(chosen);
    return more > 0 || (more === 0 && Math.abs(j - i) < Math.abs(chosen - i)) ? j : chosen;
  }, undefined);
}

function against(candidate: readonly string[], reference: readonly string[]): number {
  const { matches, chunks } = aligned(candidate, reference);
  if (matches === 0) return 0;
  const precision = matches / candidate.length;
  const recall = matches / reference.length;
  const mean = (10 * precision * recall) / (recall + 9 * precision);
  return mean * (1 - 0.5 * (chunks / matches) ** 3);
}
