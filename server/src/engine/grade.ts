/** What counts as right. */
export interface Gold {
  /** Any of these is right. */
  readonly answers?: readonly string[];
  /** Multiple choice: any of these indices is right; wins over `answers`. */
  readonly choices?: readonly number[];
}

export interface GradeOptions {
  /** When the gold answer is a time of the video, how far off an answer may be. */
  readonly timeToleranceMs?: number;
}

/** How an answer was found right, or that it was not. `ungraded`: there is nothing to compare with. */
export type Grade = "exact" | "soft" | "wrong" | "ungraded";

/**
 * Compares an answer with the gold answers.
 * - `exact`: the same words after {@link normalise}, the same choice, or a time within the tolerance.
 * - `soft`: the words of a gold answer stand together inside the answer ("a knob of butter" in "He
 *   uses a knob of butter."), and no "not" or "no" stands outside of them.
 */
export function grade(
  answer: { readonly text: string; readonly choice?: number },
  gold: Gold,
  options: GradeOptions = {},
): Grade {
  if (gold.choices?.length) {
    return answer.choice !== undefined && gold.choices.includes(answer.choice) ? "exact" : "wrong";
  }
  const golds = (gold.answers ?? []).filter((text) => normalise(text) !== "");
  if (golds.length === 0) return "ungraded";
  const grades = golds.map((text) => gradeText(answer.text, text, options));
  return grades.find((g) => g === "exact") ?? grades.find((g) => g === "soft") ?? "wrong";
}

/** Lower case, no punctuation, no articles, number words up to ten as digits, single blanks. */
export function normalise(text: string): string {
  return words(text).join(" ");
}

/** Milliseconds of a `mm:ss` or `h:mm:ss` time, with or without fraction, that is all the text or the only one in it. */
export function timeIn(text: string): number | undefined {
  const found = [...text.matchAll(/(?<![\d:.])(?:(\d+):)?(\d{1,2}):(\d{2})(\.\d{1,3})?(?![\d:])/g)];
  const [only] = found;
  if (!only || found.length > 1) return undefined;
  const [, hours = "0", minutes, seconds, fraction = ""] = only;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(`${seconds}${fraction}`)) * 1000;
}

export interface GradedAnswer {
  /** Type of question, for a table; see {@link questionType}. */
  readonly type?: string;
  readonly grade: Grade;
}

export interface Accuracy {
  readonly graded: number;
  /** Exact and soft ones. */
  readonly right: number;
  readonly exact: number;
  /** right / graded; undefined when nothing was graded. */
  readonly accuracy: number | undefined;
}

export interface AccuracySummary extends Accuracy {
  readonly ungraded: number;
  /** In order of first appearance; answers without a type are only in the total. */
  readonly byType: ReadonlyMap<string, Accuracy>;
}

export function summarise(answers: readonly GradedAnswer[]): AccuracySummary {
  const types = [...new Set(answers.flatMap((a) => (a.type === undefined ? [] : [a.type])))];
  return {
    ...accuracyOf(answers),
    ungraded: answers.filter((a) => a.grade === "ungraded").length,
    byType: new Map(types.map((type) => [type, accuracyOf(answers.filter((a) => a.type === type))])),
  };
}

/** The type of a question: the letters its id begins with, when a digit follows (`colour-3`, `count12`), or its heading. */
export function questionType(id: string | undefined, heading: string | undefined): string | undefined {
  const prefix = /^(\p{L}[\p{L}_-]*?)[_-]?\d+$/u.exec(id ?? "")?.[1];
  // "q1" numbers a question, it does not name its type.
  return prefix !== undefined && prefix.toLowerCase() !== "q" ? prefix : heading;
}

function accuracyOf(answers: readonly GradedAnswer[]): Accuracy {
  const exact = answers.filter((a) => a.grade === "exact").length;
  const right = exact + answers.filter((a) => a.grade === "soft").length;
  const graded = answers.filter((a) => a.grade !== "ungraded").length;
  return { graded, right, exact, accuracy: graded === 0 ? undefined : right / graded };
}

function gradeText(text: string, gold: string, { timeToleranceMs }: GradeOptions): Grade {
  const time = timeIn(gold);
  if (time !== undefined && timeToleranceMs !== undefined) {
    const said = timeIn(text);
    return said !== undefined && Math.abs(said - time) <= timeToleranceMs ? "exact" : "wrong";
  }
  const [said, wanted] = [words(text), words(gold)];
  if (said.join(" ") === wanted.join(" ")) return "exact";
  const at = said.findIndex((_, i) => wanted.every((word, j) => said[i + j] === word));
  if (at < 0) return "wrong";
  const around = [...said.slice(0, at), ...said.slice(at + wanted.length)];
  return around.some((word) => NEGATIONS.has(word)) ? "wrong" : "soft";
}

const NEGATIONS: ReadonlySet<string> = new Set(["no", "not", "never", "isnt", "doesnt", "dont", "cannot", "cant", "wasnt", "arent"]);
const ARTICLES: ReadonlySet<string> = new Set(["a", "an", "the"]);
const NUMBERS: ReadonlyMap<string, string> = new Map(
  ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"].map((word, i) => [word, `${i}`]),
);

function words(text: string): string[] {
  const plain = text.normalize("NFKC").toLowerCase().replace(/['’]/g, "");
  const whole = plain.replace(/(?<=\d),(?=\d{3}(?!\d))/g, "");
  // A point or colon inside a number belongs to it: "1.5", "00:07".
  const cut = whole.match(/\d+(?:[.:]\d+)*|[\p{L}\p{M}]+/gu) ?? [];
  const kept = cut.filter((word) => !ARTICLES.has(word));
  // "A" alone is an answer (a letter, a note), not an article.
  return (kept.length > 0 ? kept : cut).map((word) => NUMBERS.get(word) ?? word);
}
