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

const TIME = String.raw`(?:\d{1,2}:)?\d{1,2}:\d{2}(?:\.\d{1,3})?`;
const WRITTEN = new RegExp(String.raw`(?:^|\s)(?:(?:from|between|in|at)\s+)?\[?(${TIME})(?:\s*(?:-|\u2013|\.\.)\s*|\s+(?:to|and)\s+)(${TIME})\]?(?=[\s,.?!]|$)`, "i");

export interface RangedQuestion {
  readonly question: string;
  readonly scope: readonly Span[];
}

/**
 * The range in a question of a chat, which is taken out of it: "0:10-0:20 what happens?", "what happens
 * from 0:10 to 0:20?", or "#range" for the one that is selected in the editor. One that ends before it
 * begins is left in the question.
 */
export function rangeInQuestion(prompt: string, selected: readonly Span[] = []): RangedQuestion {
  const without = (part: string): string => prompt.replace(part, " ").replace(/\s+([?.!,])/g, "$1").replace(/\s{2,}/g, " ").trim();
  const named = /(?:^|\s)#range\b/.exec(prompt);
  if (named !== null && selected.length > 0) return { question: without(named[0]), scope: selected };
  const [whole, from, to] = WRITTEN.exec(prompt) ?? [];
  const scope = whole === undefined ? undefined : parseScope(`${from}..${to}`);
  return whole === undefined || scope === undefined ? { question: prompt.trim(), scope: [] } : { question: without(whole), scope };
}
