/** Numbers as people write them in a language, given by a tag such as `de`. Pure. */

/** Making one takes longer than using it a hundred times. */
const formats = new Map<string, Intl.NumberFormat>();

/** With so many digits after the point or comma, and nothing between thousands. */
export function fixed(value: number, digits: number, language: string): string {
  const key = `${digits} ${language}`;
  let format = formats.get(key);
  if (format === undefined) formats.set(key, (format = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false, numberingSystem: "latn" })));
  return format.format(value);
}

/** A number that a file holds, such as 0.970, with its own digits; anything else as it is. */
export function rewritten(text: string, language: string): string {
  const [, fraction] = /^\d+(?:\.(\d{1,20}))?$/.exec(text) ?? [undefined, undefined];
  return fraction === undefined ? text : fixed(Number(text), fraction.length, language);
}

/** In percent, with one digit. @param share 0 to 1 */
export function percent(share: number, language: string): string {
  return `${fixed(share * 100, 1, language)} %`;
}

/** A duration: 340 ms, 2.5 s. */
export function duration(ms: number, language: string): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${fixed(ms / 1000, 1, language)} s`;
}

/**
 * Reads the first number of a text that was written in that language, with or without something between thousands;
 * NaN where there is none. Made once for many texts.
 */
export function numberReader(language: string): (text: string) => number {
  const parts = new Intl.NumberFormat(language).formatToParts(1234567.5);
  const [group, point] = (["group", "decimal"] as const).map((type) => (parts.find((part) => part.type === type)?.value ?? "").replace(/[.\\^$|]/g, "\\$&"));
  const between = new RegExp(`(?<=\\d)${group}(?=\\d{3}(?!\\d))`, "g");
  const number = new RegExp(`(-?\\d+)(?:${point}(\\d+))?`);
  return (text) => {
    const [, whole, fraction = "0"] = number.exec(text.replaceAll("\u2212", "-").replace(between, "")) ?? [];
    return whole === undefined ? NaN : Number(`${whole}.${fraction}`);
  };
}
