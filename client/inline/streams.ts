/** Answers on their way into a text: which question is where, and what of it has come. A pure reducer. */
import { parse, readNotebook } from "../../server/src/format/index.js";
import type { RunPartial } from "../../server/src/protocol/asking.js";
import type { Progress } from "../../server/src/protocol/values.js";

export interface Stream {
  readonly question: number;
  readonly text: string;
  readonly progress?: Progress;
  /** Failed, or kept as it was: nothing more comes. */
  readonly over: boolean;
}

export type Streams = readonly Stream[];

/** What has come, in the order in which the questions began. */
export function reduceStreams(streams: Streams, partial: RunPartial): Streams {
  const change = (question: number, how: (stream: Stream) => Stream): Streams => streams.map((stream) => (stream.question === question ? how(stream) : stream));
  switch (partial.kind) {
    case "started":
      return streams.some(({ question }) => question === partial.question) ? streams : [...streams, { question: partial.question, text: "", over: false }];
    case "progress":
      return change(partial.question, (stream) => (stream.text === "" ? { ...stream, progress: partial.progress } : stream));
    case "text":
      return change(partial.question, ({ progress: _, ...stream }) => ({ ...stream, text: stream.text + partial.text }));
    case "finished":
      return change(partial.result.question, ({ progress: _, ...stream }) => ({ ...stream, text: partial.result.answer?.text ?? "", over: partial.result.answer === undefined }));
  }
}

/** More than this does not fit behind a line. */
const SHOWN = 160;

/** The words for the end of a line: the newest ones. Undefined when there is nothing to show. */
export function shownText({ text, progress, over }: Stream, stage: (progress: Progress) => string): string | undefined {
  if (over) return undefined;
  const words = text.replace(/\s+/g, " ").trim();
  if (words === "") return progress === undefined ? "…" : `${stage(progress)} …`;
  return words.length <= SHOWN ? words : `… ${words.slice(words.length - SHOWN)}`;
}

/** Offsets of the ends of the questions' first lines, by number, from 0. */
export function questionEnds(text: string): readonly number[] {
  return readNotebook(parse(text)).questions.map(({ block }) => {
    const length = block.raw.search(/[\r\n]/);
    return block.start + (length === -1 ? block.raw.length : length);
  });
}
