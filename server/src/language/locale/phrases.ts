/**
 * Phrases of the language features in another language. The features say everything in English, which
 * tests, logs and other programs read; here a phrase is found again by its pattern, and said anew.
 * What stands in its places, `{0}` and so on, is the user's own text or a number and stays as it is.
 */

/** From English patterns to those of a language. */
export type Phrases = Readonly<Record<string, string>>;

export type Say = (english: string) => string;

interface Pattern {
  readonly expression: RegExp;
  readonly target: string;
}

const PLACE = /\{(\d)\}/g;

export function sayIn(phrases: Phrases): Say {
  const whole = new Map<string, string>();
  const patterns: Pattern[] = [];
  // The ones with the most letters first: a shorter one might fit, too.
  const letters = (key: string): number => key.replace(PLACE, "").length;
  for (const [key, target] of Object.entries(phrases).sort(([a], [b]) => letters(b) - letters(a))) {
    if (!/\{\d\}/.test(key)) whole.set(key, target);
    else patterns.push({ expression: new RegExp(`^${key.split(/\{\d\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("([^]*?)")}$`), target });
  }
  return (english) => {
    const known = whole.get(english);
    if (known !== undefined) return known;
    for (const { expression, target } of patterns) {
      const found = expression.exec(english);
      if (found !== null) return target.replace(PLACE, (_, place: string) => found[Number(place) + 1] ?? "");
    }
    return english;
  };
}
