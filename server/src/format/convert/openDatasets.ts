/** Datasets of open questions whose records differ in little but the names of their keys. */
import type { DatasetFormat, Raw } from "./format.js";
import { datasetVideo, freeFields, knownAnswer, leaveOutKinds, leaveOutParts, questionsOf } from "./leaveOut.js";
import type { Losses } from "./losses.js";
import { numberOrText, openEnded } from "./openEnded.js";
import { recordFormat } from "./recordFormat.js";
import { BARE_QUESTION, type Found, type VideoNotes } from "./records.js";
import { optionalText, rest, text } from "./values.js";

const MS_KEYS = { video: "video_id", id: "id", question: "question", answer: "answer" };
const isMs = (first: Raw): boolean => ["video_id", "id", "question", "answer"].every((key) => key in first);

/** Xu et al. 2017, "Video question answering via gradually refined attention": both datasets. */
export const MSVD_QA: DatasetFormat = openEnded({ name: "msvd-qa", title: "MSVD-QA", shape: "json-array", recognises: (first) => isMs(first) && !("category_id" in first) }, MS_KEYS, numberOrText);

/** Its published files have a category, yet are passed on without. */
export const MSRVTT_QA: DatasetFormat = openEnded({ name: "msrvtt-qa", title: "MSRVTT-QA", shape: "json-array", recognises: isMs }, MS_KEYS, numberOrText);

/** The generic and the temporal questions of Maaz et al. 2023, "Video-ChatGPT". */
export const VIDEO_CHATGPT: DatasetFormat = openEnded(
  { name: "video-chatgpt", title: "Video-ChatGPT, generic and temporal", shape: "json-array", recognises: (first) => "video_name" in first && "Q" in first && "A" in first },
  { video: "video_name", id: "id", question: "Q", answer: "A" },
);

/** Questions on one frame, and those that count, of Jang et al. 2017, "TGIF-QA". */
export const TGIF_QA: DatasetFormat = openEnded(
  {
    name: "tgif-qa",
    title: "TGIF-QA, frame and count",
    shape: "tsv",
    recognises: (first) => "gif_name" in first && "answer" in first && !("a1" in first),
    columns: ["gif_name", "question", "answer", "type", "vid_id", "key"],
  },
  { video: "gif_name", id: "vid_id", question: "question", answer: "answer" },
);

const PAIR = ["video_name", "Q1", "Q2", "A"];

/**
 * The consistency questions of Video-ChatGPT: two wordings, one answer. In a notebook they are two
 * questions, one below the other, whose field `consistency` is 1 and 2.
 */
export const VIDEO_CHATGPT_CONSISTENCY: DatasetFormat = recordFormat({
  name: "video-chatgpt-consistency",
  title: "Video-ChatGPT, consistency",
  shape: "json-array",
  recognises: (first) => PAIR.every((key) => key in first),
  read(raw): Iterable<Found> {
    const video = text(raw, "video_name");
    const answer = optionalText(raw, "A");
    const both = { ...BARE_QUESTION, references: answer === undefined ? [] : [{ author: undefined, text: answer }] };
    return [
      { video, record: { ...both, text: text(raw, "Q1"), fields: { ...rest(raw, [...PAIR, "consistency"]), consistency: 1 } } },
      { video, record: { ...both, text: text(raw, "Q2"), fields: { consistency: 2 } } },
    ];
  },
  *write(notes: VideoNotes, losses: Losses): Generator<Raw> {
    leaveOutKinds(notes, ["question"], losses);
    const questions = questionsOf(notes);
    for (let i = 0; i < questions.length; i++) {
      const [one, two] = [questions[i], questions[i + 1]];
      if (one === undefined) break;
      const answer = knownAnswer(one);
      if (two === undefined || answer === undefined || one.fields["consistency"] !== 1 || two.fields["consistency"] !== 2 || knownAnswer(two) !== answer) {
        losses.add("not-pair", `${notes.source}: ${one.text}`);
        continue;
      }
      i++;
      leaveOutParts(one, { references: 1, fields: true }, notes.source, losses);
      leaveOutParts(two, { references: 1, fields: ["consistency"] }, notes.source, losses);
      const { consistency: _, ...fields } = one.fields;
      yield { ...freeFields({ ...one, fields }, PAIR, notes.source, losses), video_name: datasetVideo(notes), Q1: one.text, Q2: two.text, A: answer };
    }
  },
});
