/** What a run of all suites comes to: a line for each, one that counts all of them, and the exit code. */
import { NOT_RUN } from "../editor/exitCodes.js";
import { inWords, sum, type Tally } from "./tally.js";

export interface Outcome {
  readonly name: string;
  readonly code: number;
  /** Undefined: the suite was not run, or did not come to its end. */
  readonly tally: Tally | undefined;
  readonly seconds: number;
}

/** @param editorRequired leaving out the editor suite is a failure */
export function verdict(outcomes: readonly Outcome[], editorRequired: boolean): { readonly lines: readonly string[]; readonly code: 0 | 1 } {
  const leftOut = !outcomes.some(({ name, code }) => name === "editor" && code !== NOT_RUN);
  const ran = outcomes.filter(({ code }) => code !== NOT_RUN);
  // A suite that broke down before it could count has failed at least once.
  const counted = ran.map(({ tally, code }) => (tally === undefined ? { passed: 0, failed: 1, skipped: 0 } : { ...tally, failed: Math.max(tally.failed, code === 0 ? 0 : 1) }));
  const all = sum(counted);
  return {
    lines: [...outcomes.map(line), ...(leftOut ? ["*** THE EDITOR SUITE WAS LEFT OUT: nothing was tested in a real editor ***"] : []), inWords(all)],
    code: all.failed > 0 || (leftOut && editorRequired) ? 1 : 0,
  };
}

function line({ name, code, tally, seconds }: Outcome): string {
  if (code === NOT_RUN) return `${name}: NOT RUN`;
  const took = `(${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s)`;
  return tally === undefined ? `${name}: did not come to its end, exit code ${code} ${took}` : `${name}: ${inWords(tally)} ${took}`;
}
