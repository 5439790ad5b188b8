/** Two runs on the same questions, side by side. */
import { mcNemar, pairedBootstrap, type McNemar, type PairedBootstrap } from "../metrics/paired.js";
import { questionKey } from "./prediction.js";
import { isRight, type Row } from "./score.js";

export interface Comparison {
  readonly type: string;
  /** Questions that both have, with a known answer. */
  readonly n: number;
  readonly right: readonly [first: number, second: number];
  readonly test: McNemar;
  readonly bootstrap: PairedBootstrap;
  /** Of what else both runs have for every question: mean scores of the judge, IoU, captions. */
  readonly means: readonly ({ readonly name: string; readonly n: number; readonly first: number; readonly second: number } & PairedBootstrap)[];
}

export interface Compared {
  readonly all: Comparison;
  readonly types: readonly Comparison[];
  /** Questions of one run that the other has not. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Questions on which the two differ: first those that the second lost. */
  readonly changed: readonly { readonly first: Row; readonly second: Row }[];
}

type Pair = readonly [first: Row, second: Row];

const MEANS: readonly (readonly [name: string, of: (row: Row) => number | undefined])[] = [
  ["judge's score", ({ judgment }) => (judgment === undefined ? undefined : "score" in judgment ? judgment.score : 0)],
  ["IoU", ({ iou }) => iou],
  ["IoP", ({ iop }) => iop],
  ["METEOR-like", ({ meteor }) => meteor],
  ["ROUGE-L", ({ rougeL }) => rougeL],
];

export function compare(first: readonly Row[], second: readonly Row[]): Compared {
  const waiting = new Map<string, Row[]>();
  for (const row of first) {
    const key = questionKey(row);
    const rows = waiting.get(key);
    if (rows === undefined) waiting.set(key, [row]);
    else rows.push(row);
  }
  const pairs: Pair[] = [];
  let onlySecond = 0;
  for (const row of second) {
    // The same question may be asked twice: the n-th there goes with the n-th here.
    const other = waiting.get(questionKey(row))?.shift();
    if (other === undefined) onlySecond++;
    else pairs.push([other, row]);
  }
  const types = [...new Set(pairs.flatMap(([row]) => (row.type === undefined ? [] : [row.type])))];
  const graded = pairs.filter(isGraded);
  const changed = graded.filter(([a, b]) => isRight(a) !== isRight(b)).map(([a, b]) => ({ first: a, second: b }));
  return {
    all: comparison("all", pairs),
    types: types.length < 2 ? [] : types.map((type) => comparison(type, pairs.filter(([row]) => row.type === type))),
    onlyFirst: [...waiting.values()].reduce((sum, rows) => sum + rows.length, 0),
    onlySecond,
    changed: changed.sort((a, b) => Number(isRight(b.first)) - Number(isRight(a.first))),
  };
}

function comparison(type: string, pairs: readonly Pair[]): Comparison {
  const graded = pairs.filter(isGraded).map(([a, b]) => [isRight(a), isRight(b)] as const);
  return {
    type,
    n: graded.length,
    right: [graded.filter(([a]) => a).length, graded.filter(([, b]) => b).length],
    test: mcNemar(graded),
    bootstrap: pairedBootstrap(graded.map(([a, b]) => [Number(a), Number(b)])),
    means: MEANS.flatMap(([name, of]) => {
      const values = pairs.flatMap(([a, b]): (readonly [number, number])[] => {
        const [x, y] = [of(a), of(b)];
        return x === undefined || y === undefined ? [] : [[x, y]];
      });
      if (values.length === 0) return [];
      const sum = (i: 0 | 1): number => values.reduce((all, value) => all + value[i], 0);
      return [{ name, n: values.length, first: sum(0) / values.length, second: sum(1) / values.length, ...pairedBootstrap(values) }];
    }),
  };
}

function isGraded([a, b]: Pair): boolean {
  return a.grade !== "ungraded" && b.grade !== "ungraded";
}
