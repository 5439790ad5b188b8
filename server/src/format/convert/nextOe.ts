/**
 * The open questions of NExT-QA (Xiao et al. 2021): a table with one answer, and for some a further one
 * that is right as well.
 */
import type { DatasetFormat, Raw } from "./format.js";
import { datasetVideo, freeFields, leaveOutKinds, leaveOutParts, questionsOf } from "./leaveOut.js";
import type { Losses } from "./losses.js";
import { recordFormat } from "./recordFormat.js";
import { BARE_QUESTION, type Found, type VideoNotes } from "./records.js";
import { optionalText, rest, text } from "./values.js";

const COLUMNS = ["video", "frame_count", "width", "height", "question", "answer", "qid", "type", "additional_ref_answer"];
const TAKEN = ["video", "question", "answer", "qid", "additional_ref_answer"];

export const NEXT_OE: DatasetFormat = recordFormat({
  name: "next-oe",
  title: "NExT-QA, open-ended",
  shape: "csv",
  columns: COLUMNS,
  recognises: (first) => ["video", "question", "answer", "qid"].every((key) => key in first) && !("a0" in first),
  read(raw): Iterable<Found> {
    const answers = ["answer", "additional_ref_answer"].flatMap((key) => optionalText(raw, key) ?? []);
    return [{ video: text(raw, "video"), record: { ...BARE_QUESTION, id: optionalText(raw, "qid"), text: text(raw, "question"), references: answers.map((said) => ({ author: undefined, text: said })), fields: rest(raw, TAKEN) } }];
  },
  *write(notes: VideoNotes, losses: Losses): Generator<Raw> {
    leaveOutKinds(notes, ["question"], losses);
    for (const question of questionsOf(notes)) {
      const place = `${notes.source}: ${question.text}`;
      const gold = question.choices.find((choice) => choice.gold)?.text;
      const [answer, second] = question.references.length > 0 ? question.references.map((reference) => reference.text) : [gold];
      // An empty cell is no value.
      if (question.text === "") losses.add("empty", notes.source);
      else if (answer === undefined || answer === "") losses.add("no-answer", place);
      else {
        leaveOutParts(question, { id: true, references: second === "" ? 1 : 2, fields: COLUMNS }, notes.source, losses);
        yield {
          ...freeFields(question, TAKEN, notes.source, losses),
          video: datasetVideo(notes),
          question: question.text,
          answer,
          ...(question.id === undefined ? {} : { qid: question.id }),
          ...(second === undefined || second === "" ? {} : { additional_ref_answer: second }),
        };
      }
    }
  },
});
