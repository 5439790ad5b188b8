/** The sums of a run: how many were right, and where the time went. */
import type { Timings } from "../engine/answer.js";
import type { NotebookResult, QuestionOutcome } from "../engine/notebook.js";
import { duration } from "./common.js";

export interface Totals {
  readonly questions: number;
  readonly asked: number;
  readonly kept: number;
  readonly failed: number;
  readonly graded: number;
  readonly right: number;
  /** right / graded; absent when nothing was graded. */
  readonly accuracy?: number;
  /** Sums over the answers given now; `wall` is the time of the run, starting and loading included. */
  readonly ms: Readonly<Record<StageName | "total" | "wall", number>>;
}

const STAGES = {
  probe: "probeMs",
  subtitles: "subtitlesMs",
  frames: "framesMs",
  encode: "encodeMs",
  compose: "composeMs",
  prefill: "prefillMs",
  generate: "generateMs",
} as const satisfies Record<string, keyof Timings>;
type StageName = keyof typeof STAGES;

/** `wallMs` is the whole run: what is more than the answers' own time went into starting and loading. */
export function totals(results: readonly Pick<NotebookResult, "outcomes" | "score">[], wallMs: number): Totals {
  const outcomes = results.flatMap((result) => result.outcomes);
  const timings = outcomes.flatMap(({ answer }) => (answer === undefined ? [] : [answer.timings]));
  const sum = (key: keyof Timings): number => timings.reduce((ms, each) => ms + Number(each[key]), 0);
  const graded = results.reduce((n, { score }) => n + score.graded, 0);
  const right = results.reduce((n, { score }) => n + score.right, 0);
  return {
    questions: outcomes.length,
    asked: timings.length,
    kept: outcomes.filter(({ kept }) => kept !== undefined).length,
    failed: outcomes.filter(failed).length,
    graded,
    right,
    ...(graded === 0 ? {} : { accuracy: right / graded }),
    ms: {
      ...(Object.fromEntries(Object.entries(STAGES).map(([stage, key]) => [stage, sum(key)])) as Record<StageName, number>),
      total: sum("totalMs"),
      wall: wallMs,
    },
  };
}

export function failed(outcome: QuestionOutcome): boolean {
  return outcome.error !== undefined && outcome.error.code !== "cancelled";
}

/** For people: three lines at most. */
export function describeTotals(t: Totals): readonly string[] {
  const lines: string[] = [];
  if (t.accuracy !== undefined) lines.push(`Right: ${t.right} of ${t.graded} with a known answer (${(t.accuracy * 100).toFixed(1)} %).`);
  const counted = [`${t.asked} answered`, ...(t.kept > 0 ? [`${t.kept} kept`] : []), ...(t.failed > 0 ? [`${t.failed} failed`] : [])];
  lines.push(`Questions: ${counted.join(", ")}.`);
  if (t.asked > 0) {
    const stages = (Object.keys(STAGES) as StageName[]).map((stage) => `${stage} ${duration(t.ms[stage])}`);
    lines.push(`Time: ${duration(t.ms.wall)}, of which ${duration(t.ms.total)} for the answers (${stages.join(", ")}).`);
  }
  return lines;
}
