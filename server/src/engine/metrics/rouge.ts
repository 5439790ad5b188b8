/** ROUGE-L (Lin 2004, "ROUGE: a package for automatic evaluation of summaries"). */

/** COCO's weight of recall over precision. */
const BETA = 1.2;

/** F of the longest common subsequence with the best precision and the best recall over the references, 0 to 1. */
export function rougeL(candidate: readonly string[], references: readonly (readonly string[])[], beta = BETA): number {
  let precision = 0;
  let recall = 0;
  for (const reference of references) {
    const common = longestCommon(candidate, reference);
    if (candidate.length > 0) precision = Math.max(precision, common / candidate.length);
    if (reference.length > 0) recall = Math.max(recall, common / reference.length);
  }
  return precision === 0 || recall === 0 ? 0 : ((1 + beta ** 2) * precision * recall) / (recall + beta ** 2 * precision);
}

function longestCommon(a: readonly string[], b: readonly string[]): number {
  let above = new Array<number>(b.length + 1).fill(0);
  for (const word of a) {
    const row = [0];
    for (let j = 0; j < b.length; j++) row.push(word === b[j] ? (above[j] ?? 0) + 1 : Math.max(above[j + 1] ?? 0, row[j] ?? 0));
    above = row;
  }
  return above[b.length] ?? 0;
}
