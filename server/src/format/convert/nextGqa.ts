/**
 * NExT-GQA (Xiao et al. 2024): multiple choices in a table, with the right one as text, and where in
 * the video each answer shows in a second file: `{video: {duration, location: {qid: [[from, to], …]}, fps}}`,
 * in seconds.
 */
import type { JsonValue } from "../provenance.js";
import type { Span } from "../time.js";
import type { DatasetFormat, Raw } from "./format.js";
import { jsonElements } from "./jsonStream.js";
import { choicesOf, datasetEntry, datasetVideo, freeFields, leaveOutKinds, leaveOutParts, questionsOf } from "./leaveOut.js";
import { csvRow, withoutBom } from "./lineStream.js";
import type { Losses } from "./losses.js";
import { rawRecords, safely } from "./recordFormat.js";
import { BARE_QUESTION, type Found, type Piece, type Source, type VideoNotes } from "./records.js";
import { BadRecord, isRaw, optionalText, rest, spanOf, text } from "./values.js";

const CHOICES = ["a0", "a1", "a2", "a3", "a4"];
const TAKEN = ["video_id", "question", "answer", "qid", ...CHOICES];
const COLUMNS = ["video_id", "frame_count", "width", "height", "question", "answer", "qid", "type", ...CHOICES];
const GROUNDING = "_gsub.json";

const isGrounding = (value: Raw | undefined): boolean => value !== undefined && "location" in value && "duration" in value;

export const NEXT_GQA: DatasetFormat = {
  name: "next-gqa",
  title: "NExT-GQA, questions (CSV) and the parts that show the answers (gsub JSON)",
  extension: ".csv",
  parts: ["", GROUNDING],
  oneVideo: false,
  isDataset: true,
  recognises: ({ first, shape }) => (shape === "json-object" ? isGrounding(first) : first !== undefined && ["video_id", "question", "qid", ...CHOICES].every((key) => key in first)),
  read,
  write,
};

async function* read(sources: readonly Source[], losses: Losses): AsyncGenerator<Found> {
  // One entry a video; the questions, which are many, pass by.
  const grounding = new Map<string, Raw>();
  const tables: Source[] = [];
  for (const source of sources) {
    const chunks = withoutBom(source.chunks());
    const { value: first = "" } = (await chunks.next()) as { value?: string };
    const whole = async function* (): AsyncGenerator<string> {
      yield first;
      yield* chunks;
    };
    if (!first.trimStart().startsWith("{")) tables.push({ name: source.name, chunks: whole });
    else
      for await (const { key = "", value } of jsonElements(whole(), source.name)) {
        if (isRaw(value) && isRaw(value["location"])) grounding.set(key, value);
        else losses.add("bad-record", `${source.name}, ${key}: it has no location`);
      }
  }
  const told = new Set<string>();
  for (const source of tables) {
    for await (const [raw, place] of rawRecords(source, losses)) {
      const video = optionalText(raw, "video_id") ?? "";
      const entry = grounding.get(video);
      if (entry !== undefined && !told.has(video)) {
        told.add(video);
        const entries = ["duration", "fps"].flatMap((key) => (typeof entry[key] === "number" ? [[`dataset.${key}`, String(entry[key])] as const] : []));
        if (entries.length > 0) yield { video, record: { kind: "header", entries } };
      }
      yield* safely(() => [question(raw, entry, place, losses)], place, losses);
    }
  }
  for (const video of grounding.keys()) if (!told.has(video)) losses.add("unpaired", video);
}

function question(raw: Raw, entry: Raw | undefined, place: string, losses: Losses): Found {
  const texts = CHOICES.map((key) => text(raw, key));
  const answer = optionalText(raw, "answer");
  const gold = answer === undefined ? -1 : texts.indexOf(answer);
  if (answer !== undefined && gold === -1) throw new BadRecord(`its answer, ${answer}, is none of its choices`);
  const id = text(raw, "qid");
  const location = entry?.["location"];
  const spans = isRaw(location) && Object.hasOwn(location, id) ? location[id] : [];
  return {
    video: text(raw, "video_id"),
    record: {
      ...BARE_QUESTION,
      id,
      text: text(raw, "question"),
      scope: Array.isArray(spans) ? (spans as readonly JsonValue[]).flatMap((pair) => span(pair, place, losses)) : [],
      choices: texts.map((choice, i) => ({ text: choice, gold: i === gold })),
      fields: rest(raw, TAKEN),
    },
  };
}

/** Some of the published spans begin a little before the video does. */
function span(pair: JsonValue, place: string, losses: Losses): readonly Span[] {
  const [start, end] = Array.isArray(pair) ? (pair as readonly JsonValue[]) : [];
  const early = typeof start === "number" && start < 0;
  if (early) losses.add("bad-scope", `${place}: ${start} s, taken as 0`);
  const read = spanOf(early ? 0 : start, end, place, losses);
  return read === undefined ? [] : [read];
}

async function* write(all: AsyncIterable<VideoNotes>, losses: Losses): AsyncGenerator<Piece> {
  yield { part: "", text: csvRow(COLUMNS, ",") };
  const written = new Set<string>();
  for await (const notes of all) {
    const video = datasetVideo(notes);
    // Its spans are in one object.
    if (written.has(video)) {
      losses.add("second-notebook", `${notes.source}: ${video}`);
      continue;
    }
    leaveOutKinds(notes, ["question"], losses, ["dataset.duration", "dataset.fps"]);
    const location: Record<string, JsonValue> = Object.create(null) as Record<string, JsonValue>;
    const ids = new Set(questionsOf(notes).map((each) => each.id));
    const seen = new Set<string>();
    for (const each of questionsOf(notes)) {
      const place = `${notes.source}: ${each.text}`;
      const choices = choicesOf(each, { min: 5, max: 5 }, notes.source, losses);
      if (choices === undefined) continue;
      if ([each.text, ...choices.texts].includes("")) {
        losses.add("empty", place);
        continue;
      }
      let id = each.id;
      for (let n = 0; id === undefined || seen.has(id); n++) id = ids.has(String(n)) ? undefined : String(n);
      if (each.id !== undefined && each.id !== id) losses.add("id", `${place}: ${each.id} became ${id}`);
      ids.add(id);
      seen.add(id);
      leaveOutParts(each, { id: true, scope: true, choices: true, references: 0, fields: COLUMNS }, notes.source, losses);
      const raw: Raw = { ...freeFields(each, TAKEN, notes.source, losses), video_id: video, question: each.text, qid: id };
      const cells = { ...raw, ...(choices.gold === undefined ? {} : { answer: choices.texts[choices.gold] as string }), ...Object.fromEntries(CHOICES.map((key, i) => [key, choices.texts[i] ?? ""])) };
      yield { part: "", text: csvRow(COLUMNS.map((column) => cell((cells as Raw)[column])), ",") };
      if (each.scope.length > 0) location[id] = each.scope.map(({ startMs, endMs }) => [startMs / 1000, endMs / 1000]);
    }
    const known = (key: string): Raw => {
      const value = Number(datasetEntry(notes, key) ?? NaN);
      return Number.isFinite(value) ? { [key]: value } : {};
    };
    const entry = { ...known("duration"), location, ...known("fps") };
    if (!("duration" in entry)) losses.add("missing-duration", notes.source);
    yield { part: GROUNDING, text: `${written.size === 0 ? "{\n" : ",\n"}${JSON.stringify(video)}: ${JSON.stringify(entry)}` };
    written.add(video);
  }
  yield { part: GROUNDING, text: written.size === 0 ? "{}\n" : "\n}\n" };
}

function cell(value: JsonValue | undefined): string {
  return value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
}
