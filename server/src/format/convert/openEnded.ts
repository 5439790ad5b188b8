/** Datasets of a question and an answer in free words, one record each. */
import type { JsonValue } from "../provenance.js";
import type { DatasetFormat, Raw } from "./format.js";
import { datasetVideo, freeFields, knownAnswer, leaveOutKinds, leaveOutParts, questionsOf } from "./leaveOut.js";
import type { Losses } from "./losses.js";
import { recordFormat, type RecordFormat } from "./recordFormat.js";
import { BARE_QUESTION, type Found, type QuestionRecord, type VideoNotes } from "./records.js";
import { optionalText, rest, text } from "./values.js";

export interface OpenKeys {
  readonly video: string;
  readonly id: string;
  readonly question: string;
  readonly answer: string;
}

/** Whole numbers were numbers before they came to a notebook. */
export function numberOrText(value: string): JsonValue {
  return /^(0|[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
}

/**
 * @param format what it is called, its shape, and what tells it from others
 * @param keys of a record
 * @param idOf how ids and videos are written; as they are by default
 */
export function openEnded(format: Omit<RecordFormat, "read" | "write">, keys: OpenKeys, idOf: (value: string) => JsonValue = (value) => value): DatasetFormat {
  const taken = Object.values(keys);
  const isTable = format.columns !== undefined;
  const read = (raw: Raw): Iterable<Found> => {
    const answer = optionalText(raw, keys.answer);
    const record: QuestionRecord = {
      ...BARE_QUESTION,
      id: optionalText(raw, keys.id),
      text: text(raw, keys.question),
      references: answer === undefined ? [] : [{ author: undefined, text: answer }],
      fields: rest(raw, taken),
    };
    return [{ video: text(raw, keys.video), record }];
  };
  function* write(notes: VideoNotes, losses: Losses): Generator<Raw> {
    leaveOutKinds(notes, ["question"], losses);
    for (const question of questionsOf(notes)) {
      const answer = knownAnswer(question);
      // An empty cell is no value.
      if (isTable && question.text === "") {
        losses.add("empty", notes.source);
        continue;
      }
      if (answer === undefined || (isTable && answer === "")) {
        losses.add("no-answer", `${notes.source}: ${question.text}`);
        continue;
      }
      leaveOutParts(question, { id: true, references: 1, fields: format.columns ?? true }, notes.source, losses);
      yield {
        ...freeFields(question, taken, notes.source, losses),
        [keys.video]: idOf(datasetVideo(notes)),
        ...(question.id === undefined ? {} : { [keys.id]: idOf(question.id) }),
        [keys.question]: question.text,
        [keys.answer]: answer,
      };
    }
  }
  return recordFormat({ ...format, read, write });
}
