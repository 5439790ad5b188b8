/**
 * Content-addressed provenance. A machine's answer carries two hashes: `run8`, of how answers were
 * made (its RUN block), and `in12`, of what this answer depends on. Hence an answer whose inputs have
 * changed is recognised as stale, a record that was edited as tampered with, and two branches of a
 * file merge without clashing ids.
 *
 * Both are sha256 over a label that names the version of the canonical form, a line feed, and
 * canonical JSON in UTF-8.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { FormatError } from "./errors.js";
import type { Span } from "./time.js";

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** JSON without blanks and with keys in the order of their code units. Throws on NaN and infinities. */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new FormatError("invalid-value", `${value} has no canonical form.`, "Use finite numbers in what is hashed.");
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const fields = Object.keys(value)
    .sort()
    .flatMap((key) => {
      const field = value[key];
      return field === undefined ? [] : [`${JSON.stringify(key)}:${canonicalJson(field)}`];
    });
  return `{${fields.join(",")}}`;
}

/** What one answer depends on. */
export interface AnswerInputs {
  /** sha256 of the video file, hex. */
  readonly video: string;
  /** Empty for the whole video. The order does not matter. */
  readonly scope: readonly Span[];
  readonly question: string;
  /** In their order, which the letters of the answer depend on. Empty for an open question. */
  readonly choices: readonly string[];
  /** The cues in the context. The order does not matter. */
  readonly cues: readonly (Span & { readonly text: string })[];
  /** How frames are chosen: `{ strategy: "uniform", frames: 16 }`. */
  readonly sampling: JsonValue;
  /** sha256 of the model pack, hex. */
  readonly model: string;
  /** Identity of the prompt template. */
  readonly prompt: string;
}

/** `in12`: 12 hex digits over everything that the answer depends on. Throws FormatError on NaN. */
export function inputId(inputs: AnswerInputs): string {
  const { video, scope, question, choices, cues, sampling, model, prompt } = inputs;
  return digest("vqa-input-1", 12, {
    video,
    scope: scope.map(({ startMs, endMs }) => [startMs, endMs] as const).sort(byTime),
    question: normal(question),
    choices: choices.map(normal),
    cues: cues
      .map(({ startMs, endMs, text }) => [startMs, endMs, normal(text)] as const)
      .sort((a, b) => byTime(a, b) || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0)),
    sampling,
    model,
    prompt,
  });
}

/** Keys of a RUN that tell when it was written, not how answers are made. */
const UNHASHED: ReadonlySet<string> = new Set(["date"]);

/**
 * `run8`: 8 hex digits over the entries of a RUN, sorted by key. `date` is left out: the same model
 * with the same settings is the same run on any day, so that asking again changes only M lines.
 */
export function runId(entries: readonly (readonly [key: string, value: string])[]): string {
  const canonical = entries
    .filter(([key]) => !UNHASHED.has(key))
    .map(([key, value]) => [key, normal(value)] as const)
    .sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  return digest("vqa-run-1", 8, canonical);
}

/**
 * - `unanswered`: no machine has answered.
 * - `fresh`: an answer was made from just these inputs, and the record of its run is whole.
 * - `tampered`: the record of the run is gone or is not what the id was made from.
 * - `stale`: what the answer depended on has changed.
 */
export type Staleness = "unanswered" | "fresh" | "stale" | "tampered";

/** Gives the entries of the RUN of that id; undefined when there is none. */
export type RunLookup = (run8: string) => readonly (readonly [key: string, value: string])[] | undefined;

interface Answered {
  readonly run8: string;
  readonly in12: string;
}

/** The state of one answer. */
export function answerState(answer: Answered, currentIn12: string, lookup: RunLookup): Exclude<Staleness, "unanswered"> {
  const run = lookup(answer.run8);
  if (run === undefined || runId(run) !== answer.run8) return "tampered";
  return answer.in12 === currentIn12 ? "fresh" : "stale";
}

/**
 * The state of a question over all its machine answers. One fresh answer is enough: the others may be
 * of other models. Without any, a tampered one comes before a stale one.
 */
export function staleness(question: { readonly answers: readonly Answered[] }, currentIn12: string, lookup: RunLookup): Staleness {
  const states = question.answers.map((answer) => answerState(answer, currentIn12, lookup));
  const order: readonly Staleness[] = ["fresh", "tampered", "stale"];
  return order.find((state) => states.some((s) => s === state)) ?? "unanswered";
}

function digest(label: string, length: number, value: JsonValue): string {
  return bytesToHex(sha256(utf8ToBytes(`${label}\n${canonicalJson(value)}`))).slice(0, length);
}

/** Line terminators and blanks at the ends are matters of the file, not of the text. */
function normal(text: string): string {
  return text.replace(/\r\n?/g, "\n").trim();
}

function byTime(a: readonly [number, number, ...unknown[]], b: readonly [number, number, ...unknown[]]): number {
  return a[0] - b[0] || a[1] - b[1];
}

// Array.isArray does not narrow readonly arrays.
function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
