import type { Span } from "./answer.js";
import { formatPrecise } from "./clock.js";
import { VqaError } from "./errors.js";

export interface ResolvedScope {
  /** Ascending, disjoint, inside the video; a span of no length is one moment. Never empty. */
  readonly spans: readonly Span[];
  readonly notes: readonly string[];
}

/**
 * What a question may look at: its spans in order, merged where they touch, cut to the video.
 *
 * @param path Only for messages.
 * Errors: `invalid-request` for a span that is no span, `time-out-of-range` for one that begins
 * where the video has already ended.
 */
export function resolveScope(scope: readonly Span[] | undefined, durationMs: number, path: string): ResolvedScope {
  if (!scope || scope.length === 0) return { spans: [{ startMs: 0, endMs: durationMs }], notes: [] };
  const notes: string[] = [];
  const cut = scope.map((span): Span => {
    const { startMs, endMs } = span;
    if (!(Number.isFinite(startMs) && Number.isFinite(endMs) && startMs >= 0 && endMs >= startMs)) {
      throw new VqaError(
        "invalid-request",
        `The time range ${startMs}..${endMs} ms does not run forward from zero or later.`,
        "Write the earlier time first.",
        { data: { path, startMs, endMs } },
      );
    }
    // A moment at the very end is where a player stops: its picture is the last frame.
    const beyond = startMs > durationMs || (startMs === durationMs && endMs > startMs);
    if (beyond) throw outOfRange(path, startMs, durationMs);
    if (endMs <= durationMs) return { startMs, endMs };
    notes.push(`The range to ${formatPrecise(endMs)} was cut at the video's end, ${formatPrecise(durationMs)}.`);
    return { startMs, endMs: durationMs };
  });
  return { spans: merge(cut), notes };
}

function outOfRange(path: string, timeMs: number, durationMs: number): VqaError {
  return new VqaError(
    "time-out-of-range",
    `"${path}" lasts ${formatPrecise(durationMs)}; ${formatPrecise(timeMs)} lies beyond its end.`,
    `Use a time between 00:00 and ${formatPrecise(durationMs)}.`,
    { data: { path, timeMs, durationMs } },
  );
}

function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs)) {
    const last = merged.at(-1);
    if (last && span.startMs <= last.endMs) {
      merged[merged.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, span.endMs) };
    } else merged.push(span);
  }
  return merged;
}
