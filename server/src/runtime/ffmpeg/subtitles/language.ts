/** "eng", "en_US" and "en" name one language: the primary subtag in its shortest form. Undefined when it is no tag. */
export function languageOf(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag.replaceAll("_", "-"))[0]?.split("-")[0];
  } catch {
    return undefined;
  }
}

/** Rank of a tag among preferred languages: 0 is best; untagged text comes after the preferred, others last. */
export function languageRank(tag: string | undefined, preferred: readonly string[]): number {
  if (tag === undefined) return preferred.length;
  const language = languageOf(tag);
  const rank = preferred.findIndex((p) => languageOf(p) === language);
  return rank >= 0 ? rank : preferred.length + 1;
}
