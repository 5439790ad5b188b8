/**
 * The own record format: JSON lines that hold all that a notebook holds, besides its layout. A line
 * is a question unless its `kind` says otherwise:
 *
 *   {"video": "kitchen.mp4", "id": "q1", "scope": [{"startMs": 4200, "endMs": 12500}], "question": "…",
 *    "choices": ["…"], "gold": [1], "references": [{"author": "ann", "text": "…"}],
 *    "answers": [{"text": "…", "run": "5f3a9c21", "input": "8c1e2f7a0b1d", "fields": {"t": "812ms"},
 *                 "made": {"model": "micro", …}}], "fields": {…}}
 *
 * Empty parts are left out. `run` and `input` are the ids of the answer's provenance, `made` is the
 * record of its run.
 */
import type { JsonValue } from "../provenance.js";
import type { Span } from "../time.js";
import type { DatasetFormat, Raw } from "./format.js";
import { recordFormat } from "./recordFormat.js";
import type { AnswerRecord, ConvertRecord, Fields, Found, Pairs, QuestionRecord, VideoNotes } from "./records.js";
import { array, BadRecord, isRaw, optionalText, text } from "./values.js";

export const JSONL: DatasetFormat = {
  ...recordFormat({
    name: "jsonl",
    title: "VQA's JSON lines",
    shape: "json-lines",
    // Other datasets have a video and a question too; theirs are told apart by what else they have.
    recognises: (first) => typeof first["video"] === "string" && (typeof first["kind"] === "string" || (typeof first["question"] === "string" && !("candidates" in first) && !("a0" in first) && !("qid" in first))),
    read: (raw) => [read(raw)],
    write: (notes) => write(notes),
  }),
  isDataset: false,
};

function read(raw: Raw): Found {
  return { video: text(raw, "video"), record: recordOf(raw) };
}

function recordOf(raw: Raw): ConvertRecord {
  const kind = optionalText(raw, "kind") ?? "question";
  switch (kind) {
    case "question":
      return question(raw);
    case "segment":
      return { kind, scope: scope(raw), text: text(raw, "text"), fields: fields(raw) };
    case "cue": {
      const [span] = scope(raw);
      if (span === undefined) throw new BadRecord('"scope" is missing');
      return { kind, ...span, id: optionalText(raw, "id"), settings: optionalText(raw, "settings") ?? "", text: text(raw, "text") };
    }
    case "heading":
      return { kind, level: typeof raw["level"] === "number" ? raw["level"] : 1, text: text(raw, "text") };
    case "note":
    case "style":
      return { kind, text: text(raw, "text") };
    case "header":
      return { kind, entries: pairs(raw["entries"]) };
    default:
      throw new BadRecord(`"kind" is ${kind}, which is not known`);
  }
}

function question(raw: Raw): QuestionRecord {
  const choices = raw["choices"] === undefined ? [] : array(raw, "choices").map(String);
  const gold = raw["gold"] === undefined ? [] : array(raw, "gold");
  if (gold.some((index) => typeof index !== "number" || choices[index] === undefined)) throw new BadRecord('"gold" names no choice');
  return {
    kind: "question",
    id: optionalText(raw, "id"),
    text: text(raw, "question"),
    scope: scope(raw),
    choices: choices.map((choice, i) => ({ text: choice, gold: gold.includes(i) })),
    references: objects(raw, "references").map((each) => ({ author: optionalText(each, "author"), text: text(each, "text") })),
    answers: objects(raw, "answers").map((each) => ({
      run8: text(each, "run"),
      in12: text(each, "input"),
      fields: pairs(each["fields"]),
      text: text(each, "text"),
      run: each["made"] === undefined ? undefined : pairs(each["made"]),
    })),
    fields: fields(raw),
  };
}

function scope(raw: Raw): readonly Span[] {
  return objects(raw, "scope").map(({ startMs, endMs }) => {
    if (typeof startMs !== "number" || typeof endMs !== "number") throw new BadRecord('"scope" is not of startMs and endMs');
    return { startMs, endMs };
  });
}

function objects(raw: Raw, key: string): readonly Raw[] {
  if (raw[key] === undefined) return [];
  const list = array(raw, key);
  if (!list.every(isRaw)) throw new BadRecord(`"${key}" is no list of objects`);
  return list;
}

function fields(raw: Raw): Fields {
  const value = raw["fields"];
  return isRaw(value) ? value : {};
}

/** An object, or a list of pairs where keys repeat. */
function pairs(value: JsonValue | undefined): Pairs {
  if (value === undefined) return [];
  const entries: readonly JsonValue[] = isRaw(value) ? Object.entries(value) : Array.isArray(value) ? (value as readonly JsonValue[]) : [];
  return entries.map((entry) => {
    const [key, each] = Array.isArray(entry) ? (entry as readonly JsonValue[]) : [];
    if (typeof key !== "string" || typeof each !== "string") throw new BadRecord("an entry is no text");
    return [key, each] as const;
  });
}

function* write({ video, records }: VideoNotes): Generator<Raw> {
  for (const record of records) {
    switch (record.kind) {
      case "question":
        yield writeQuestion(video, record);
        break;
      case "segment":
        yield { kind: "segment", video, scope: spans(record.scope), text: record.text, ...unlessEmpty("fields", record.fields) };
        break;
      case "cue": {
        const { id, startMs, endMs, settings, text: words } = record;
        yield { kind: "cue", video, ...(id === undefined ? {} : { id }), scope: spans([{ startMs, endMs }]), ...(settings === "" ? {} : { settings }), text: words };
        break;
      }
      case "header":
        yield { kind: "header", video, entries: record.entries };
        break;
      default:
        yield { ...record, kind: record.kind, video };
    }
  }
}

function writeQuestion(video: string, { id, text: words, scope: part, choices, references, answers, fields: more }: QuestionRecord): Raw {
  return {
    video,
    ...(id === undefined ? {} : { id }),
    ...(part.length === 0 ? {} : { scope: spans(part) }),
    question: words,
    ...(choices.length === 0 ? {} : { choices: choices.map((choice) => choice.text), gold: choices.flatMap((choice, i) => (choice.gold ? [i] : [])) }),
    ...(references.length === 0 ? {} : { references: references.map(({ author, text: said }) => ({ ...(author === undefined ? {} : { author }), text: said })) }),
    ...(answers.length === 0 ? {} : { answers: answers.map(writeAnswer) }),
    ...unlessEmpty("fields", more),
  };
}

function writeAnswer({ text: said, run8, in12, fields: more, run }: AnswerRecord): Raw {
  return { text: said, run: run8, input: in12, ...(more.length === 0 ? {} : { fields: pairsValue(more) }), ...(run === undefined ? {} : { made: pairsValue(run) }) };
}

function pairsValue(list: Pairs): JsonValue {
  return new Set(list.map(([key]) => key)).size === list.length ? Object.fromEntries(list) : list;
}

function spans(list: readonly Span[]): JsonValue {
  return list.map(({ startMs, endMs }) => ({ startMs, endMs }));
}

function unlessEmpty(key: string, value: Fields): Raw {
  return Object.keys(value).length === 0 ? {} : { [key]: value };
}

