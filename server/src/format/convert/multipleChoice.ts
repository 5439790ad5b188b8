/** Datasets of multiple choices. */
import type { JsonValue } from "../provenance.js";
import type { Span } from "../time.js";
import { choiceLetter } from "../choices.js";
import type { DatasetFormat, Raw } from "./format.js";
import { choicesOf, datasetVideo, freeFields, leaveOutKinds, leaveOutParts, questionsOf, singleSpan } from "./leaveOut.js";
import type { Losses } from "./losses.js";
import { numberOrText } from "./openEnded.js";
import { recordFormat, type RecordFormat } from "./recordFormat.js";
import { BARE_QUESTION, type ChoiceRecord, type QuestionRecord } from "./records.js";
import { array, BadRecord, index, optionalText, rest, spanOf, text } from "./values.js";

interface ChoiceFormat extends Omit<RecordFormat, "read" | "write"> {
  readonly video: string;
  /** The key of the id; without, the format has none. */
  readonly id?: string;
  readonly question: string;
  /** All other keys that `parts` and `write` deal with. */
  readonly own: readonly string[];
  readonly count: { readonly min: number; readonly max: number };
  readonly idOf?: (value: string) => JsonValue;
  /** The question has a place for one span. */
  readonly scope?: boolean;
  /** Choices, and what else the record holds in its own way. */
  readonly parts: (raw: Raw, place: string, losses: Losses) => Partial<QuestionRecord> & { readonly choices: readonly ChoiceRecord[] };
  readonly write: (texts: readonly string[], gold: number | undefined, span: Span | undefined) => Raw;
}

function multipleChoice(format: ChoiceFormat): DatasetFormat {
  const { video, id, question: key, own, count, columns, parts, write, scope = false, idOf = (value: string) => value } = format;
  const taken = [video, key, ...own, ...(id === undefined ? [] : [id])];
  return recordFormat({
    ...format,
    read: (raw, place, losses) => [
      {
        video: text(raw, video),
        record: { ...BARE_QUESTION, id: id === undefined ? undefined : optionalText(raw, id), text: text(raw, key), fields: rest(raw, taken), ...parts(raw, place, losses) },
      },
    ],
    *write(notes, losses) {
      leaveOutKinds(notes, ["question"], losses);
      for (const question of questionsOf(notes)) {
        const choices = choicesOf(question, count, notes.source, losses);
        if (choices === undefined) continue;
        // An empty cell is no value.
        if (columns !== undefined && [question.text, ...choices.texts].includes("")) {
          losses.add("empty", `${notes.source}: ${question.text}`);
          continue;
        }
        leaveOutParts(question, { id: id !== undefined, scope, choices: true, references: 0, fields: columns ?? true }, notes.source, losses);
        const span = scope ? singleSpan(question.scope, `${notes.source}: ${question.text}`, losses) : undefined;
        yield {
          ...freeFields(question, taken, notes.source, losses),
          [video]: datasetVideo(notes),
          ...(id === undefined || question.id === undefined ? {} : { [id]: idOf(question.id) }),
          [key]: question.text,
          ...write(choices.texts, choices.gold, span),
        };
      }
    },
  });
}

/** Choices in keys of their own, and the number of the right one, if it is known. */
function numbered(raw: Raw, keys: readonly string[], answer: string): readonly ChoiceRecord[] {
  const gold = optionalText(raw, answer) === undefined ? undefined : index(raw, answer, keys.length);
  return keys.map((key, i) => ({ text: text(raw, key), gold: i === gold }));
}

function writeNumbered(texts: readonly string[], keys: readonly string[]): Raw {
  return Object.fromEntries(keys.map((key, i) => [key, texts[i] ?? ""]));
}

const FIVE = { min: 5, max: 5 };
const A0_TO_A4 = ["a0", "a1", "a2", "a3", "a4"];
const A1_TO_A5 = ["a1", "a2", "a3", "a4", "a5"];

/** Xiao et al. 2021, "NExT-QA", multiple choice. `qid` counts within a video. */
export const NEXT_QA: DatasetFormat = multipleChoice({
  name: "next-qa",
  title: "NExT-QA, multiple choice",
  shape: "csv",
  columns: ["video", "frame_count", "width", "height", "question", "answer", "qid", "type", ...A0_TO_A4],
  recognises: (first) => ["video", "question", "qid", ...A0_TO_A4].every((key) => key in first),
  video: "video",
  id: "qid",
  question: "question",
  own: ["answer", ...A0_TO_A4],
  count: FIVE,
  parts: (raw) => ({ choices: numbered(raw, A0_TO_A4, "answer") }),
  write: (texts, gold) => ({ ...(gold === undefined ? {} : { answer: gold }), ...writeNumbered(texts, A0_TO_A4) }),
});

/** Lei et al. 2018, "TVQA": lines of JSON. `ts` is the part of the clip, in seconds: `76.01-84.2`. */
export const TVQA: DatasetFormat = multipleChoice({
  name: "tvqa",
  title: "TVQA",
  shape: "json-lines",
  recognises: (first) => ["vid_name", "q", "qid", ...A0_TO_A4].every((key) => key in first),
  video: "vid_name",
  id: "qid",
  question: "q",
  own: ["answer_idx", "ts", ...A0_TO_A4],
  count: FIVE,
  idOf: numberOrText,
  scope: true,
  parts: (raw, place, losses) => ({ choices: numbered(raw, A0_TO_A4, "answer_idx"), scope: tvqaScope(raw["ts"], place, losses) }),
  write: (texts, gold, span) => ({
    ...(gold === undefined ? {} : { answer_idx: gold }),
    // As the dataset writes that it does not know.
    ts: span === undefined ? "NaN-NaN" : `${span.startMs / 1000}-${span.endMs / 1000}`,
    ...writeNumbered(texts, A0_TO_A4),
  }),
});

function tvqaScope(ts: JsonValue | undefined, place: string, losses: Losses): readonly Span[] {
  if (ts === undefined || (typeof ts === "string" && /nan/i.test(ts))) return [];
  // TVQA+ has them as two numbers.
  const [start, end] = Array.isArray(ts) ? (ts as readonly JsonValue[]) : String(ts).split("-");
  const span = spanOf(start, end, place, losses);
  return span === undefined ? [] : [span];
}

/** The repetition and transition questions of Jang et al. 2017, "TGIF-QA". */
export const TGIF_QA_CHOICE: DatasetFormat = multipleChoice({
  name: "tgif-qa-choice",
  title: "TGIF-QA, action and transition",
  shape: "tsv",
  columns: ["gif_name", "question", ...A1_TO_A5, "answer", "vid_id", "key"],
  recognises: (first) => ["gif_name", "question", ...A1_TO_A5].every((key) => key in first),
  video: "gif_name",
  id: "vid_id",
  question: "question",
  own: ["answer", ...A1_TO_A5],
  count: FIVE,
  parts: (raw) => ({ choices: numbered(raw, A1_TO_A5, "answer") }),
  write: (texts, gold) => ({ ...(gold === undefined ? {} : { answer: gold }), ...writeNumbered(texts, A1_TO_A5) }),
});

/** Li et al. 2024, "MVBench": `start` and `end`, in seconds, where a question is about a part. */
export const MVBENCH: DatasetFormat = multipleChoice({
  name: "mvbench",
  title: "MVBench",
  shape: "json-array",
  recognises: (first) => ["video", "question", "candidates", "answer"].every((key) => key in first),
  video: "video",
  question: "question",
  own: ["candidates", "answer", "start", "end"],
  count: { min: 1, max: Infinity },
  scope: true,
  parts(raw, place, losses) {
    const texts = array(raw, "candidates").map(String);
    const answer = optionalText(raw, "answer");
    const gold = answer === undefined ? -1 : texts.indexOf(answer);
    if (answer !== undefined && gold === -1) throw new BadRecord(`its answer, ${answer}, is none of its candidates`);
    const span = raw["start"] === undefined && raw["end"] === undefined ? undefined : spanOf(raw["start"], raw["end"], place, losses);
    return { choices: texts.map((choice, i) => ({ text: choice, gold: i === gold })), scope: span === undefined ? [] : [span] };
  },
  write: (texts, gold, span) => ({
    candidates: texts,
    ...(gold === undefined ? {} : { answer: texts[gold] as string }),
    ...(span === undefined ? {} : { start: span.startMs / 1000, end: span.endMs / 1000 }),
  }),
});

/** Fu et al. 2024, "Video-MME". The files are called as `videoID`; the answer is a letter. */
export const VIDEO_MME: DatasetFormat = multipleChoice({
  name: "video-mme",
  title: "Video-MME",
  shape: "json-array",
  recognises: (first) => ["videoID", "question", "options"].every((key) => key in first),
  video: "videoID",
  id: "question_id",
  question: "question",
  own: ["options", "answer"],
  count: { min: 1, max: 26 },
  parts(raw) {
    const options = array(raw, "options").map(String);
    const letters = options.map((_, i) => choiceLetter(i));
    const answer = optionalText(raw, "answer");
    const gold = answer === undefined ? -1 : letters.indexOf(answer.trim());
    if (answer !== undefined && gold === -1) throw new BadRecord(`its answer, ${answer}, is the letter of no option`);
    // The letter is how an option is shown, not what it says.
    return { choices: options.map((option, i) => ({ text: option.startsWith(`${letters[i]}. `) ? option.slice(3) : option, gold: i === gold })) };
  },
  write: (texts, gold) => ({ options: texts.map((choice, i) => `${choiceLetter(i)}. ${choice}`), ...(gold === undefined ? {} : { answer: choiceLetter(gold) }) }),
});

