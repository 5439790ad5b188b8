/**
 * How far people who judge the same things agree beyond what chance would give. Pure arithmetic over
 * categories: which answers count as the same is decided by whoever makes them.
 */

/** For each item the category that each rater chose; undefined where a rater judged it not. */
export type Ratings = readonly (readonly (string | undefined)[])[];

/** Share of pairs of raters that agree, over one item; undefined with fewer than two. */
export function pairAgreement(item: Ratings[number]): number | undefined {
  const { counts, n } = tally(item);
  if (n < 2) return undefined;
  return [...counts.values()].reduce((sum, count) => sum + count * (count - 1), 0) / (n * (n - 1));
}

/** Mean of {@link pairAgreement} over the items that two or more have judged; undefined without any. */
export function meanAgreement(items: Ratings): number | undefined {
  const shares = items.flatMap((item) => pairAgreement(item) ?? []);
  return shares.length === 0 ? undefined : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/**
 * Kappa of two raters (Cohen 1960), over the items that both have judged. Undefined without any, and
 * where both chose one same category throughout: agreement by chance is certain then, and kappa is not defined.
 */
export function cohenKappa(items: readonly (readonly [a: string | undefined, b: string | undefined])[]): number | undefined {
  const both = items.filter((pair): pair is readonly [string, string] => pair[0] !== undefined && pair[1] !== undefined);
  if (both.length === 0) return undefined;
  const observed = both.filter(([a, b]) => a === b).length / both.length;
  const [first, second] = [tally(both.map(([a]) => a)).counts, tally(both.map(([, b]) => b)).counts];
  const chance = [...first].reduce((sum, [category, count]) => sum + count * (second.get(category) ?? 0), 0) / both.length ** 2;
  return beyond(observed, chance);
}

/**
 * Kappa of several raters (Fleiss 1971), who need not be the same for each item. Undefined unless every
 * item has the same number of ratings, two or more; see also {@link krippendorffAlpha}.
 */
export function fleissKappa(items: Ratings): number | undefined {
  const tallies = items.map(tally);
  const n = tallies[0]?.n ?? 0;
  if (n < 2 || tallies.some((each) => each.n !== n)) return undefined;
  const observed = meanAgreement(items) ?? 0;
  const totals = new Map<string, number>();
  for (const { counts } of tallies) for (const [category, count] of counts) totals.set(category, (totals.get(category) ?? 0) + count);
  const all = n * items.length;
  const chance = [...totals.values()].reduce((sum, count) => sum + (count / all) ** 2, 0);
  return beyond(observed, chance);
}

/**
 * Alpha for nominal data, any number of raters and ratings that are missing (Krippendorff, Computing
 * Krippendorff's Alpha-Reliability, 2011, section C). Items that fewer than two have judged do not count.
 * Undefined without any, and where all ratings are one category.
 */
export function krippendorffAlpha(items: Ratings): number | undefined {
  return alphaOf(items)(Uint32Array.from(items, (_, i) => i));
}

/**
 * Alpha of samples of the items, by their indices, one of which may come several times. What does not
 * depend on the sample is counted once: a sample of fifty thousand items takes a millisecond or two.
 */
export function alphaOf(items: Ratings): (indices: Uint32Array) => number | undefined {
  const categories = new Map<string, number>();
  // Of each item: its ratings, the pairs that agree, and where its categories begin in `codes`.
  const [sizes, agreeings, starts] = [new Uint32Array(items.length), new Float64Array(items.length), new Uint32Array(items.length + 1)];
  const [codes, counts]: [number[], number[]] = [[], []];
  items.forEach((item, i) => {
    const { counts: of, n } = tally(item);
    if (n >= 2) {
      sizes[i] = n;
      for (const [category, count] of of) {
        const code = categories.get(category) ?? categories.size;
        categories.set(category, code);
        codes.push(code);
        counts.push(count);
        agreeings[i] = (agreeings[i] ?? 0) + (count * (count - 1)) / (n - 1);
      }
    }
    starts[i + 1] = codes.length;
  });
  const totals = new Float64Array(categories.size);
  return (indices) => {
    totals.fill(0);
    let [all, agreeing] = [0, 0];
    for (let j = 0; j < indices.length; j++) {
      const i = indices[j] ?? 0;
      all += sizes[i] ?? 0;
      agreeing += agreeings[i] ?? 0;
      for (let k = starts[i] ?? 0, end = starts[i + 1] ?? 0; k < end; k++) {
        const code = codes[k] ?? 0;
        totals[code] = (totals[code] ?? 0) + (counts[k] ?? 0);
      }
    }
    if (all < 2) return undefined;
    let chance = 0;
    for (const count of totals) chance += count * (count - 1);
    chance /= all - 1;
    return all === chance ? undefined : 1 - (all - agreeing) / (all - chance);
  };
}

function beyond(observed: number, chance: number): number | undefined {
  return chance === 1 ? undefined : (observed - chance) / (1 - chance);
}

function tally(item: Ratings[number]): { readonly counts: ReadonlyMap<string, number>; readonly n: number } {
  const counts = new Map<string, number>();
  let n = 0;
  for (const category of item) {
    if (category === undefined) continue;
    counts.set(category, (counts.get(category) ?? 0) + 1);
    n++;
  }
  return { counts, n };
}
