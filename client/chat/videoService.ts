/** What the panel, the participant and the tools ask of a video, in one place. Nothing of the editor is in here. */
import { parseTime, type Span } from "../../server/src/format/index.js";
import type { AskParams, AskPartial } from "../../server/src/protocol/asking.js";
import type { FramesParams, FramesResult } from "../../server/src/protocol/media.js";
import type { Answer, Progress } from "../../server/src/protocol/values.js";
import { captionQuestion, whenQuestion } from "./questions.js";

/** What is needed of the server; `T` is the editor's cancellation token. */
export interface Asked<T> {
  ask(params: AskParams, onPartial: (partial: AskPartial) => void, token: T): Promise<Answer>;
  frames(params: FramesParams): Promise<FramesResult>;
}

export interface Question {
  /** A file: URI or an absolute path. */
  readonly video: string;
  readonly question: string;
  /** Empty for all of the video. */
  readonly scope: readonly Span[];
}

/** What the open notebook about a video has a say in: its header and cues, and the model of its kernel. */
export type Setting = Pick<AskParams, "under" | "model">;

export interface Listener {
  readonly onText?: (text: string) => void;
  readonly onProgress?: (progress: Progress) => void;
}

/** When something is seen first, with the answer that says so. No time when the model named none. */
export interface Found {
  readonly timeMs: number | undefined;
  readonly answer: Answer;
}

/** In pixels of the picture: sharp enough on a screen of twice the density. */
const PICTURE_WIDTH = 192;
const MAX_PICTURES = 128;

/** Errors of all methods: those of the messages `vqa/ask` and `vqa/frames`. */
export class VideoService<T> {
  /** @param settingOf that of the notebook about the video; empty without one */
  constructor(private readonly server: Asked<T>, private readonly settingOf: (video: string) => Setting = () => ({})) {}

  /** @param evidence also find out what counted in the answer, which takes a while */
  ask({ video, question, scope, evidence }: Question & { readonly evidence?: true }, { onText, onProgress }: Listener, token: T): Promise<Answer> {
    // Models begin a word with the blank before it.
    let begun = false;
    return this.server.ask(
      { request: { video, question, ...(scope.length === 0 ? {} : { scope }), ...(evidence === undefined ? {} : { evidence }) }, ...this.settingOf(video) },
      (partial) => {
        if (partial.kind === "progress") return onProgress?.(partial.progress);
        const text = begun ? partial.text : partial.text.trimStart();
        begun ||= text !== "";
        if (text !== "") onText?.(text);
      },
      token,
    );
  }

  caption(video: string, scope: readonly Span[], listener: Listener, token: T): Promise<Answer> {
    return this.ask({ video, question: captionQuestion(), scope }, listener, token);
  }

  async find(video: string, what: string, scope: readonly Span[], token: T): Promise<Found> {
    const answer = await this.ask({ video, question: whenQuestion(what), scope }, {}, token);
    return { timeMs: timeIn(answer.text), answer };
  }

  async pictures(video: string, timesMs: readonly number[]): Promise<FramesResult["pictures"]> {
    return (await this.server.frames({ video, timesMs: timesMs.slice(0, MAX_PICTURES), width: PICTURE_WIDTH })).pictures;
  }
}

/** The first time that a text names, in milliseconds. */
export function timeIn(text: string): number | undefined {
  const written = /(?<![\d:.])(?:\d{1,2}:)?\d{1,2}:\d{2}(?:\.\d{1,3})?(?![\d:])/.exec(text)?.[0];
  return written === undefined ? undefined : parseTime(written);
}
