/**
 * Words of a caption as the caption metrics count them: lower case, without punctuation, contractions
 * divided as in the Penn Treebank ("isn't" is "is n't"), hyphens kept. The scripts of COCO use
 * Stanford's PTB tokenizer and then drop punctuation; on plain sentences this gives the same words.
 * Characters of scripts without blanks between words each count as one.
 */
const SINGLE = String.raw`[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]`;
const LETTERS = String.raw`(?:(?!${SINGLE})[\p{L}\p{M}\p{N}])+`;
const WORD = new RegExp(`${SINGLE}|${LETTERS}(?:[-'.,]${LETTERS})*`, "gu");

export function captionWords(text: string): string[] {
  const plain = text.normalize("NFC").toLowerCase().replaceAll("’", "'");
  return [...plain.matchAll(WORD)].flatMap(([word]) => parts(word));
}

function parts(word: string): string[] {
  // A full stop or comma stays inside of numbers only: "3.5", not "end.Next".
  const pieces = /^\d[\d.,]*\d$/.test(word) ? [word] : word.split(/[.,]/).filter((piece) => piece !== "");
  return pieces.flatMap((piece) => {
    const negated = /^(.+)(n't)$/.exec(piece);
    if (negated !== null) return [negated[1] as string, "n't"];
    const clitic = /^(.+)('(?:s|m|d|ll|re|ve))$/.exec(piece);
    return clitic !== null ? [clitic[1] as string, clitic[2] as string] : [piece];
  });
}

/** Counts of the runs of `n` words. */
export function ngrams(words: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= words.length; i++) {
    const key = words.slice(i, i + n).join(" ");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
