/**
 * Words of pages and renderers, which cannot ask the editor for its language themselves: the extension
 * gives them a table from the English text to the one of the editor. Pure.
 */
export type Words = Readonly<Record<string, string>>;

/** The text for an English one, with what stands for {0}, {1} and so on; the English one where there is no other. */
export interface Translate {
  (english: string, ...values: readonly (string | number)[]): string;
  /** In which numbers are written, such as `de`. */
  readonly language: string;
}

export function translator(words: Words, language = "en"): Translate {
  const translate = (english: string, ...values: readonly (string | number)[]): string => (Object.hasOwn(words, english) ? (words[english] as string) : english).replace(/\{(\d)\}/g, (whole, i: string) => String(values[Number(i)] ?? whole));
  return Object.assign(translate, { language: language === "" ? "en" : language });
}

/** Whatever came as a table, without what is none of it. */
export function readWords(given: unknown): Words {
  if (typeof given !== "object" || given === null) return {};
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
