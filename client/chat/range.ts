import { formatTime, parseScope, type Span } from "../../server/src/format/index.js";

/** The parts of a video that a person wrote; empty for all of it, undefined when it cannot be read. */
export function readRange(written: string): readonly Span[] | undefined {
  const text = written.trim();
  return text === "" ? [] : parseScope(text);
}

/** As people write it: without hours and milliseconds where there are none. */
export function shortTime(ms: number): string {
  return formatTime(ms)
    .replace(/^00:/, "")
    .replace(/\.000$/, "");
}

export function shortRange(spans: readonly Span[]): string {
  return spans.map(({ startMs, endMs }) => (startMs === endMs ? shortTime(startMs) : `${shortTime(startMs)}..${shortTime(endMs)}`)).join(", ");
}
