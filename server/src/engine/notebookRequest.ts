import { CONTEXTS, type Notebook, type Question, type Sampling } from "../format/index.js";
import { LONG_WAYS, type AskRequest } from "./answer.js";
import { VqaError } from "./errors.js";

/** What holds for all questions of a notebook. */
export type NotebookSettings = Pick<AskRequest, "frames" | "strategy" | "rate" | "frameMode" | "subtitles" | "audio" | "speech" | "composer" | "long" | "decode">;

/** The header's video, as written. Error: `notebook-unreadable` when there is none or more than one. */
export function videoOf(notebook: Notebook, name: string): string {
  const [video, ...more] = notebook.header.videos;
  if (video === undefined) {
    throw unreadable(`"${name}" names no video.`, 'Add a line "video: path/to/clip.mp4" to its header.');
  }
  if (more.length > 0) {
    throw unreadable(`"${name}" names ${more.length + 1} videos.`, "Leave one video: line, and make a notebook for each of the others.");
  }
  return video;
}

/**
 * Header keys: `sampling: uniform 16`, `fps 1 max 32`, `scenes 16 keyframe`, `context: subtitles` or `none`,
 * `composer: longvlm`, `audio: off`, `speech: off`, `long: clips`, `temperature`, `seed`, `max-tokens`, `repetition-penalty`. What `asked` gives wins over them.
 *
 * Error: `notebook-unreadable` for a value that cannot be read, rather than a silent default.
 */
export function settingsOf({ header }: Notebook, name: string, asked: NotebookSettings = {}): NotebookSettings {
  const bad = (key: string, wanted: string): VqaError =>
    unreadable(`"${name}" says "${key}: ${header.get(key)}".`, `Write ${wanted}.`);
  const number = (key: string): number | undefined => {
    const written = header.get(key);
    if (written === undefined) return undefined;
    const value = Number(written);
    if (!Number.isFinite(value)) throw bad(key, "a number");
    return value;
  };
  const { sampling } = header;
  if (sampling === undefined && header.get("sampling") !== undefined) throw bad("sampling", '"uniform 16", "segment 4", "scenes 16" or "fps 1 max 32", with " keyframe" behind it or without');
  const context = header.get("context");
  if (context !== undefined && !CONTEXTS.some((known) => known === context)) throw bad("context", CONTEXTS.join(" or "));
  const switchOf = (key: "audio" | "speech"): "auto" | "off" | undefined => {
    const written = header.get(key);
    if (written === undefined || written === "auto" || written === "off") return written;
    throw bad(key, "auto or off");
  };
  const [audio, speech] = [switchOf("audio"), switchOf("speech")];
  const written = header.get("long");
  const long = LONG_WAYS.find((way) => way === written);
  if (written !== undefined && long === undefined) throw bad("long", LONG_WAYS.join(" or "));
  const composer = asked.composer ?? header.get("composer");
  if (composer === "") throw bad("composer", 'the name of one of the model\'s systems, such as "longvlm"');
  const decode = given({
    temperature: number("temperature"),
    seed: number("seed"),
    maxTokens: number("max-tokens"),
    repetitionPenalty: number("repetition-penalty"),
    ...asked.decode,
  });
  return given({
    ...samplingOf(asked, sampling),
    subtitles: asked.subtitles ?? (context === "none" ? ("off" as const) : ("auto" as const)),
    audio: asked.audio ?? audio,
    speech: asked.speech ?? speech,
    composer,
    long: asked.long ?? long,
    decode,
  });
}

/** Whoever asks for another way of sampling, which names the mode, means all of it. */
function samplingOf(asked: NotebookSettings, written: Sampling | undefined): Pick<NotebookSettings, "frames" | "strategy" | "rate" | "frameMode"> {
  const { frames, strategy, rate, frameMode } = asked;
  if (strategy !== undefined || frameMode !== undefined) return given({ frames, strategy, rate, frameMode });
  return { ...samplingRequest(written), ...given({ frames }) };
}

/** `uniform` in a header only says how many: systems spread them by the rule that they were trained with. */
export function samplingRequest(written: Sampling | undefined): Pick<AskRequest, "frames" | "strategy" | "rate" | "frameMode"> {
  if (written === undefined) return {};
  const { strategy, frames, rate, mode } = written;
  return given({ frames, frameMode: mode, rate, strategy: strategy === "uniform" ? undefined : strategy });
}

/** The request that a question of the notebook stands for. Error: `invalid-request` when it cannot be asked as it stands. */
export function requestFor(notebook: Notebook, question: Question, video: string, settings: NotebookSettings): AskRequest {
  if (question.obstacle !== undefined) {
    throw new VqaError("invalid-request", `Question ${question.id} cannot be asked: ${question.obstacle}`, "Correct it in the notebook.", {
      data: { line: question.block.line },
    });
  }
  return {
    ...settings,
    video,
    question: question.text,
    ...(question.choices.length > 0 ? { choices: question.choices.map((choice) => choice.text) } : {}),
    ...(question.scope.spans.length > 0 ? { scope: question.scope.spans } : {}),
    ...cuesOf(notebook),
  };
}

/** The cues that are written in the notebook, for a request. */
export function cuesOf({ cues }: Notebook): Pick<AskRequest, "cues"> {
  return cues.length > 0 ? { cues: cues.map(({ startMs, endMs, text }) => ({ startMs, endMs, text })) } : {};
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}

function unreadable(message: string, next: string): VqaError {
  return new VqaError("notebook-unreadable", message, next);
}
