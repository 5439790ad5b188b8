/**
 * Sound of any length through a recogniser that hears one window at a time. Windows begin where
 * there is something to hear, and each one begins where the one before it has settled (Whisper,
 * arXiv 2212.04356, section 3.8 and 4.5), so that no word is cut in two.
 */
import type { Span } from "../../engine/answer.js";
import { throwIfAborted } from "../../engine/errors.js";
import type { AudioSource, Cue, SpeechEvents, SpeechRecogniser, VideoPath } from "../../engine/ports.js";
import { activity } from "./activity.js";

/** Sound is decoded in pieces of this length, so that memory does not grow with the film. */
const PIECE_MS = 5 * 60_000;
const PER_MS = 16;
/** A window that settles less than this would hardly come forward. */
const LEAST_STEP_MS = 100;

export interface Heard {
  readonly cues: readonly Cue[];
  readonly language?: string;
  /** The file has a sound track. */
  readonly sound: boolean;
  /** Something in it was loud enough to listen to. */
  readonly loud: boolean;
}

/** `spans` ascending and disjoint. Errors: those of the source and of the recogniser, cancelled. */
export async function listen(
  path: VideoPath,
  spans: readonly Span[],
  { audio, recogniser, languages }: { readonly audio: AudioSource; readonly recogniser: SpeechRecogniser; readonly languages: readonly string[] },
  events: SpeechEvents = {},
  signal?: AbortSignal,
): Promise<Heard> {
  const total = spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  const cues: Cue[] = [];
  let done = 0;
  let loud = false;
  let language: string | undefined;

  /** Words of one window at `fromMs` of the video; returns how far it is settled. */
  const hear = async (samples: Float32Array, fromMs: number, sounding: (span: Span) => boolean): Promise<number> => {
    const heard = await recogniser.hear(samples, languages, signal);
    throwIfAborted(signal);
    language ??= heard.language;
    const found = heard.cues
      .filter((cue) => cue.text.trim() !== "" && sounding(cue))
      .map(({ startMs, endMs, text }) => ({ startMs: startMs + fromMs, endMs: endMs + fromMs, text: text.trim() }));
    cues.push(...found);
    if (found.length > 0) events.onCues?.(found);
    return heard.settledMs;
  };

  for (const span of spans) {
    for (let at = span.startMs; at < span.endMs; ) {
      const pieceEnd = Math.min(span.endMs, at + PIECE_MS);
      const piece = await audio.pcm16k(path, at, pieceEnd, signal);
      throwIfAborted(signal);
      if (piece === undefined) return { cues, sound: false, loud: false };
      const active = activity(piece);
      loud ||= active.length > 0;
      // The last window of a piece waits for the next piece, unless there is none.
      const until = pieceEnd === span.endMs ? pieceEnd - at : pieceEnd - at - recogniser.windowMs;
      let from = 0;
      for (;;) {
        const next = active.find(({ endMs }) => endMs > from);
        if (next === undefined || Math.max(from, next.startMs) >= until) break;
        from = Math.max(from, next.startMs);
        events.onFraction?.((done + from) / total);
        const window = piece.slice(Math.round(from * PER_MS), Math.round((from + recogniser.windowMs) * PER_MS));
        const start = from;
        const sounding = (cue: Span): boolean => active.some((a) => a.startMs < cue.endMs + start && a.endMs > cue.startMs + start);
        from += Math.max(LEAST_STEP_MS, await hear(window, at + from, sounding));
      }
      const advanced = pieceEnd === span.endMs ? pieceEnd - at : Math.max(from, until);
      done += advanced;
      at += advanced;
    }
  }
  events.onFraction?.(1);
  return { cues, sound: true, loud, ...(language === undefined ? {} : { language }) };
}
