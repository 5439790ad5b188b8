/** Evaluations for an editor: what `vqa eval` wrote, or the answers that notebooks hold, alone or side by side. */
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import { compare, type Compared } from "../../engine/evaluate/compare.js";
import { modelsIn, predictionsIn } from "../../engine/evaluate/fromNotebook.js";
import { isRight, rowOf, scoresOf, type Figure, type Figures, type Row } from "../../engine/evaluate/score.js";
import { formatChoice, parse, readNotebook } from "../../format/index.js";
import { MAX_ROWS, MAX_VOTED, type EvaluatedRow, type EvaluationPartial, type EvaluationResult } from "../../protocol/datasets.js";
import { videoBeside } from "../worker/notebook.js";
import type { NotebookInput } from "./exporting.js";
import { fileError } from "./files.js";
import { readNotebookFile } from "./notebookFiles.js";

export type EvaluatedRun = { readonly kind: "report"; readonly folder: string } | { readonly kind: "notebooks"; readonly notebooks: readonly (NotebookInput & { readonly key: string })[]; readonly model?: string | undefined };

/** What a row's question is in an editor. */
type Place = Pick<EvaluatedRow, "path" | "timeMs" | "notebook" | "number">;

interface Read {
  readonly rows: readonly Row[];
  readonly placeOf: (row: Row) => Place;
  readonly about: Pick<EvaluationResult["runs"][number], "name" | "date" | "models" | "judge" | "notes">;
}

const AT_ONCE = 500;

/** Errors: `notebook-unreadable` for a folder without an evaluation, `invalid-request` where two have no question in common. */
export async function evaluationOf(runs: readonly EvaluatedRun[], onRows: (partial: EvaluationPartial) => void, signal: AbortSignal): Promise<EvaluationResult> {
  const read: Read[] = [];
  for (const [i, run] of runs.entries()) {
    const one = run.kind === "report" ? await reportIn(run.folder, signal) : await answersIn(run.notebooks, run.model, signal);
    read.push(one);
    const shown = one.rows.slice(0, MAX_ROWS);
    for (let from = 0; from < shown.length; from += AT_ONCE) {
      throwIfAborted(signal);
      onRows({ run: i as 0 | 1, rows: shown.slice(from, from + AT_ONCE).map((row) => told(row, one.placeOf(row))) });
    }
  }
  const [first, second] = read;
  return {
    runs: read.map(({ rows, about }) => {
      const { all, types } = scoresOf(rows);
      return { ...about, figures: [all, ...types].map(figuresOf), more: Math.max(0, rows.length - MAX_ROWS) };
    }),
    ...(first === undefined || second === undefined ? {} : { comparison: comparisonOf(compare(first.rows, second.rows), first, signal) }),
  };
}

async function reportIn(given: string, signal: AbortSignal): Promise<Read> {
  const folder = /\.(json|jsonl|html)$/i.test(given) ? dirname(given) : given;
  const [facts, rows] = [await summaryIn(folder), [] as Row[]];
  const path = join(folder, "rows.jsonl");
  try {
    // A line at a time: a hundred thousand questions are some hundred megabytes.
    for await (const line of createInterface({ input: createReadStream(path, "utf8"), crlfDelay: Infinity })) {
      throwIfAborted(signal);
      if (line !== "") rows.push(rowFrom(line, path, rows.length + 1));
    }
  } catch (thrown) {
    throw fileError(path, thrown);
  }
  const { date, models, judge, notes } = facts;
  return {
    rows,
    placeOf: ({ grounding }) => (grounding?.[0] === undefined ? {} : { timeMs: (grounding[0].startMs + grounding[0].endMs) / 2 }),
    about: { name: basename(folder), models: strings(models), notes: strings(notes), ...(typeof date === "string" ? { date } : {}), ...(typeof judge === "string" ? { judge } : {}) },
  };
}

/** Error: `notebook-unreadable`. */
async function summaryIn(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const path = join(folder, "eval.json");
  const text = await readFile(path, "utf8").catch((thrown: unknown) => Promise.reject(fileError(path, thrown)));
  const value = parsed(text);
  if (value?.["vqa-eval"] === 1) return value;
  throw new VqaError("notebook-unreadable", `${path} is no evaluation of this program.`, "Choose a folder that `vqa eval` wrote.", { data: { path } });
}

function rowFrom(line: string, path: string, number: number): Row {
  const row = parsed(line);
  if (typeof row?.["question"] === "string" && typeof row["pred"] === "string" && typeof row["video"] === "string" && typeof row["grade"] === "string") return row as unknown as Row;
  throw new VqaError("notebook-unreadable", `${path}:${number} is no row of an evaluation.`, "Evaluate again.", { data: { path } });
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

async function answersIn(notebooks: readonly (NotebookInput & { readonly key: string })[], model: string | undefined, signal: AbortSignal): Promise<Read> {
  const places = new Map<Row, Place>();
  const notes: string[] = [];
  const models = new Set<string>(model === undefined ? [] : [model]);
  for (const { key, name, path, text } of notebooks) {
    throwIfAborted(signal);
    try {
      const source = text ?? (await readNotebookFile(name, path)).source;
      const video = videoOf(path, source);
      if (model === undefined) for (const each of modelsIn(source)) models.add(each);
      for (const { number, prediction, timeMs } of predictionsIn(source, name, model)) {
        places.set(rowOf(prediction, undefined, { captions: false }), { notebook: key, number, ...(video === undefined ? {} : { path: video }), ...(timeMs === undefined ? {} : { timeMs }) });
      }
    } catch (thrown) {
      notes.push(VqaError.from(thrown).message);
    }
  }
  const rows = [...places.keys()];
  return { rows, placeOf: (row) => places.get(row) ?? {}, about: { name: [...models].join(", "), models: [...models], notes } };
}

function videoOf(path: string, source: string): string | undefined {
  const [written] = readNotebook(parse(source)).header.videos;
  try {
    return written === undefined ? undefined : videoBeside(path)(written);
  } catch {
    // One of another machine: the answers count all the same.
    return undefined;
  }
}

function told(row: Row, place: Place): EvaluatedRow {
  const { video, id = "", type = "", question, choices = [], gold = [], answers = [], pred, error, grade, judgment, iou } = row;
  return {
    video,
    id,
    type,
    question,
    gold: gold.length > 0 ? gold.map((i) => formatChoice(i, choices[i] ?? "")).join(" | ") : [...new Set(answers)].join(" | "),
    said: error === undefined ? pred : error.message,
    result: error !== undefined ? "failed" : grade === "ungraded" ? "ungraded" : isRight(row) ? "right" : "wrong",
    ...(judgment !== undefined && "score" in judgment ? { score: judgment.score } : {}),
    ...(iou === undefined ? {} : { iou }),
    ...place,
  };
}

function figuresOf({ type, n, failed, graded, right, accuracy, judge, grounding, captions }: Figures): EvaluationResult["runs"][number]["figures"][number] {
  return {
    type,
    n,
    failed,
    graded,
    right,
    ...(accuracy === undefined ? {} : { accuracy: figure(accuracy) }),
    ...(judge === undefined ? {} : { score: figure(judge.score) }),
    ...(grounding === undefined ? {} : { iou: figure(grounding.mIoU) }),
    ...(captions === undefined ? {} : { rougeL: figure(captions.rougeL), cider: figure(captions.cider) }),
  };
}

function figure({ value, interval: [low, high] }: Figure): { readonly value: number; readonly low: number; readonly high: number } {
  return { value, low, high };
}

function comparisonOf({ all, types, onlyFirst, onlySecond, changed }: Compared, first: Read, signal: AbortSignal): NonNullable<EvaluationResult["comparison"]> {
  throwIfAborted(signal);
  if (all.n === 0) throw new VqaError("invalid-request", "The two runs have no question with a known answer in common.", "Compare two runs on the same dataset.");
  return {
    onlyFirst,
    onlySecond,
    figures: [all, ...types].filter(({ n }) => n > 0).map(({ type, n, right, test, bootstrap: { difference, interval: [low, high] } }) => ({ type, n, first: right[0] / n, second: right[1] / n, difference: { value: difference, low, high }, p: test.p })),
    changed: changed.slice(0, MAX_VOTED).map(({ first: a, second: b }) => ({ first: told(a, first.placeOf(a)), said: b.error === undefined ? b.pred : b.error.message, won: isRight(b) })),
  };
}
