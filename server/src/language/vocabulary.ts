/** The words of the format, for completion and hover: what may stand in a header and at the start of a line. */
import { CONTEXTS } from "../format/index.js";

export interface HeaderKey {
  readonly key: string;
  /** What it does, one or two sentences of Markdown. */
  readonly help: string;
  /** Values to choose from; paths and models are looked up elsewhere. */
  readonly values: readonly string[];
  /** May stand on several lines. */
  readonly repeats?: boolean;
}

export const HEADER_KEYS: readonly HeaderKey[] = [
  { key: "video", help: "The video that the questions are about: a path relative to this file.", values: [], repeats: true },
  { key: "model", help: "The model that answers: `micro`, which comes with the program, or the folder of a model pack.", values: [] },
  {
    key: "composer",
    help: "Which system of the model answers, that is how frames become tokens: `minigpt4-video`, `video-llama`, `red-villm`, `longvlm`, or a baseline. The model's default when it is absent.",
    values: ["minigpt4-video", "video-llama", "red-villm", "longvlm", "llava-onevision", "mean-pool", "frame-resize"],
  },
  { key: "audio", help: "`off`: the model hears nothing. `auto`: it hears the video's sound where its system has ears and the video a sound track.", values: ["auto", "off"] },
  { key: "speech", help: "`off`: a video without subtitles is not listened to. `auto`: what is said in it is written down first, where the model has a speech recogniser.", values: ["auto", "off"] },
  {
    key: "sampling",
    help: "Which frames the model sees. `uniform 16`: so many, evenly spread over the scope of a question. `segment 4`: so many of each part of the scope. `scenes 16`: so many, spread over the scenes. `fps 1 max 32`: one a second, 32 at most. With ` keyframe` behind it, the key pictures before those times: quicker.",
    values: ["uniform 4", "uniform 8", "uniform 16", "uniform 32", "segment 4", "scenes 16", "fps 1", "fps 1 max 32"],
  },
  {
    key: "long",
    help: "How questions about a video are answered that the frames cannot cover. `auto`: from the clips that a question is about, and about the whole from the summaries of all. `clips`, `summaries`: always so. `off`: from frames spread over all of it.",
    values: ["auto", "clips", "summaries", "off"],
  },
  { key: "context", help: "`subtitles`: what is said around the frames goes into the prompt. `none`: the model sees frames only.", values: CONTEXTS },
  { key: "temperature", help: "How much chance there is in the choice of words, from 0 to 10. At 0 the same question gets the same answer.", values: ["0"] },
  { key: "seed", help: "Where chance starts, a whole number. It matters only when the temperature is not 0.", values: ["42"] },
  { key: "max-tokens", help: "How long an answer may get, in tokens of the model.", values: ["64", "256"] },
  { key: "repetition-penalty", help: "Above 1, words that were said become less likely; 1 does nothing.", values: ["1", "1.1"] },
];

export interface Starter {
  readonly label: string;
  readonly detail: string;
  /** With `${1:…}` places to fill in; `{time}` and `{id}` are put in before. Makes sense with all other places empty. */
  readonly snippet: string;
}

/** What a line at the margin can begin. */
export const STARTERS: readonly Starter[] = [
  { label: "Q", detail: "Question", snippet: "Q {id}: ${1:question}" },
  { label: "Q choices", detail: "Multiple choice; mark the right one with [x]", snippet: "Q {id}: ${1:question}\n  - [${2| ,x|}] ${3:choice}\n  - [${4| ,x|}] ${5:choice}" },
  { label: "@", detail: "Segment: the scope of the questions below it", snippet: "@ ${1:{time}}..${2:{time}} ${3:label}" },
  { label: "A", detail: "A person's answer to the question above", snippet: "A${1: author}: ${2:answer}" },
  { label: "NOTE", detail: "A remark", snippet: "NOTE ${1:text}" },
  { label: "#", detail: "Heading: ends the scope of the segment above", snippet: "# ${1:heading}" },
  { label: "-->", detail: "Subtitle", snippet: "${1:{time}} --> ${2:{time}}\n${3:text}" },
];
