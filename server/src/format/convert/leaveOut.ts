/** Counts what of a notebook a format has no place for. */
import { stemOf } from "./values.js";
import type { Losses, LossCode } from "./losses.js";
import type { Span } from "../time.js";
import type { ConvertRecord, Fields, QuestionRecord, VideoNotes } from "./records.js";

const KINDS: Readonly<Record<Exclude<ConvertRecord["kind"], "header" | "question">, LossCode>> = {
  cue: "cues",
  heading: "headings",
  note: "notes",
  segment: "segments",
  style: "styles",
};

/** The name that a dataset has for the video: its own, else the file's name without folder and extension. */
export function datasetVideo(notes: VideoNotes): string {
  for (const record of notes.records) {
    if (record.kind === "header" && record.entries.some(([key]) => key === "dataset.video")) return notes.video;
  }
  return stemOf(notes.video);
}

/** A value that a dataset gave for the whole video. */
export function datasetEntry(notes: VideoNotes, key: string): string | undefined {
  for (const record of notes.records) {
    if (record.kind !== "header") continue;
    for (const [name, value] of record.entries) if (name === `dataset.${key}`) return value;
  }
  return undefined;
}

/**
 * Counts the records of kinds that are not in `kept`, and header lines.
 * @param entries header keys that the format holds, besides the names of video and dataset
 */
export function leaveOutKinds(notes: VideoNotes, kept: readonly ConvertRecord["kind"][], losses: Losses, entries: readonly string[] = []): void {
  let videos = 0;
  for (const record of notes.records) {
    if (kept.includes(record.kind)) continue;
    if (record.kind === "question") losses.add("questions", `${notes.source}: ${record.text}`);
    else if (record.kind !== "header") losses.add(KINDS[record.kind], notes.source);
    else
      for (const [key, value] of record.entries) {
        if (key === "video" && videos++ === 0) continue;
        if (key === "dataset" || key === "dataset.video" || entries.includes(key)) continue;
        losses.add("header", `${notes.source}: ${key}: ${value}`);
      }
  }
}

export interface Held {
  readonly id?: boolean;
  readonly scope?: boolean;
  readonly choices?: boolean;
  /** How many references; 0 without. */
  readonly references: number;
  /** Names of fields that have a place; true for all. */
  readonly fields: true | readonly string[];
}

/** Counts the parts of a question that have no place. */
export function leaveOutParts(question: QuestionRecord, held: Held, source: string, losses: Losses): void {
  const place = `${source}: ${question.text}`;
  if (question.id !== undefined && held.id !== true) losses.add("id", `${place}: ${question.id}`);
  if (question.scope.length > 0 && held.scope !== true) losses.add("scope", place);
  if (question.choices.length > 0 && held.choices !== true) losses.add("choices", place);
  question.references.forEach(({ author, text }, i) => {
    if (i >= held.references) losses.add("further-answers", `${place} ${text}`);
    else if (author !== undefined) losses.add("author", `${place}: ${author}`);
  });
  if (question.answers.length > 0) losses.add("model-answers", place, question.answers.length);
  if (held.fields !== true) for (const key of Object.keys(question.fields)) if (!held.fields.includes(key)) losses.add("fields", `${place}: ${key}`);
}

/** The known answer as a text: of a person, else the choice marked as right. */
export function knownAnswer(question: QuestionRecord): string | undefined {
  return question.references[0]?.text ?? question.choices.find((choice) => choice.gold)?.text;
}

/**
 * The choices of a question and the single right one, if it is known. Undefined, and counted, when it
 * has not as many choices as the format wants.
 */
export function choicesOf(
  question: QuestionRecord,
  count: { readonly min: number; readonly max: number },
  source: string,
  losses: Losses,
): { readonly texts: readonly string[]; readonly gold: number | undefined } | undefined {
  const place = `${source}: ${question.text}`;
  const gold = question.choices.flatMap((choice, i) => (choice.gold ? [i] : []));
  if (question.choices.length < count.min || question.choices.length > count.max) {
    losses.add("not-choices", place);
    return undefined;
  }
  if (gold.length > 1) losses.add("several-gold", place);
  return { texts: question.choices.map((choice) => choice.text), gold: gold[0] };
}

/** The one span of a scope; of several the first, which is counted. */
export function singleSpan(scope: readonly Span[], place: string, losses: Losses): Span | undefined {
  if (scope.length > 1) losses.add("scope-parts", place, scope.length - 1);
  return scope[0];
}

/** Fields that go along in JSON, without those whose names the format has for something else. */
export function freeFields(question: { readonly fields: Fields; readonly text: string }, taken: readonly string[], source: string, losses: Losses): Fields {
  return Object.fromEntries(
    Object.entries(question.fields).filter(([key]) => {
      if (!taken.includes(key)) return true;
      losses.add("fields", `${source}: ${question.text}: ${key}`);
      return false;
    }),
  );
}

export function questionsOf(notes: VideoNotes): readonly QuestionRecord[] {
  return notes.records.filter((record) => record.kind === "question");
}
