import type { Cue, HeardWindow } from "../../../engine/ports.js";

/** One step of Whisper's clock. */
const STEP_MS = 20;

/**
 * Tokens of one window as cues, and where the next window begins (arXiv 2212.04356, section 3.8 and
 * 4.5): at the last time when the window ended within a phrase, else at the window's end.
 *
 * @param lengthMs Length of the sound in the window.
 */
export function segmentsOf(said: readonly number[], firstTime: number, text: (ids: readonly number[]) => string, lengthMs: number): HeardWindow {
  const cues: Cue[] = [];
  let settled: number | undefined;
  let start = 0;
  let begun = false;
  let words: number[] = [];
  for (const id of said) {
    if (id < firstTime) {
      words.push(id);
      continue;
    }
    const at = Math.min(lengthMs, (id - firstTime) * STEP_MS);
    if (words.length > 0) {
      push(start, at);
      settled = at;
      begun = false;
    } else begun = true;
    start = at;
  }
  const unfinished = words.length > 0;
  // Without an end of its own the last phrase lasts as long as the sound, if it is all there is.
  if (unfinished && cues.length === 0) {
    push(start, lengthMs);
    return { cues, settledMs: lengthMs };
  }
  const open = unfinished || (begun && cues.length > 0);
  return { cues, settledMs: open && settled !== undefined && settled > 0 ? settled : lengthMs };

  function push(from: number, to: number): void {
    const written = text(words).trim();
    words = [];
    if (written !== "" && to > from) cues.push({ startMs: from, endMs: to, text: written });
  }
}
