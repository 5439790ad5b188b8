/** Words of a cue, and where to break them into lines. */
import { plainCueText, type Word } from "../../format/index.js";
import type { Caption } from "./cues.js";

/** Parts of a line between blanks; a blank inside of a tag divides nothing. */
export function wordsOf({ text, start }: Word): Word[] {
  return [...text.matchAll(/(?:<[^<>]*>|\S)+/g)].map(({ 0: word, index }) => ({ text: word, start: start + index, end: start + index + word.length }));
}

/** Characters of a word that are seen. */
export function widthOf({ text }: Word): number {
  return [...plainCueText([{ text }])].length;
}

/** A line that begins with a dash or a voice: the turn of another speaker. */
export function isTurn(line: string): boolean {
  return /^\s*(?:[-\u2010-\u2015]|<v[.\s])/.test(line);
}

export function hasTurns({ lines }: Pick<Caption, "lines">): boolean {
  return lines.slice(1).some(({ text }) => isTurn(text));
}

/**
 * Before which words to break for `count` lines of at most `widest` characters, so that the longest is
 * as short as can be; undefined when they do not fit.
 */
export function balanced(widths: readonly number[], count: number, widest: number): ReadonlySet<number> | undefined {
  const fill = (limit: number): number[] | undefined => {
    const breaks: number[] = [];
    let line = -1;
    for (const [i, width] of widths.entries()) {
      if (width > limit) return undefined;
      if (line + 1 + width > limit) {
        breaks.push(i);
        line = -1;
      }
      line += 1 + width;
    }
    return breaks.length < count ? breaks : undefined;
  };
  if (fill(widest) === undefined) return undefined;
  let [low, high] = [1, widest];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fill(middle) === undefined) low = middle + 1;
    else high = middle;
  }
  return new Set(fill(low));
}
