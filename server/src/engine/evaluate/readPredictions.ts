/**
 * Prediction files as they are found: those of the scripts of Video-ChatGPT (Maaz et al. 2023) and of the
 * many projects that changed them a little, and our own. A record says what was asked, what is right and
 * what was said, each under one of several names.
 */
import type { JsonValue, Span } from "../../format/index.js";
import type { Prediction } from "./prediction.js";

type Raw = Readonly<Record<string, JsonValue>>;

const VIDEO = ["video_name", "video", "video_id", "vid", "video_path", "video_path_mp4", "gif_name", "q_uid"];
const ID = ["id", "question_id", "qid", "ann_id", "q_uid", "uid"];
const QUESTION = ["question", "Q", "q", "prompt", "query"];
const ANSWER = ["answer", "A", "a", "gt", "ground_truth", "gt_answer", "label", "answers"];
const SAID = ["pred", "prediction", "predicted_answer", "pred_answer", "response", "output", "model_answer", "text", "caption"];
const CHOICES = ["choices", "candidates", "options"];
const GOLD = ["gold", "answer_idx", "correct_idx", "correct_answer", "correct_choice", "mc_answer", "answer_number"];
const CHOICE = ["choice", "pred_idx", "pred_choice"];
const TYPE = ["type", "task_type", "question_type", "task", "category"];
const NUMBERED = ["a0", "a1", "a2", "a3", "a4"];

/** Control tokens and speakers that models leave at the ends of their answers. */
const LEFTOVER = /^(?:\s*<s>|\s*(?:assistant|answer)\s*:\s*)+|(?:\s*(?:<\/s>|<\|im_end\|>|<\|endoftext\|>|<\|eot_id\|>|###))+\s*$/gi;

/**
 * The predictions of one element of a file: an array's element, a line, or an object's member with its
 * key. Undefined when it is none.
 * @param key of the member: the name of the video, or of a question that was judged
 */
export function predictionsOf(value: JsonValue, key?: string): readonly Prediction[] | undefined {
  if (Array.isArray(value)) {
    const [first, second] = value as readonly JsonValue[];
    const judged = isRaw(first) ? verdictOf(first) : undefined;
    // [what the judge said, what it was asked]
    if (judged !== undefined && isRaw(second) && !hasQuestion(first as Raw)) return predictionsOf(second, key)?.map((each) => ({ ...each, judged }));
    const all = (value as readonly JsonValue[]).map((each) => predictionsOf(each, key));
    return all.length > 0 && all.every((each) => each !== undefined) ? all.flat() : undefined;
  }
  if (!isRaw(value)) return undefined;
  const pair = pairOf(value, key);
  if (pair !== undefined) return pair;
  const one = single(value, key);
  if (one !== undefined) return [one];
  // A whole file on one line: videos with their lists.
  const members = key === undefined ? Object.entries(value).map(([name, each]) => predictionsOf(each, name)) : [];
  return members.length > 0 && members.every((each) => each !== undefined) ? members.flat() : undefined;
}

/** What alone a judge's reply holds: the next element of the list is what it was asked. */
export function isVerdict(value: JsonValue): boolean {
  return isRaw(value) && verdictOf(value) !== undefined && !hasQuestion(value);
}

function single(raw: Raw, key: string | undefined): Prediction | undefined {
  const question = textOf(raw, QUESTION);
  const said = textOf(raw, SAID);
  const index = indexOf(raw, CHOICE);
  if (question === undefined || (said === undefined && index === undefined && !isRaw(raw["error"]))) return undefined;
  const choices = choicesOf(raw);
  const { gold, answers } = rightOf(raw, choices);
  const grounding = spansOf(raw["grounding"]) ?? spansOf(raw["location"]);
  const evidence = spansOf(raw["evidence"]) ?? spansOf(raw["pred_span"]) ?? spansOf(raw["pred_spans"]);
  const id = textOf(raw, ID);
  const type = textOf(raw, TYPE);
  const p = Array.isArray(raw["p"]) && raw["p"].every((each) => typeof each === "number") ? (raw["p"] as number[]) : undefined;
  const error = raw["error"];
  const judged = typeof raw["score"] === "number" && typeof raw["verdict"] === "string" ? { right: /^yes$/i.test(raw["verdict"]), score: raw["score"] } : undefined;
  return {
    video: textOf(raw, VIDEO) ?? key ?? id ?? "",
    ...(id === undefined ? {} : { id }),
    ...(type === undefined ? {} : { type }),
    question,
    ...(choices === undefined ? {} : { choices }),
    ...(gold.length === 0 ? {} : { gold }),
    ...(answers.length === 0 ? {} : { answers }),
    ...(grounding === undefined ? {} : { grounding }),
    pred: cleaned(said ?? (index === undefined ? "" : (choices?.[index] ?? ""))),
    ...(index === undefined ? {} : { choice: index }),
    ...(p === undefined ? {} : { p }),
    ...(evidence === undefined ? {} : { evidence }),
    ...given("model", textOf(raw, ["model"])),
    ...given("modelDigest", textOf(raw, ["modelDigest"])),
    ...(isRaw(error) && typeof error["code"] === "string" ? { error: { code: error["code"], message: String(error["message"] ?? "") } } : {}),
    ...(judged === undefined ? {} : { judged }),
  };
}

/** The two wordings of a consistency question. */
function pairOf(raw: Raw, key: string | undefined): readonly Prediction[] | undefined {
  const both = [1, 2].map((n) => {
    const question = textOf(raw, [`Q${n}`, `q${n}`, `question${n}`, `prompt_${n}`]);
    const pred = textOf(raw, [`pred${n}`, `pred_${n}`, `text_${n}`]);
    return question === undefined || pred === undefined ? undefined : single({ ...raw, question, pred, type: textOf(raw, TYPE) ?? "consistency" }, key);
  });
  const [one, two] = both;
  return one === undefined || two === undefined ? undefined : [one, two];
}

function verdictOf(raw: Raw): Prediction["judged"] {
  const { pred, score } = raw;
  const number = typeof score === "number" ? score : typeof score === "string" && /^\d(\.\d+)?$/.test(score) ? Number(score) : undefined;
  if (typeof pred !== "string" || !/^\s*(yes|no)\s*$/i.test(pred) || number === undefined) return undefined;
  return { right: /yes/i.test(pred), score: number };
}

function hasQuestion(raw: Raw): boolean {
  return textOf(raw, QUESTION) !== undefined;
}

/** The right choices, or the right words. */
function rightOf(raw: Raw, choices: readonly string[] | undefined): { readonly gold: readonly number[]; readonly answers: readonly string[] } {
  const list = raw["gold"];
  if (choices !== undefined) {
    if (Array.isArray(list) && list.every((each) => typeof each === "number")) return { gold: list as number[], answers: [] };
    const index = indexOf(raw, GOLD) ?? indexOf(raw, ["answer"]);
    if (index !== undefined && index < choices.length) return { gold: [index], answers: [] };
    const words = textOf(raw, ANSWER);
    const letter = words === undefined ? -1 : /^\(?[A-Z]\)?\.?$/.test(words.trim()) ? words.trim().replace(/[^A-Z]/g, "").charCodeAt(0) - 65 : choices.indexOf(words);
    if (letter >= 0 && letter < choices.length) return { gold: [letter], answers: [] };
  }
  for (const name of ANSWER) {
    const value = raw[name];
    if (Array.isArray(value)) return { gold: [], answers: value.filter((each) => typeof each === "string") };
    if (typeof value === "string" || typeof value === "number") return { gold: [], answers: [String(value)] };
  }
  return { gold: [], answers: [] };
}

function choicesOf(raw: Raw): readonly string[] | undefined {
  for (const name of CHOICES) {
    const value = raw[name];
    if (Array.isArray(value) && value.length > 1) return value.map((each) => String(each));
  }
  const numbered = NUMBERED.flatMap((name) => (typeof raw[name] === "string" ? [raw[name]] : []));
  return numbered.length > 1 ? numbered : undefined;
}

/** Our own `{startMs, endMs}`, or pairs of seconds, or one pair. */
function spansOf(value: JsonValue | undefined): readonly Span[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const list: readonly JsonValue[] = value.every((each) => typeof each === "number") ? [value] : value;
  const spans = list.flatMap((each): Span[] => {
    if (isRaw(each) && typeof each["startMs"] === "number" && typeof each["endMs"] === "number") return [{ startMs: each["startMs"], endMs: each["endMs"] }];
    const [start, end] = Array.isArray(each) ? (each as readonly JsonValue[]) : [];
    return typeof start === "number" && typeof end === "number" ? [{ startMs: start * 1000, endMs: end * 1000 }] : [];
  });
  return spans.length === list.length ? spans : undefined;
}

function textOf(raw: Raw, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    if (typeof value === "string") return value;
    if (typeof value === "number") return String(value);
  }
  return undefined;
}

function indexOf(raw: Raw, names: readonly string[]): number | undefined {
  const text = textOf(raw, names);
  return text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

function cleaned(text: string): string {
  return text.replace(LEFTOVER, "").trim();
}

function given<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: string };
}

function isRaw(value: JsonValue | undefined): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
