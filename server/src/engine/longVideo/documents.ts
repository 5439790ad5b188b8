import type { NotebookCue, Span } from "../answer.js";

/** A text that a question may be near to. */
export interface ClipDocument extends Span {
  /** Index of its clip. */
  readonly clip: number;
  readonly kind: "summary" | "cue";
  /** As the model said it or as it was written: no script and no mark is taken out. (Goldfish's code keeps ASCII letters and digits only.) */
  readonly text: string;
}

/** Cues that follow one another sooner belong together until a sentence ends. */
const PAUSE_MS = 2000;
/** Sentence embedders read some hundred tokens, and what is longer is about several things. */
const LONGEST = 240;
const SENTENCE_END = /[.!?…。！？।؟۔]["'”’)\]]*$/u;
const SENTENCES = /(?<=[.!?…]["'”’)\]]*)\s+|(?<=[。！？।؟۔]["'”’)\]]*)\s*/u;

/**
 * A clip's summary as documents: its sentences, parted further at the marks in `events`. Several things
 * happen in a clip, and the vector of all of them is near to none. (Goldfish embeds a summary whole.)
 */
export function summaryDocuments(summary: string, clip: number, span: Span, events: readonly string[]): readonly ClipDocument[] {
  let parts = summary.split(SENTENCES);
  for (const mark of events) parts = parts.flatMap((part) => part.split(mark));
  const texts = new Set(parts.map((part) => part.trim()).filter((part) => part !== ""));
  return [...texts].map((text) => ({ clip, kind: "summary", text, startMs: span.startMs, endMs: span.endMs }));
}

/**
 * Subtitles as documents apart from the summaries (Goldfish, section 3.2): cues are put together to whole
 * sentences, and each belongs to the clip in which it begins, by its exact time. (Goldfish's code counts
 * frames of a rate that is cut to a whole number, so at 29.97 its subtitles run ahead of the clips by 3 %.)
 *
 * @param cues In time order.
 * @param clips Ascending; they may have gaps. Cues that begin in none of them go to the next one, or the last.
 */
export function cueDocuments(cues: readonly NotebookCue[], clips: readonly Span[]): readonly ClipDocument[] {
  const documents: ClipDocument[] = [];
  let open: ClipDocument | undefined;
  const close = (): void => {
    if (open) documents.push(open);
    open = undefined;
  };
  let clip = 0;
  let last: NotebookCue | undefined;
  for (const cue of cues) {
    const { startMs, endMs, text } = cue;
    while (clip < clips.length - 1 && startMs >= clips[clip]!.endMs) clip++;
    const line = text.replace(/\s+/g, " ").trim();
    // Captions that roll up say a line again as it moves; what is said again later is another mention.
    const again = last?.text === text && startMs - last.endMs <= PAUSE_MS;
    last = cue;
    if (line === "" || again) continue;
    if (open && (open.clip !== clip || startMs - open.endMs > PAUSE_MS || open.text.length + line.length > LONGEST)) close();
    open = open ? { ...open, endMs: Math.max(open.endMs, endMs), text: `${open.text} ${line}` } : { clip, kind: "cue", startMs, endMs, text: line };
    if (SENTENCE_END.test(line)) close();
  }
  close();
  return documents;
}
