/**
 * Agreement of the people who answered the questions of notebooks, each under a name. Answers without a
 * name are what was settled on, and nobody's vote. Two answers are the same when they name the same choice,
 * or have the same words as they are compared for grading.
 */
import { choiceOf, formatChoice, parse, readNotebook, type Question } from "../format/index.js";
import { normalise, timeIn } from "./grade.js";
import { alphaOf, cohenKappa, fleissKappa, krippendorffAlpha, meanAgreement, pairAgreement } from "./metrics/agreement.js";
import { bootstrap, type Interval } from "./metrics/intervals.js";

export interface Vote {
  readonly author: string;
  /** As it was written. */
  readonly text: string;
  /** What it counts as. */
  readonly category: string;
}

/** A question that two people or more have answered. */
export interface Voted {
  /** Number of the question in the notebook, from 0. */
  readonly question: number;
  readonly id: string;
  readonly text: string;
  readonly votes: readonly Vote[];
  /** Share of pairs of people who agree. */
  readonly agreement: number;
  /** What was settled on: the marked choice, or an answer without a name. */
  readonly settled: string | undefined;
}

export interface Annotator {
  readonly author: string;
  /** Questions that were answered by that person and by others. */
  readonly questions: number;
}

export interface AnnotatorPair {
  readonly authors: readonly [string, string];
  /** Questions that both have answered. */
  readonly questions: number;
  /** Share of them with the same answer. */
  readonly agreement: number;
  /** Undefined where chance alone would agree throughout. */
  readonly kappa: number | undefined;
}

export interface Agreement {
  readonly questions: number;
  /** Those on which not all agree. */
  readonly disagreements: number;
  readonly annotators: readonly Annotator[];
  /** Every pair of people that have a question in common. */
  readonly pairs: readonly AnnotatorPair[];
  /** Mean share of agreeing pairs. */
  readonly agreement: number | undefined;
  /** Fleiss: only where every question has equally many answers, of three people or more in all. */
  readonly fleiss: number | undefined;
  /** Krippendorff's, nominal, with its 95 % interval by resampling the questions. */
  readonly alpha: number | undefined;
  readonly interval: Interval | undefined;
}

/** The questions of a notebook that two people or more have answered. Never throws. */
export function votedQuestions(text: string): readonly Voted[] {
  return readNotebook(parse(text)).questions.flatMap((question): Voted[] => {
    const votes = votesOf(question);
    const agreement = pairAgreement(votes.map(({ category }) => category));
    return agreement === undefined ? [] : [{ question: question.ordinal - 1, id: question.id, text: question.text, votes, agreement, settled: settledOn(question) }];
  });
}

export function agreementOf(questions: readonly Pick<Voted, "votes" | "agreement">[]): Agreement {
  const authors = [...new Set(questions.flatMap(({ votes }) => votes.map(({ author }) => author)))].sort();
  const column = new Map(authors.map((author, i) => [author, i]));
  const ratings = questions.map(({ votes }) => {
    const row: (string | undefined)[] = authors.map(() => undefined);
    for (const { author, category } of votes) row[column.get(author) ?? 0] = category;
    return row;
  });
  const pairs = authors.flatMap((a, i) =>
    authors.slice(i + 1).flatMap((b, j): AnnotatorPair[] => {
      const both = ratings.map((row) => [row[i], row[i + 1 + j]] as const).filter(([x, y]) => x !== undefined && y !== undefined);
      if (both.length === 0) return [];
      return [{ authors: [a, b], questions: both.length, agreement: both.filter(([x, y]) => x === y).length / both.length, kappa: cohenKappa(both) }];
    }),
  );
  const alpha = krippendorffAlpha(ratings);
  return {
    questions: questions.length,
    disagreements: questions.filter(({ agreement }) => agreement < 1).length,
    annotators: authors.map((author, i) => ({ author, questions: ratings.filter((row) => row[i] !== undefined).length })),
    pairs,
    agreement: meanAgreement(ratings),
    fleiss: authors.length < 3 ? undefined : fleissKappa(ratings),
    alpha,
    interval: alpha === undefined ? undefined : intervalOf(ratings),
  };
}

/** A sample may hold one category only, of which there is no alpha: all of it agrees then. */
function intervalOf(ratings: readonly (readonly (string | undefined)[])[]): Interval {
  const resamples = Math.max(200, Math.min(2000, Math.floor(20_000_000 / ratings.length)));
  const alpha = alphaOf(ratings);
  return bootstrap(ratings.length, (indices) => alpha(indices) ?? 1, 1, resamples);
}

/** Of several answers of one person the last one counts. */
function votesOf({ references, choices }: Question): readonly Vote[] {
  const votes = new Map<string, Vote>();
  for (const { author, text } of references) {
    if (author !== undefined && text !== "") votes.set(author, { author, text, category: categoryOf(text, choices.map((choice) => choice.text)) });
  }
  return [...votes.values()];
}

function categoryOf(text: string, choices: readonly string[]): string {
  const choice = choices.length === 0 ? undefined : choiceOf(text, choices);
  if (choice !== undefined) return `choice ${choice}`;
  const time = timeIn(text);
  return time !== undefined && /^[\d:.\s]+$/.test(text) ? `time ${time}` : `words ${normalise(text)}`;
}

function settledOn({ choices, gold, references }: Question): string | undefined {
  const [first] = gold;
  if (first !== undefined) return formatChoice(first, choices[first]?.text ?? "");
  return references.find(({ author, text }) => author === undefined && text !== "")?.text;
}
