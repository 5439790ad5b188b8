/**
 * Phrases of the program in another language. Everything is said in English, which tests, logs and other
 * programs read; here a phrase is found again by its pattern, and said anew. What stands in its places,
 * `{0}` and so on, is the user's own text or a number and stays as it is; a place that is written
 * `{0:say}` in the other language holds words of the program, which are said anew in their turn, and one that
 * is written `{0:number}` a number of the program, with its unit, that gets the language's point or comma.
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

const PLACE = /\{(\d)(?::(say|number))?\}/g;
const places = (): RegExp => /\{\d\}/g;

/** @param locale a language tag such as `de` or `de-AT` */
export function phrasesOf(languages: Readonly<Record<string, Phrases>>, locale: string | undefined): Phrases | undefined {
  const language = locale?.toLowerCase().split(/[-_]/)[0] ?? "";
  return Object.hasOwn(languages, language) ? languages[language] : undefined;
}

/** @param locale how numbers are written */
export function sayIn(phrases: Phrases, locale?: string): Say {
  const tell = tellIn(phrases, locale);
  return (english) => tell(english).text;
}

export function tellIn(phrases: Phrases, locale?: string): (english: string) => Telling {
  const point = decimalPoint(locale);
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
      const text = target.replace(PLACE, (_, place: string, own: "say" | "number" | undefined) => {
        const there = found[Number(place) + 1] ?? "";
        if (own !== "say") return kept.push(there), own === undefined ? there : there.replace(/(?<=\d)\.(?=\d)/g, point);
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

/** What stands before the fraction of a number; a point in a locale that is no language tag. */
function decimalPoint(locale: string | undefined): string {
  try {
    return new Intl.NumberFormat((locale ?? "en").replaceAll("_", "-")).formatToParts(0.5).find(({ type }) => type === "decimal")?.value ?? ".";
  } catch {
    return ".";
  }
}
