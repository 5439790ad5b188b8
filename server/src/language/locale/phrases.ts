/**
 * Phrases of the program in another language. Everything is said in English, which tests, logs and other
 * programs read; here a phrase is found again by its pattern, and said anew. What stands in its places,
 * `{0}` and so on, is the user's own text or a number and stays as it is; a place that is written
 * `{0:say}` in the other language holds words of the program, which are said anew in their turn.
 */

/** From English patterns to those of a language. */
export type Phrases = Readonly<Record<string, string>>;

export type Say = (english: string) => string;

/** How something was said: the patterns that were used, and what stayed as it was. */
export interface Telling {
  readonly text: string;
  readonly phrases: readonly string[];
  readonly kept: readonly string[];
}

interface Pattern {
  readonly key: string;
  readonly expression: RegExp;
  readonly target: string;
}

const PLACE = /\{(\d)(:say)?\}/g;
const places = (): RegExp => /\{\d\}/g;

/** @param locale a language tag such as `de` or `de-AT` */
export function phrasesOf(languages: Readonly<Record<string, Phrases>>, locale: string | undefined): Phrases | undefined {
  const language = locale?.toLowerCase().split(/[-_]/)[0] ?? "";
  return Object.hasOwn(languages, language) ? languages[language] : undefined;
}

export function sayIn(phrases: Phrases): Say {
  const tell = tellIn(phrases);
  return (english) => tell(english).text;
}

export function tellIn(phrases: Phrases): (english: string) => Telling {
  const patterns: Pattern[] = [];
  // The ones with the most letters first: a shorter one might fit, too.
  const letters = (key: string): number => key.replace(places(), "").length;
  for (const [key, target] of Object.entries(phrases).sort(([a], [b]) => letters(b) - letters(a))) {
    if (places().test(key)) patterns.push({ key, target, expression: new RegExp(`^${key.split(places()).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("([^]*?)")}$`) });
  }
  const tell = (english: string): Telling => {
    const whole = Object.hasOwn(phrases, english) ? phrases[english] : undefined;
    if (whole !== undefined) return { text: whole, phrases: [english], kept: [] };
    for (const { key, expression, target } of patterns) {
      const found = expression.exec(english);
      if (found === null) continue;
      const used = [key];
      const kept: string[] = [];
      const text = target.replace(PLACE, (_, place: string, own: string | undefined) => {
        const there = found[Number(place) + 1] ?? "";
        if (own === undefined) return kept.push(there), there;
        const inner = tell(there);
        used.push(...inner.phrases);
        kept.push(...inner.kept);
        return inner.text;
      });
      return { text, phrases: used, kept };
    }
    return { text: english, phrases: [], kept: [english] };
  };
  return tell;
}
