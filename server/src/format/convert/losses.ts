/** What a conversion could not carry over: counted by kind, with the first places, never kept quiet. */

/** Every kind of loss, in the words that people read. */
export const LOSSES = {
  "bad-record": "record that cannot be read",
  "bad-scope": "time that cannot be read",
  "sub-millisecond": "time finer than a millisecond, rounded",
  blanks: "text with blanks at its ends, or characters that UTF-8 has no place for",
  "line-break": "line break where only one line can be, made a blank",
  id: "id in a form that cannot be kept",
  author: "name of who answered",
  scope: "part of the video that a question is about",
  choices: "choices of a question",
  empty: "question without words",
  "no-answer": "question without a known answer",
  "not-choices": "question that is not a multiple choice of the kind wanted",
  "several-gold": "question with several right choices, where one can be",
  "further-answers": "further answer of a person",
  "model-answers": "answer of a model",
  provenance: "answer of a model without whole provenance",
  fields: "value of a dataset",
  header: "line of the header",
  cues: "subtitle",
  "cue-id": "id of a subtitle",
  "cue-settings": "position of a subtitle",
  "cue-time": "subtitle that does not end after it begins",
  "cue-empty": "subtitle without words",
  "blank-lines": "blank line inside a text, removed",
  layers: "subtitle that stands there twice, on several layers, kept once",
  pictures: "drawing or picture in subtitles",
  voice: "speaker tag, written as a name before the words",
  styling: "styling of a subtitle's words",
  escape: "text that looks like styling or times, written in another way",
  styles: "style or region of subtitles, which some readers stumble over",
  questions: "question",
  segments: "caption of a part of the video",
  "scope-parts": "further part of the video, where the format holds one",
  headings: "heading",
  notes: "note",
  "unused-runs": "record of a run without an answer",
  unreadable: "lines that are not understood",
  unpaired: "answer without its question",
  "not-pair": "question that is not one of two wordings with one answer",
  "second-question": "further question about a video, where the format holds one",
  "second-notebook": "further notebook of a video, where the format holds one",
  "missing-duration": "length of the video, which is not known",
  duplicate: "answer given twice, of which the first is kept",
  "not-one-video": "notebook of a further video, where the format holds one",
} as const;

export type LossCode = keyof typeof LOSSES;

export interface Loss {
  readonly code: LossCode;
  readonly what: string;
  readonly count: number;
  /** The first few places. */
  readonly examples: readonly string[];
}

const EXAMPLES = 3;
const EXAMPLE_LENGTH = 120;

export class Losses {
  readonly #byCode = new Map<LossCode, { count: number; examples: string[] }>();

  add(code: LossCode, example: string, count = 1): void {
    const known = this.#byCode.get(code);
    const entry = known ?? { count: 0, examples: [] };
    if (known === undefined) this.#byCode.set(code, entry);
    entry.count += count;
    if (entry.examples.length < EXAMPLES) entry.examples.push(example.length > EXAMPLE_LENGTH ? `${example.slice(0, EXAMPLE_LENGTH)}…` : example);
  }

  has(code: LossCode): boolean {
    return this.#byCode.has(code);
  }

  /** In the order in which the kinds were met. */
  list(): readonly Loss[] {
    return [...this.#byCode].map(([code, { count, examples }]) => ({ code, what: LOSSES[code], count, examples }));
  }
}
