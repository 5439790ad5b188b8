/** EgoSchema (Mangalam et al. 2023): questions in one file; the known answers, by `q_uid`, in another. */
import type { JsonValue } from "../provenance.js";
import type { DatasetFormat, Raw, Sample } from "./format.js";
import { jsonElements } from "./jsonStream.js";
import { choicesOf, datasetVideo, freeFields, leaveOutKinds, leaveOutParts, questionsOf } from "./leaveOut.js";
import { withoutBom } from "./lineStream.js";
import type { Losses } from "./losses.js";
import { rawRecords, safely } from "./recordFormat.js";
import { BARE_QUESTION, type Found, type Piece, type Source, type VideoNotes } from "./records.js";
import { BadRecord, rest, text } from "./values.js";

const OPTIONS = [0, 1, 2, 3, 4].map((i) => `option ${i}`);
const QUESTION = ["q_uid", "question", ...OPTIONS];

const isQuestion = (first: Raw | undefined): boolean => first !== undefined && QUESTION.every((key) => key in first);
const isAnswer = (value: JsonValue | undefined): value is number => typeof value === "number" && Number.isInteger(value) && value >= 0 && value < OPTIONS.length;
/** On one line it looks like a line of JSON. */
const isAnswers = ({ first, firstValue, shape }: Sample): boolean =>
  isAnswer(firstValue) || (shape === "json-lines" && first !== undefined && Object.keys(first).length > 0 && Object.values(first).every(isAnswer));

export const EGOSCHEMA: DatasetFormat = {
  name: "egoschema",
  title: "EgoSchema, questions and their known answers",
  extension: ".json",
  parts: ["_questions", "_answers"],
  oneVideo: false,
  isDataset: true,
  recognises: (sample) => isQuestion(sample.first) || isAnswers(sample),
  read,
  write,
};

async function* read(sources: readonly Source[], losses: Losses): AsyncGenerator<Found> {
  // One number for each of some thousand videos: small beside the questions, which are not kept.
  const answers = new Map<string, number>();
  const questions: Source[] = [];
  for (const source of sources) {
    const beginning = source.chunks()[Symbol.asyncIterator]();
    const chunks = (async function* (): AsyncGenerator<string> {
      for (let next = await beginning.next(); next.done !== true; next = await beginning.next()) yield next.value;
    })();
    const text = withoutBom(chunks);
    const first = await firstText(text);
    const whole = async function* (): AsyncGenerator<string> {
      yield first;
      yield* text;
    };
    if (!first.trimStart().startsWith("{") || first.includes('"q_uid"')) questions.push({ name: source.name, chunks: whole });
    else
      for await (const { key = "", value } of jsonElements(whole(), source.name)) {
        if (!isAnswer(value)) losses.add("bad-record", `${source.name}, ${key}: ${JSON.stringify(value)} is the number of no option`);
        else if (answers.has(key)) losses.add("duplicate", `${source.name}, ${key}`);
        else answers.set(key, value);
      }
  }
  for (const source of questions) {
    for await (const [raw, place] of rawRecords(source, losses)) {
      yield* safely(() => [questionOf(raw, answers)], place, losses);
      if (typeof raw["q_uid"] === "string") answers.delete(raw["q_uid"]);
    }
  }
  for (const key of answers.keys()) losses.add("unpaired", key);
}

/** Enough to tell what the file is. */
async function firstText(chunks: AsyncGenerator<string>): Promise<string> {
  let first = "";
  while (first.trim().length < 16) {
    const { value, done } = await chunks.next();
    if (done === true) break;
    first += value;
  }
  return first;
}

function questionOf(raw: Raw, answers: ReadonlyMap<string, number>): Found {
  const video = text(raw, "q_uid");
  if (video === "") throw new BadRecord('"q_uid" is empty');
  const gold = answers.get(video);
  const choices = OPTIONS.map((key, i) => ({ text: text(raw, key), gold: i === gold }));
  return { video, record: { ...BARE_QUESTION, text: text(raw, "question"), choices, fields: rest(raw, QUESTION) } };
}

async function* write(all: AsyncIterable<VideoNotes>, losses: Losses): AsyncGenerator<Piece> {
  const first: Record<string, boolean> = { _questions: true, _answers: true };
  const start = (part: string, open: string): string => {
    const text = first[part] === true ? `${open}\n` : ",\n";
    first[part] = false;
    return text;
  };
  const written = new Set<string>();
  for await (const notes of all) {
    leaveOutKinds(notes, ["question"], losses);
    const video = datasetVideo(notes);
    for (const question of questionsOf(notes)) {
      const choices = choicesOf(question, { min: 5, max: 5 }, notes.source, losses);
      if (choices === undefined) continue;
      if (written.has(video)) {
        losses.add("second-question", `${notes.source}: ${question.text}`);
        continue;
      }
      written.add(video);
      leaveOutParts(question, { choices: true, references: 0, fields: true }, notes.source, losses);
      const options = Object.fromEntries(OPTIONS.map((key, i) => [key, choices.texts[i] ?? ""]));
      const raw = { q_uid: video, ...freeFields(question, QUESTION, notes.source, losses), question: question.text, ...options };
      yield { part: "_questions", text: start("_questions", "[") + JSON.stringify(raw) };
      if (choices.gold !== undefined) yield { part: "_answers", text: `${start("_answers", "{")}${JSON.stringify(video)}: ${choices.gold}` };
    }
  }
  yield { part: "_questions", text: first["_questions"] === true ? "[]\n" : "\n]\n" };
  yield { part: "_answers", text: first["_answers"] === true ? "{}\n" : "\n}\n" };
}
