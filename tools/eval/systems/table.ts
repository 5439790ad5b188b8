/** From graded answers to the table of systems and question types, and to the duels below it. */
import { mcNemar, pairedBootstrap } from "../../../server/src/engine/metrics/paired.js";
import type { QuestionType } from "../../clips/questions.js";
import { scoreOf, type Score } from "../score.js";
import type { Duel, ExamSet } from "./sets/exam.js";

export interface Result {
  readonly system: string;
  /** Number of the clip in its set. */
  readonly clip: number;
  readonly rows: readonly string[];
  readonly type: QuestionType;
  readonly question: string;
  readonly wanted: string;
  readonly said: string;
  readonly right: boolean;
  /** Positions of the whole prompt, and those of them that are no words. */
  readonly promptTokens: number;
  readonly visualTokens: number;
  readonly frames: number;
  /** From the question to the end of its answer. */
  readonly ms: number;
  /** Of the first question about a clip: whether it was decoded and encoded for it, and not for another system before. */
  readonly first?: boolean;
  readonly notes: readonly string[];
}

export interface Facts {
  readonly clips: number;
  readonly seed: string;
}

export function markdown(set: Pick<ExamSet, "rows" | "duels">, systems: readonly string[], results: readonly Result[], { clips, seed }: Facts): string {
  const of = (system: string): readonly Result[] => results.filter((r) => r.system === system);
  const row = (name: string, cellOf: (own: readonly Result[]) => string): string => `| ${name} | ${systems.map((system) => cellOf(of(system))).join(" | ")} |`;
  const asked = results.length / systems.length;
  const time = (own: readonly Result[], first: true | undefined): string => String(Math.round(median(own.filter((r) => r.first === first).map((r) => r.ms))));
  const duels = set.duels.filter(({ better, worse }) => systems.includes(better) && systems.includes(worse));
  return [
    `| question | ${systems.join(" | ")} |`,
    `|---|${systems.map(() => "---|").join("")}`,
    ...set.rows.filter((name) => results.some((r) => r.rows.includes(name))).map((name) => row(name, (own) => cell(scoreOf(own.filter((r) => r.rows.includes(name)))))),
    row("all questions", (own) => cell(scoreOf(own))),
    row("frames", (own) => String(median(own.map((r) => r.frames)))),
    row("tokens that are no words", (own) => String(median(own.map((r) => r.visualTokens)))),
    row("tokens of the prompt", (own) => String(median(own.map((r) => r.promptTokens)))),
    row("ms, first question on a clip", (own) => time(own, true)),
    row("ms, each further question", (own) => time(own, undefined)),
    "",
    `Exact answers in per cent with the 95 % Wilson interval; medians below. ${asked} questions a system on ${clips} clips, seed ${seed}.`,
    ...(duels.length === 0 ? [] : ["", "| question by question | questions | difference in points | only the first right / only the second | p |", "|---|---|---|---|---|", ...duels.map((duel) => duelRow(duel, results))]),
  ].join("\n");
}

/** Difference with the paired bootstrap's 95 % interval, and McNemar's exact test. */
function duelRow({ better, worse, rows, about }: Duel, results: readonly Result[]): string {
  const key = (r: Result): string => `${r.clip}\n${r.type}\n${r.question}`;
  const mine = (system: string): Result[] => results.filter((r) => r.system === system && (rows === undefined || r.rows.some((name) => rows.includes(name))));
  const others = new Map(mine(worse).map((r) => [key(r), r.right]));
  const pairs = mine(better).flatMap((r): (readonly [boolean, boolean])[] => (others.has(key(r)) ? [[r.right, others.get(key(r))!]] : []));
  const { first, second, p } = mcNemar(pairs);
  const { difference, interval } = pairedBootstrap(pairs.map(([a, b]) => [Number(b), Number(a)] as const));
  const points = (v: number): string => `${v > 0 ? "+" : ""}${(100 * v).toFixed(0)}`;
  const words = `${about}: ${better} less ${worse}`;
  if (pairs.length === 0) return `| ${words} | 0 | | | |`;
  return `| ${words} | ${pairs.length} | ${points(difference)} [${points(interval[0])}, ${points(interval[1])}] | ${first} / ${second} | ${p < 0.001 ? "< 0.001" : p.toFixed(3)} |`;
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
