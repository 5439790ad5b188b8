/** Times as people write them, for quick fixes: the parser itself takes only what the grammar says. */
import { formatScope, formatTime, type Span } from "../format/index.js";

/**
 * Milliseconds of `1:2:3,5`, `5:70`, `90s`, `1m30s`, `00:00:05.1234`; undefined for what could mean
 * several things, such as a lone number.
 */
function lenientTime(text: string): number | undefined {
  const units = /^(?:(\d{1,4})h)? ?(?:(\d{1,4})m(?:in)?)? ?(?:(\d{1,6}(?:[.,]\d{1,6})?)s(?:ec)?)?$/.exec(text.trim());
  if (units !== null && units.slice(1).some((part) => part !== undefined)) return ms(units[1], units[2], units[3]);
  const clock = /^(?:(\d{1,4}):)?(\d{1,4}):(\d{1,4}(?:[.,]\d{1,9})?)$/.exec(text.trim());
  return clock === null ? undefined : ms(clock[1], clock[2], clock[3]);
}

/** A scope of such times, as it is written; also with `-`, `–`, `to` or `-->` between, and the earlier time first. */
export function lenientScope(text: string): string | undefined {
  const spans: Span[] = [];
  // A comma followed by digits alone is a fraction; before a time it separates.
  for (const part of text.split(/,(?=\s*\d+:)|;/)) {
    const ends = part.split(/\s*(?:\.{2,}|-->|–|—|-|\bto\b)\s*/).map(lenientTime);
    const [from, to = from] = ends;
    if (from === undefined || to === undefined || ends.length > 2 || ends.includes(undefined)) return undefined;
    spans.push({ startMs: Math.min(from, to), endMs: Math.max(from, to) });
  }
  return formatScope(spans);
}

/** The timing line of a cue, put right; what follows the times stays. */
export function lenientTiming(line: string): string | undefined {
  const [, indent = "", from = "", to = "", rest = ""] = /^([ \t]*)(\d\S*)[ \t]*-->[ \t]*(\d\S*)(.*)$/s.exec(line) ?? [];
  const times = [lenientTime(from), lenientTime(to)];
  const [start, end] = times;
  if (start === undefined || end === undefined) return undefined;
  return `${indent}${formatTime(Math.min(start, end))} --> ${formatTime(Math.max(start, end))}${rest}`;
}

function ms(hours = "0", minutes = "0", seconds = "0"): number {
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(",", "."))) * 1000);
}
