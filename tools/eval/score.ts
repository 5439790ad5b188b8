/** From graded answers to the table: accuracies with their uncertainty, and the targets. */
import { QUESTION_TYPES, type QuestionType } from "../clips/questions.js";
import type { Split } from "./set.js";

export interface Result {
  readonly type: QuestionType;
  readonly split: Split;
  readonly right: boolean;
}

export interface Score {
  readonly n: number;
  readonly right: number;
  /** Fraction; NaN when n is 0. */
  readonly accuracy: number;
  /** 95 % Wilson interval of the accuracy. */
  readonly interval: readonly [low: number, high: number];
}

export interface Row {
  readonly name: string;
  readonly seen: Score;
  readonly heldOut: Score;
  /** Fraction that is asked of `seen`. */
  readonly target?: number;
}

interface Group {
  readonly name: string;
  readonly types: readonly QuestionType[];
  readonly target: number;
}

/** What the embedded model is meant to reach on clips of its own little world. */
const TARGETS: readonly Group[] = [
  { name: "colour and shape of an object", types: ["colour", "shape"], target: 0.97 },
  { name: "direction of motion", types: ["direction"], target: 0.95 },
  { name: "count to five", types: ["count_all"], target: 0.9 },
  { name: "count of one colour or shape", types: ["count_colour", "count_shape"], target: 0.9 },
  { name: "order of two events", types: ["order", "order_yes_no"], target: 0.9 },
  { name: "a fact said in the subtitles", types: ["sub_fact"], target: 0.95 },
  { name: "when something appears", types: ["when"], target: 0.85 },
];

/** Most that unseen combinations may fall behind, as a fraction. */
export const HELD_OUT_DROP = 0.1;

/** Types whose answer turns on the look of an object, so that unseen combinations are harder. */
const LOOK: readonly QuestionType[] = ["colour", "shape"];

export function tabulate(results: readonly Result[]): { readonly types: Row[]; readonly groups: Row[]; readonly all: Row; readonly drop: number } {
  const row = (name: string, types: readonly QuestionType[], target?: number): Row => ({
    name,
    seen: scoreOf(results.filter((r) => types.includes(r.type) && r.split === "seen")),
    heldOut: scoreOf(results.filter((r) => types.includes(r.type) && r.split === "held-out")),
    ...(target === undefined ? {} : { target }),
  });
  const look = row("look", LOOK);
  return {
    types: QUESTION_TYPES.map((type) => row(type, [type])),
    groups: TARGETS.map((group) => row(group.name, group.types, group.target)),
    all: row("all questions", QUESTION_TYPES),
    drop: look.seen.accuracy - look.heldOut.accuracy,
  };
}

export function scoreOf(results: readonly { readonly right: boolean }[]): Score {
  const n = results.length;
  const right = results.filter((r) => r.right).length;
  return { n, right, accuracy: right / n, interval: wilson(right, n) };
}

/**
 * Score interval of a proportion (Wilson 1927), 95 %: unlike the usual approximation it stays
 * within 0 and 1 and is right near them. With n = 0 everything is possible.
 */
export function wilson(right: number, n: number): readonly [number, number] {
  if (n === 0) return [0, 1];
  const z = 1.959964;
  const p = right / n;
  const centre = p + (z * z) / (2 * n);
  const spread = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}
