import type { Span } from "./answer.js";
import { centresOf, offsetTime, sampleUniform, spread } from "./sample.js";

/** How many frames a rate gives: one in the middle of each of its periods; at least one. */
export const framesAtRate = (spans: readonly Span[], rate: number): number => Math.max(1, Math.round((lengthOf(spans) * rate) / 1000));

/**
 * A frame in the middle of each period of `1 / rate` seconds of the spans laid end to end; where that
 * are more than `most`, that many evenly spread.
 */
export function sampleAtRate(spans: readonly Span[], rate: number, most: number): readonly number[] {
  const count = framesAtRate(spans, rate);
  if (count > most || lengthOf(spans) === 0) return sampleUniform(spans, most);
  return distinct(Array.from({ length: count }, (_, i) => offsetTime(stretchesOf(spans), ((i + 0.5) * 1000) / rate)));
}

/** The same number of frames of each span, however long; what is over goes to the longer ones. A moment takes one. */
export function samplePerSegment(spans: readonly Span[], frames: number): readonly number[] {
  if (frames < spans.length) return spread(spans, frames).flatMap((span) => sampleUniform([span], 1));
  const moments = spans.filter(isMoment);
  const stretches = spans.filter((span) => !isMoment(span));
  const share = shares(stretches.map(() => 1), frames - moments.length, stretches.map(length));
  return distinct([...moments.map((m) => m.startMs), ...stretches.flatMap((span, i) => centresOf([span], share[i]!))]);
}

/**
 * Frames of scenes: each scene has one at least, the others go to scenes by their length; where there
 * are more scenes than frames, the longest have one each.
 * @param cuts first times of new scenes, ascending
 */
export function samplePerScene(spans: readonly Span[], cuts: readonly number[], frames: number): readonly number[] {
  const moments = spans.filter(isMoment);
  const scenes = scenesWithin(spans, cuts);
  const rest = frames - moments.length;
  if (scenes.length === 0 || rest < 1) return sampleUniform(spans, frames);
  const longest = new Set([...scenes.keys()].sort((a, b) => length(scenes[b]!) - length(scenes[a]!) || a - b).slice(0, rest));
  const shown = scenes.filter((_, i) => longest.has(i));
  const share = shares(shown.map(length), rest, shown.map(length));
  return distinct([...moments.map((m) => m.startMs), ...shown.flatMap((scene, i) => centresOf([scene], share[i]!))]);
}

/**
 * Whole shares of `count` by weight, at least 1 each (`count` is at least their number), by largest
 * remainders; equal ones in the order of `size`.
 */
function shares(weights: readonly number[], count: number, size: readonly number[]): number[] {
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const spare = count - weights.length;
  const exact = weights.map((weight) => (spare * weight) / all);
  const given = exact.map((part) => 1 + Math.floor(part));
  const left = count - given.reduce((sum, part) => sum + part, 0);
  const order = [...weights.keys()].sort((a, b) => (exact[b]! % 1) - (exact[a]! % 1) || size[b]! - size[a]! || a - b);
  for (const i of order.slice(0, left)) given[i]!++;
  return given;
}

/** The parts of the spans that belong to one scene each; moments belong to none. */
export const scenesWithin = (spans: readonly Span[], cuts: readonly number[]): readonly Span[] => stretchesOf(spans).flatMap((span) => cutAt(span, cuts));

function cutAt({ startMs, endMs }: Span, cuts: readonly number[]): Span[] {
  const borders = [startMs, ...cuts.filter((cut) => cut > startMs && cut < endMs), endMs];
  return borders.slice(1).map((end, i) => ({ startMs: borders[i]!, endMs: end }));
}

const length = ({ startMs, endMs }: Span): number => endMs - startMs;
const isMoment = (span: Span): boolean => length(span) === 0;
const stretchesOf = (spans: readonly Span[]): readonly Span[] => spans.filter((span) => !isMoment(span));
const lengthOf = (spans: readonly Span[]): number => spans.reduce((sum, span) => sum + length(span), 0);
const distinct = (times: readonly number[]): readonly number[] => [...new Set(times)].sort((a, b) => a - b);
