/** How many tests of a suite did what: written by its reporter, added up by `test/all.ts`. */
import { readFileSync, writeFileSync } from "node:fs";

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Names the file that a suite writes its tally to. */
export const TALLY_FILE = "VQA_TEST_TALLY";

export function writeTally(path: string, { passed, failed, skipped }: Tally): void {
  writeFileSync(path, JSON.stringify({ passed, failed, skipped }));
}

/** Undefined when the suite did not come to its end. */
export function readTally(path: string): Tally | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Tally;
  } catch {
    return undefined;
  }
}

export function sum(tallies: readonly Tally[]): Tally {
  const add = (of: (tally: Tally) => number): number => tallies.reduce((all, tally) => all + of(tally), 0);
  return { passed: add((t) => t.passed), failed: add((t) => t.failed), skipped: add((t) => t.skipped) };
}

export function inWords({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
