/** The figures of an evaluation for a terminal. */
import type { Comparison, Compared } from "../../engine/evaluate/compare.js";
import type { AspectFigures } from "../../engine/evaluate/aspects.js";
import type { Figure, Figures, Scores } from "../../engine/evaluate/score.js";
import { percent } from "./report.js";

export function describeScores({ all, types }: Scores): readonly string[] {
  const lines: string[] = [];
  const rows = [all, ...types].filter(({ accuracy }) => accuracy !== undefined);
  if (rows.length > 0) lines.push(...columns([["type", "n", "right", "accuracy", "95 %"], ...rows.map((row) => [row.type, String(row.graded), String(row.right), percent(row.accuracy?.value ?? 0), range(row.accuracy)])]));
  if (all.graded < all.n) lines.push(`${all.n - all.graded} questions have no known answer.`);
  if (all.failed > 0) lines.push(`${all.failed} questions failed; they count as wrong.`);
  lines.push(...judgeLines(all), ...groundingLines(all), ...captionLines(all));
  return lines;
}

export function describeAspects(aspects: readonly AspectFigures[]): readonly string[] {
  if (aspects.length === 0) return [];
  const row = ({ aspect, n, unreadable, score }: AspectFigures): string[] => [aspect, String(n), score.value.toFixed(2), `${score.interval[0].toFixed(2)} to ${score.interval[1].toFixed(2)}`, String(unreadable)];
  return columns([["aspect", "n", "score, 0 to 5", "95 %", "unreadable"], ...aspects.map(row)]);
}

function judgeLines({ judge }: Figures): string[] {
  if (judge === undefined) return [];
  return [`Judge: ${judge.yes} of ${judge.n} right (${percent(judge.accuracy.value)}, ${range(judge.accuracy)}), score ${judge.score.value.toFixed(2)} of 5; ${judge.unreadable} replies could not be read and count as wrong.`];
}

function groundingLines({ grounding }: Figures): string[] {
  if (grounding === undefined) return [];
  const { mIoU, mIoP, recall, iop, groundedAccuracy, n, without } = grounding;
  return [
    `Grounding, ${n} questions: mIoU ${percent(mIoU.value)}, R@1 ${recall.map(({ at, share }) => `IoU ${at}: ${percent(share.value)}`).join(", ")}; mIoP ${percent(mIoP.value)}, ${iop.map(({ at, share }) => `IoP ${at}: ${percent(share.value)}`).join(", ")}; right and found ${percent(groundedAccuracy.value)}; ${without} named no part.`,
  ];
}

function captionLines({ captions }: Figures): string[] {
  if (captions === undefined) return [];
  const { bleu, meteor, rougeL, cider, ciderD, n } = captions;
  return [`Captions, ${n}: ${bleu.map(({ value }, i) => `BLEU-${i + 1} ${percent(value)}`).join(", ")}, METEOR-like ${percent(meteor.value)}, ROUGE-L ${percent(rougeL.value)}, CIDEr ${cider.value.toFixed(3)}, CIDEr-D ${ciderD.value.toFixed(3)}.`];
}

export function describeComparison({ all, types, onlyFirst, onlySecond }: Compared, names: readonly [string, string]): readonly string[] {
  const line = (each: Comparison): string[] => {
    const share = (i: 0 | 1): string => (each.n === 0 ? "" : percent(each.right[i] / each.n));
    const [low, high] = each.bootstrap.interval;
    return [each.type, String(each.n), share(0), share(1), each.n === 0 ? "" : `${signed(each.bootstrap.difference)} (${signed(low)} to ${signed(high)})`, `${each.test.first} : ${each.test.second}`, pValue(each.test.p), each.n === 0 ? "" : pValue(each.bootstrap.p)];
  };
  return [
    ...columns([["type", "n", names[0], names[1], "difference, 95 %", "right alone", "McNemar p", "bootstrap p"], ...[all, ...types].map(line)]),
    ...all.means.map(({ name, n, first, second, difference, interval, p }) => `Mean ${name}, ${n}: ${first.toFixed(3)} and ${second.toFixed(3)}; difference ${difference.toFixed(3)} (${interval[0].toFixed(3)} to ${interval[1].toFixed(3)}), p ${pValue(p)}.`),
    ...(onlyFirst + onlySecond === 0 ? [] : [`${onlyFirst} questions are only in the first, ${onlySecond} only in the second; they are left out.`]),
  ];
}

export function pValue(p: number): string {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

export function signed(value: number): string {
  return `${value >= 0 ? "+" : ""}${(value * 100).toFixed(1)}`;
}

function range(figure: Figure | undefined): string {
  return figure === undefined ? "" : `${(figure.interval[0] * 100).toFixed(1)} to ${(figure.interval[1] * 100).toFixed(1)}`;
}

/** The first column to the left, the others to the right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? "").length)));
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ").trimEnd());
}
