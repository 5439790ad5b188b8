/** Values of foreign records, checked one by one. */
import type { JsonValue } from "../provenance.js";
import type { Span } from "../time.js";
import type { Raw } from "./format.js";
import type { Losses } from "./losses.js";
import type { Fields } from "./records.js";

/** A record that lacks what its format demands; it is counted, and the next one is read. */
export class BadRecord extends Error {}

export function isRaw(value: JsonValue | undefined): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text, or a number as text. */
export function text(raw: Raw, key: string): string {
  const value = optionalText(raw, key);
  if (value === undefined) throw new BadRecord(`"${key}" is missing or no text`);
  return value;
}

export function optionalText(raw: Raw, key: string): string | undefined {
  const value = Object.hasOwn(raw, key) ? raw[key] : undefined;
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
}

/** A whole number from 0 to `below`, exclusive, also written as text. */
export function index(raw: Raw, key: string, below: number): number {
  const value = text(raw, key);
  if (!/^\d{1,9}$/.test(value) || Number(value) >= below) throw new BadRecord(`"${key}" is ${value}, not a number below ${below}`);
  return Number(value);
}

export function array(raw: Raw, key: string): readonly JsonValue[] {
  const value = Object.hasOwn(raw, key) ? raw[key] : undefined;
  if (!Array.isArray(value)) throw new BadRecord(`"${key}" is missing or no list`);
  return value as readonly JsonValue[];
}

/** What is left of a record when the keys with a place of their own are taken away. */
export function rest(raw: Raw, taken: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(raw).filter(([key]) => !taken.includes(key)));
}

/** Seconds, also as decimal text, to whole milliseconds. Undefined when they are no time. */
function secondsToMs(value: JsonValue | undefined, place: string, losses: Losses): number | undefined {
  const seconds = typeof value === "number" ? value : typeof value === "string" && /^\s*\d+(\.\d*)?\s*$/.test(value) ? Number(value) : NaN;
  if (!Number.isFinite(seconds) || seconds < 0 || seconds > 3.6e9) return undefined;
  const ms = Math.round(seconds * 1000);
  // The nearest number of seconds to a whole millisecond gives it back exactly; others are finer.
  if (ms / 1000 !== seconds) losses.add("sub-millisecond", `${place}: ${seconds} s`);
  return ms;
}

/** A span from seconds; undefined, and counted, when it cannot be read. */
export function spanOf(start: JsonValue | undefined, end: JsonValue | undefined, place: string, losses: Losses): Span | undefined {
  const startMs = secondsToMs(start, place, losses);
  const endMs = secondsToMs(end, place, losses);
  if (startMs !== undefined && endMs !== undefined && startMs <= endMs) return { startMs, endMs };
  losses.add("bad-scope", `${place}: ${String(start)} to ${String(end)}`);
  return undefined;
}

/** The name of a video without folders and without the extension of a video, a notebook or subtitles. */
export function stemOf(video: string): string {
  const name = video.split(/[\\/]/).at(-1) ?? video;
  return name.replace(/(?!^)\.(mp4|m4v|mov|mkv|webm|avi|gif|flv|ogv|mpg|mpeg|ts|m2ts|wmv|3gp|vqa|vtt|srt|ass|ssa|ttml|dfxp|xml)$/i, "") || name;
}
