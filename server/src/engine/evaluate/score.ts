/** From predictions to figures: every question once, none left out, each with what it was found to be. */
import { choiceOf } from "../../format/index.js";
import { grade, type Grade, type GradeOptions } from "../grade.js";
import { bleu, bleuCounts, type BleuCounts } from "../metrics/bleu.js";
import { cider } from "../metrics/cider.js";
import { bestOverlap } from "../metrics/grounding.js";
import { bootstrap, bootstrapMean, wilson, type Interval } from "../metrics/intervals.js";
import { meteor } from "../metrics/meteor.js";
import { rougeL } from "../metrics/rouge.js";
import { captionWords } from "../metrics/words.js";
import type { Judgment } from "./judge.js";
import type { Prediction } from "./prediction.js";

/** A question with what was found of it. */
export interface Row extends Prediction {
  readonly grade: Grade;
  /** How a choice was made: by likelihood, or read out of what was said. */
  readonly by?: "likelihood" | "generation";
  readonly iou?: number;
  readonly iop?: number;
  readonly judgment?: Judgment;
  /** Scores of a caption, 0 to 1; CIDEr, which is of the whole set, comes with the sums. */
  readonly rougeL?: number;
  readonly meteor?: number;
}

export interface ScoreOptions {
  /** Compares open answers with the known ones as captions too. */
  readonly captions: boolean;
  readonly grading?: GradeOptions;
}

export function rowOf(prediction: Prediction, judgment: Judgment | undefined, { captions, grading = { timeToleranceMs: 1000 } }: ScoreOptions): Row {
  const { choices = [], gold = [], answers = [], pred, grounding, evidence } = prediction;
  const multiple = choices.length > 0 && gold.length > 0;
  const read = multiple && prediction.choice === undefined ? choiceIn(pred, choices) : prediction.choice;
  const failed = prediction.error !== undefined;
  const graded = grade({ text: pred, ...(read === undefined || failed ? {} : { choice: read }) }, { answers, choices: multiple ? gold : [] }, grading);
  const overlap = grounding === undefined ? undefined : bestOverlap(evidence ?? [], grounding);
  const words = captions && answers.length > 0 ? captionWords(pred) : undefined;
  const references = words === undefined ? [] : answers.map(captionWords);
  return {
    ...prediction,
    ...(read === undefined ? {} : { choice: read }),
    grade: graded,
    ...(multiple ? { by: prediction.p !== undefined || (prediction.choice !== undefined && !failed) ? ("likelihood" as const) : ("generation" as const) } : {}),
    ...(overlap ?? {}),
    ...(judgment === undefined ? {} : { judgment }),
    ...(words === undefined ? {} : { rougeL: rougeL(words, references), meteor: meteor(words, references) }),
  };
}

/** Models that were asked to choose say "B", "B.", "(B) text", "The answer is B" or the text. */
export function choiceIn(said: string, choices: readonly string[]): number | undefined {
  const direct = choiceOf(said, choices);
  if (direct !== undefined) return direct;
  const letter = /^\s*(?:the\s+)?(?:(?:correct\s+|best\s+)?(?:answer|option|choice)\s*(?:is)?\s*:?\s*)?\(?([A-Z])\)?(?:[.:)]|\s*$)/i.exec(said)?.[1]?.toUpperCase();
  const index = letter === undefined ? -1 : letter.charCodeAt(0) - 65;
  if (index >= 0 && index < choices.length) return index;
  // The one choice whose words stand in the answer; the longest, where one is a part of another.
  const plain = ` ${captionWords(said).join(" ")} `;
  const inside = choices.map((text, i) => [` ${captionWords(text).join(" ")} `, i] as const).filter(([text]) => text.trim() !== "" && plain.includes(text));
  const longest = inside.reduce<string>((best, [text]) => (text.length > best.length ? text : best), "");
  const named = inside.filter(([text]) => !longest.includes(text) || text === longest);
  return named.length === 1 ? named[0]?.[1] : undefined;
}

export interface Figure {
  readonly value: number;
  /** 95 %. */
  readonly interval: Interval;
}

export interface Figures {
  readonly type: string;
  /** All questions, those that failed or have no known answer among them. */
  readonly n: number;
  readonly failed: number;
  readonly graded: number;
  readonly right: number;
  readonly exact: number;
  readonly accuracy?: Figure;
  /** Of the choices alone. */
  readonly choices?: { readonly n: number; readonly right: number; readonly byLikelihood: number; readonly notRead: number };
  readonly judge?: { readonly n: number; readonly yes: number; readonly unreadable: number; readonly accuracy: Figure; readonly score: Figure };
  readonly grounding?: Grounding;
  readonly captions?: { readonly n: number; readonly bleu: readonly Figure[]; readonly meteor: Figure; readonly rougeL: Figure; readonly cider: Figure; readonly ciderD: Figure };
}

export interface Grounding {
  readonly n: number;
  /** Predictions that name no part of the video count as 0. */
  readonly without: number;
  readonly mIoU: Figure;
  readonly mIoP: Figure;
  /** Share with an IoU of at least 0.3, 0.5 and 0.7. */
  readonly recall: readonly { readonly at: number; readonly share: Figure }[];
  readonly iop: readonly { readonly at: number; readonly share: Figure }[];
  /** NExT-GQA: right, and at least half of what was predicted is in a right part. */
  readonly groundedAccuracy: Figure;
}

export interface Scores {
  readonly all: Figures;
  /** In order of first appearance; those without a type are only in `all`. */
  readonly types: readonly Figures[];
}

export function scoresOf(rows: readonly Row[]): Scores {
  const types = [...new Set(rows.flatMap(({ type }) => (type === undefined ? [] : [type])))];
  // Document frequencies are those of the whole set, for every type.
  const withCaptions = rows.filter(({ rougeL: score }) => score !== undefined);
  const items = withCaptions.map(({ pred, answers = [] }) => ({ candidate: captionWords(pred), references: answers.map(captionWords) }));
  const ciders = cider(items);
  const captions = new Map(withCaptions.map((row, i) => [row, { bleu: bleuCounts(items[i]?.candidate ?? [], items[i]?.references ?? []), cider: ciders.cider[i] ?? 0, ciderD: ciders.ciderD[i] ?? 0 }]));
  return {
    all: figuresOf("all", rows, captions),
    types: types.length < 2 ? [] : types.map((type) => figuresOf(type, rows.filter((row) => row.type === type), captions)),
  };
}

type CaptionParts = ReadonlyMap<Row, { readonly bleu: BleuCounts; readonly cider: number; readonly ciderD: number }>;

function figuresOf(type: string, rows: readonly Row[], parts: CaptionParts): Figures {
  const graded = rows.filter((row) => row.grade !== "ungraded");
  const right = graded.filter(isRight).length;
  const multiple = rows.filter((row) => row.by !== undefined);
  const judged = rows.flatMap(({ judgment }) => (judgment === undefined ? [] : [judgment]));
  const grounded = rows.filter(({ iou }) => iou !== undefined);
  const captions = rows.filter((row) => parts.has(row));
  return {
    type,
    n: rows.length,
    failed: rows.filter(({ error }) => error !== undefined).length,
    graded: graded.length,
    right,
    exact: graded.filter((row) => row.grade === "exact").length,
    ...(graded.length === 0 ? {} : { accuracy: share(right, graded.length) }),
    ...(multiple.length === 0
      ? {}
      : { choices: { n: multiple.length, right: multiple.filter(isRight).length, byLikelihood: multiple.filter(({ by }) => by === "likelihood").length, notRead: multiple.filter(({ choice, error }) => choice === undefined && error === undefined).length } }),
    ...(judged.length === 0 ? {} : { judge: judgeFigures(judged) }),
    ...(grounded.length === 0 ? {} : { grounding: groundingFigures(grounded) }),
    ...(captions.length === 0 ? {} : { captions: captionFigures(captions, parts) }),
  };
}

/** What could not be read counts as wrong, with a score of 0: leaving it out would reward it. */
function judgeFigures(judged: readonly Judgment[]): NonNullable<Figures["judge"]> {
  const yes = judged.filter((each) => "verdict" in each && each.verdict === "yes").length;
  return { n: judged.length, yes, unreadable: judged.filter((each) => "unreadable" in each).length, accuracy: share(yes, judged.length), score: mean(judged.map((each) => ("score" in each ? each.score : 0))) };
}

function groundingFigures(rows: readonly Row[]): Grounding {
  const [ious, iops] = [rows.map(({ iou = 0 }) => iou), rows.map(({ iop = 0 }) => iop)];
  const at = (values: readonly number[], bound: number): Figure => share(values.filter((value) => value >= bound).length, values.length);
  return {
    n: rows.length,
    without: rows.filter(({ evidence }) => (evidence ?? []).length === 0).length,
    mIoU: mean(ious),
    mIoP: mean(iops),
    recall: [0.3, 0.5, 0.7].map((bound) => ({ at: bound, share: at(ious, bound) })),
    iop: [0.3, 0.5].map((bound) => ({ at: bound, share: at(iops, bound) })),
    groundedAccuracy: share(rows.filter((row) => isRight(row) && (row.iop ?? 0) >= 0.5).length, rows.length),
  };
}

function captionFigures(rows: readonly Row[], parts: CaptionParts): NonNullable<Figures["captions"]> {
  const found = rows.flatMap((row) => parts.get(row) ?? []);
  const counts = found.map((each) => each.bleu);
  const value = bleu(counts);
  // Over the whole set BLEU is no mean: each sample adds up its own counts.
  const samples = Math.max(100, Math.min(1000, Math.floor(2_000_000 / Math.max(1, counts.length))));
  return {
    n: rows.length,
    bleu: value.map((each, i) => ({ value: each, interval: bootstrap(counts.length, (indices) => bleu(Array.from(indices, (at) => counts[at] as BleuCounts))[i] ?? 0, 1, samples) })),
    meteor: mean(rows.map((row) => row.meteor ?? 0)),
    rougeL: mean(rows.map((row) => row.rougeL ?? 0)),
    cider: mean(found.map((each) => each.cider)),
    ciderD: mean(found.map((each) => each.ciderD)),
  };
}

export function isRight(row: Pick<Row, "grade">): boolean {
  return row.grade === "exact" || row.grade === "soft";
}

function share(k: number, n: number): Figure {
  return { value: k / n, interval: wilson(k, n) };
}

/** With its bootstrap interval of 95 %. */
export function mean(values: readonly number[]): Figure {
  const samples = values.length > 5000 ? 400 : 2000;
  return { value: values.reduce((sum, value) => sum + value, 0) / values.length, interval: bootstrapMean(values, 1, samples) };
}

