/** From graded answers to the table of systems and question types. */
import type { QuestionType } from "../../clips/questions.js";
import { scoreOf, type Score } from "../score.js";
import { GROUPS } from "./set.js";

export interface Result {
  readonly system: string;
  readonly type: QuestionType;
  readonly question: string;
  readonly wanted: string;
  readonly said: string;
  readonly right: boolean;
  /** Positions of the whole prompt. */
  readonly promptTokens: number;
  readonly frames: number;
  /** From the question to the end of its answer. */
  readonly ms: number;
  readonly notes: readonly string[];
}

export interface Facts {
  readonly clips: number;
  readonly seed: string;
}

export function markdown(systems: readonly string[], results: readonly Result[], { clips, seed }: Facts): string {
  const of = (system: string): readonly Result[] => results.filter((r) => r.system === system);
  const row = (name: string, cellOf: (own: readonly Result[]) => string): string => `| ${name} | ${systems.map((system) => cellOf(of(system))).join(" | ")} |`;
  const asked = results.length / systems.length;
  return [
    `| question | ${systems.join(" | ")} |`,
    `|---|${systems.map(() => "---|").join("")}`,
    ...GROUPS.map(({ name, types }) => row(name, (own) => cell(scoreOf(own.filter((r) => types.includes(r.type)))))),
    row("all questions", (own) => cell(scoreOf(own))),
    row("frames", (own) => String(median(own.map((r) => r.frames)))),
    row("prompt tokens", (own) => String(median(own.map((r) => r.promptTokens)))),
    row("ms a question", (own) => String(Math.round(median(own.map((r) => r.ms))))),
    "",
    `Exact answers in per cent with the 95 % Wilson interval; medians below. ${asked} questions a system on ${clips} clips, seed ${seed}.`,
  ].join("\n");
}

function cell({ n, accuracy, interval }: Score): string {
  if (n === 0) return "";
  const percent = (v: number): string => (100 * v).toFixed(0);
  return `${percent(accuracy)} [${percent(interval[0])}, ${percent(interval[1])}]`;
}

/** Of an even number the lower of the middle two; 0 of none. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}
