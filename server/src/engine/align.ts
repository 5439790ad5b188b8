import type { NotebookCue, Span } from "./answer.js";

/**
 * The cues that belong to a scope: those that are on screen in one of the spans, in the order of
 * their beginnings, lines joined, each distinct text once (MiniGPT4-Video, its code: rolling
 * captions repeat a line two or three times).
 */
export function cuesWithin(cues: readonly NotebookCue[], spans: readonly Span[]): readonly NotebookCue[] {
  const seen = new Set<string>();
  const kept: NotebookCue[] = [];
  for (const cue of [...cues].sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs)) {
    const text = cue.text.replace(/\s+/g, " ").trim();
    if (text === "" || seen.has(text) || !spans.some((span) => onScreen(cue, span))) continue;
    seen.add(text);
    kept.push({ startMs: cue.startMs, endMs: cue.endMs, text });
  }
  return kept;
}

/**
 * The longest beginning of `cues` whose token counts add up to no more than `budget`. As in
 * MiniGPT4-Video the later cues go; its code counts words, not tokens.
 */
export function cuesWithinBudget(
  cues: readonly NotebookCue[],
  budget: number,
  countTokens: (text: string) => number,
): readonly NotebookCue[] {
  let used = 0;
  const end = cues.findIndex((cue) => (used += countTokens(cue.text)) > budget);
  return end < 0 ? cues : cues.slice(0, end);
}

/**
 * Subtitle alignment of MiniGPT4-Video: a sampled frame carries every cue that began since the
 * sampled frame before it. A cue that was already on screen when its span began counts from there,
 * so it goes to the first frame of the span; cues after the last frame go to the last frame, so
 * that the tail of the scope is not lost.
 *
 * @param cues In time order, from {@link cuesWithin}.
 * @param timesMs Ascending, at least one.
 * @returns One list a frame, in time order; every cue in exactly one of them.
 */
export function alignCues(
  cues: readonly NotebookCue[],
  timesMs: readonly number[],
  spans: readonly Span[],
): readonly (readonly NotebookCue[])[] {
  const perFrame: NotebookCue[][] = timesMs.map(() => []);
  for (const cue of cues) {
    const span = spans.find((s) => onScreen(cue, s));
    const from = Math.max(cue.startMs, span?.startMs ?? 0);
    const next = timesMs.findIndex((time) => time >= from);
    perFrame[next < 0 ? timesMs.length - 1 : next]!.push(cue);
  }
  return perFrame;
}

/** Half-open intervals; a moment (no length) is on screen where it lies. */
function onScreen(cue: Span, span: Span): boolean {
  const begins = cue.startMs < span.endMs || cue.startMs === span.startMs;
  const lasts = cue.endMs > span.startMs || cue.startMs === span.startMs;
  return begins && lasts;
}
