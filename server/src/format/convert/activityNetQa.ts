/**
 * ActivityNet-QA (Yu et al. 2019): questions in one file, answers in another, joined by question_id.
 */
import { FormatError } from "../errors.js";
import type { DatasetFormat, Raw } from "./format.js";
import { datasetVideo, freeFields, knownAnswer, leaveOutKinds, leaveOutParts, questionsOf } from "./leaveOut.js";
import type { Losses } from "./losses.js";
import { rawRecords, safely } from "./recordFormat.js";
import { BARE_QUESTION, type Found, type Piece, type Source, type VideoNotes } from "./records.js";
import { optionalText, rest, text } from "./values.js";

const QUESTION = ["video_name", "question", "question_id"];
const ANSWER = ["answer", "question_id"];
/** Records that wait for their other half; more would not be two files of one dataset. */
const MAX_WAITING = 1_000_000;

type Entry = readonly [raw: Raw, place: string];

export const ACTIVITYNET_QA: DatasetFormat = {
  name: "activitynet-qa",
  title: "ActivityNet-QA, questions (_q) and answers (_a)",
  extension: ".json",
  parts: ["_q", "_a"],
  oneVideo: false,
  isDataset: true,
  recognises: ({ first, shape }) => first !== undefined && shape !== "json-object" && (QUESTION.every((key) => key in first) || (ANSWER.every((key) => key in first) && !("question" in first))),
  async *read(sources, losses) {
    for await (const [question, answer, place] of joined(sources, losses)) yield* safely(() => [found(question, answer, place, losses)], place, losses);
  },
  write,
};

function found(question: Raw, answer: Raw | undefined, place: string, losses: Losses): Found {
  const said = answer === undefined ? undefined : optionalText(answer, "answer");
  const fields = { ...rest(question, QUESTION), ...(answer === undefined ? {} : rest(answer, ANSWER)) };
  for (const key of Object.keys(answer === undefined ? {} : rest(answer, ANSWER))) if (!QUESTION.includes(key) && key in question) losses.add("fields", `${place}: ${key}`);
  return {
    video: text(question, "video_name"),
    record: { ...BARE_QUESTION, id: text(question, "question_id"), text: text(question, "question"), references: said === undefined ? [] : [{ author: undefined, text: said }], fields },
  };
}

/**
 * Reads both sides in step, so that files in the same order, as the published ones are, need no
 * memory; others need that of the records that are ahead of their half.
 */
async function* joined(sources: readonly Source[], losses: Losses): AsyncGenerator<readonly [Raw, Raw | undefined, string]> {
  const questions: AsyncGenerator<Entry>[] = [];
  const answers: AsyncGenerator<Entry>[] = [];
  for (const source of sources) {
    const entries = rawRecords(source, losses);
    const first = await entries.next();
    if (first.done !== true) ("question" in first.value[0] ? questions : answers).push(startingWith(first.value, entries));
  }
  const asked = new Map<string, Entry>();
  const known = new Map<string, Raw>();
  const left = chained(questions);
  const right = chained(answers);
  for (let more = true; more; ) {
    const question = await left.next();
    if (question.done !== true) {
      const [raw, place] = question.value;
      const id = optionalText(raw, "question_id") ?? "";
      const answer = known.get(id);
      if (answer !== undefined) {
        known.delete(id);
        yield [raw, answer, place];
      } else if (asked.has(id)) {
        losses.add("id", `${place}: ${id} is given twice`);
        yield [raw, undefined, place];
      } else asked.set(id, question.value);
    }
    const answer = await right.next();
    if (answer.done !== true) {
      const [raw, place] = answer.value;
      const id = optionalText(raw, "question_id") ?? "";
      const entry = asked.get(id);
      if (entry !== undefined) {
        asked.delete(id);
        yield [entry[0], raw, entry[1]];
      } else if (known.has(id)) losses.add("duplicate", `${place}: ${id}`);
      else known.set(id, raw);
    }
    if (asked.size > MAX_WAITING && known.size > 0) {
      throw new FormatError("too-large", `More than ${MAX_WAITING} questions come before their answers.`, "Give the files in the same order, or in parts.");
    }
    // Without answers, or after the last of them, questions need not wait.
    if (answer.done === true) {
      for (const [raw, place] of asked.values()) yield [raw, undefined, place];
      asked.clear();
    }
    more = question.done !== true || answer.done !== true;
  }
  for (const id of known.keys()) losses.add("unpaired", id);
}

async function* startingWith(first: Entry, more: AsyncIterable<Entry>): AsyncGenerator<Entry> {
  yield first;
  yield* more;
}

async function* chained(parts: readonly AsyncIterable<Entry>[]): AsyncGenerator<Entry> {
  for (const part of parts) yield* part;
}

async function* write(all: AsyncIterable<VideoNotes>, losses: Losses): AsyncGenerator<Piece> {
  const first: Record<string, boolean> = { _q: true, _a: true };
  const piece = (part: string, raw: Raw): Piece => {
    const start = first[part] === true ? "[\n" : ",\n";
    first[part] = false;
    return { part, text: start + JSON.stringify(raw) };
  };
  for await (const notes of all) {
    leaveOutKinds(notes, ["question"], losses);
    const video = datasetVideo(notes);
    const ids = new Set<string>();
    for (const question of questionsOf(notes)) {
      leaveOutParts(question, { id: true, references: 1, fields: true }, notes.source, losses);
      const id = uniqueId(question.id, video, ids);
      if (question.id !== undefined && id !== question.id) losses.add("id", `${notes.source}: ${question.id} became ${id}`);
      const { type, ...fields } = freeFields(question, [...QUESTION, "answer"], notes.source, losses);
      yield piece("_q", { ...fields, video_name: video, question: question.text, question_id: id });
      const answer = knownAnswer(question);
      if (answer !== undefined) yield piece("_a", { answer, ...(type === undefined ? {} : { type }), question_id: id });
      else if (type !== undefined) losses.add("fields", `${notes.source}: ${question.text}: type`);
    }
  }
  for (const part of ["_q", "_a"]) yield { part, text: first[part] === true ? "[]\n" : "\n]\n" };
}

/** Ids must be unique over all videos; one that holds the video's name is. */
function uniqueId(id: string | undefined, video: string, taken: Set<string>): string {
  const base = id === undefined ? `${video}_${taken.size}` : id.includes(video) ? id : `${video}_${id}`;
  let unique = base;
  for (let n = 2; taken.has(unique); n++) unique = `${base}~${n}`;
  taken.add(unique);
  return unique;
}
