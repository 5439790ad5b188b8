/**
 * Blanks at the ends, in time that grows with the text alone: a pattern such as `[ \t]+$` starts anew at
 * every blank of a long row that does not reach the end.
 */

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** Without spaces and tabs at its ends; other white space stays. */
export function trimBlanks(line: string): string {
  let [start, end] = [0, line.length];
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

/** Without lines at its ends that are empty by `is`. */
export function trimLines(lines: readonly string[], is: (line: string) => boolean): string[] {
  let [start, end] = [0, lines.length];
  while (start < end && is(lines[start]!)) start++;
  while (end > start && is(lines[end - 1]!)) end--;
  return lines.slice(start, end);
}
