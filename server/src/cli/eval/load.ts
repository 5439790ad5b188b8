/** Predictions from files, and from what a dataset knows and somebody else's file says. */
import { resolve } from "node:path";
import { VqaError } from "../../engine/errors.js";
import { type Prediction } from "../../engine/evaluate/prediction.js";
import { isVerdict, predictionsOf } from "../../engine/evaluate/readPredictions.js";
import { jsonElements, Losses, rawRecords, sampleOf, SAMPLE_LENGTH, stemOf, textLines, type JsonValue } from "../../format/index.js";
import type { Plan, PlannedItem } from "../batch/plan.js";
import { predictionLine } from "../batch/predictions.js";
import { beginningOf, fileError, textFile } from "../../runtime/datasets/files.js";

const SAYS = /"(pred|pred1|prediction|pred_answer|predicted_answer|model_answer|text_1)"\s*:/;

/** Whether a file holds what a model said, and not only what is asked. */
export async function isPredictionFile(name: string): Promise<boolean> {
  const beginning = await beginningOf(resolve(name), SAMPLE_LENGTH).catch((thrown: unknown) => Promise.reject(fileError(name, thrown)));
  const { shape, first } = sampleOf(beginning);
  return shape === "table" ? first !== undefined && ["pred", "prediction"].some((key) => key in first) : SAYS.test(beginning);
}

/** Error `notebook-unreadable` when there is not one prediction in the file; what else cannot be read is counted. */
export async function readPredictions(name: string, losses: Losses, signal: AbortSignal): Promise<readonly Prediction[]> {
  try {
    const found: Prediction[] = [];
    let verdict: JsonValue | undefined;
    for await (const [value, key, place] of elements(name, losses, signal)) {
      if (isVerdict(value)) {
        verdict = value;
        continue;
      }
      const each = predictionsOf(verdict === undefined ? value : [verdict, value], key);
      verdict = undefined;
      if (each === undefined) losses.add("bad-record", `${place}: it says not what was asked and what was said`);
      else for (const prediction of each) found.push(prediction);
    }
    if (found.length === 0) throw new VqaError("notebook-unreadable", `${name} holds no predictions.`, "Each record needs a question, and what the model said as pred.");
    return found;
  } catch (thrown) {
    throw fileError(name, thrown);
  }
}

async function* elements(name: string, losses: Losses, signal: AbortSignal): AsyncGenerator<readonly [JsonValue, string | undefined, string]> {
  const path = resolve(name);
  const { shape } = sampleOf(await beginningOf(path, SAMPLE_LENGTH));
  const source = textFile(path, name, signal);
  let n = 0;
  if (shape === "json-array" || shape === "json-object") {
    for await (const { key, value } of jsonElements(source.chunks(), name)) yield [value, key, `${name}, ${key ?? `element ${++n}`}`];
  } else if (shape === "json-lines") {
    for await (const line of textLines(source.chunks(), name)) {
      n++;
      if (line.trim() === "") continue;
      try {
        yield [JSON.parse(line) as JsonValue, undefined, `${name}:${n}`];
      } catch (thrown) {
        if (!(thrown instanceof SyntaxError)) throw thrown;
        losses.add("bad-record", `${name}:${n}: it is not JSON`);
      }
    }
  } else for await (const [raw, place] of rawRecords(source, losses)) yield [raw, undefined, place];
}

/**
 * What a dataset asks with what a file says to it, found by id and question, by video and question, or
 * by question alone where that is clear. A question that nothing is said to counts, as failed.
 */
export async function joined(plan: Plan, said: readonly Prediction[], signal: AbortSignal): Promise<{ readonly predictions: readonly Prediction[]; readonly unused: number; readonly paths: ReadonlyMap<string, string> }> {
  const index = new Map<string, Prediction[]>();
  for (const prediction of said) for (const key of keysOf(prediction)) index.set(key, [...(index.get(key) ?? []), prediction]);
  const used = new Set<Prediction>();
  const paths = new Map<string, string>();
  const predictions: Prediction[] = [];
  for await (const item of plan.items(signal)) {
    if (item.obstacle === undefined || item.obstacle.code !== "video-not-found") paths.set(item.video, item.request.video);
    const known = predictionLine(item, { key: item.key, error: { code: "invalid-request", message: "The predictions say nothing to it.", next: "", data: {} } });
    const found = keysOf(about(item)).map((key) => index.get(key)?.find((each) => !used.has(each))).find((each) => each !== undefined);
    if (found === undefined) predictions.push(known);
    else {
      used.add(found);
      const { error: _, pred: __, ...facts } = known;
      const { pred, choice, p, evidence, model, judged, error } = found;
      predictions.push({ ...facts, pred, ...defined({ choice, p, evidence, model, judged, error }) });
    }
  }
  return { predictions, unused: said.length - used.size, paths };
}

function about({ video, request, facts }: PlannedItem): Pick<Prediction, "video" | "id" | "question"> {
  return { video, question: request.question, ...(facts.id === undefined ? {} : { id: facts.id }) };
}

/** From the surest to the least sure. */
function keysOf({ video, id, question }: Pick<Prediction, "video" | "id" | "question">): readonly string[] {
  const name = stemOf(video);
  const words = question.trim().toLowerCase();
  return [...(id === undefined ? [] : [JSON.stringify(["id", id, name, words]), JSON.stringify(["id", id, words])]), JSON.stringify(["video", name, words]), JSON.stringify(["question", words])];
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
