/** All problems of subtitles that have an answer without a question, put right at once. */
import { applyEdits, type TextEdit } from "../../format/index.js";
import { problemsOf } from "./checks.js";
import { readCaptions, type Captions } from "./cues.js";
import { proposals, sameWords, SPLIT } from "./fixes.js";
import { renumberCues } from "./renumber.js";
import type { CaptionStyle } from "./style.js";

/** A fix can make room for another one; more rounds than these bring no more. */
const MAX_ROUNDS = 8;

/** A cue that comes much earlier or later than its words are heard needs eyes and ears: those fixes are left to people. */
const MAX_START_SHIFT_MS = 250;

/** The whole text with the fixes, or undefined when none helps. No fix that makes another problem is taken. */
export function fixedText(captions: Captions, style: CaptionStyle): string | undefined {
  const counted = captions.syntax === "srt" && captions.cues.every(({ id }, i) => id !== undefined && Number(id.text) === Number(captions.cues[0]!.id?.text) + i);
  let now = captions;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const better = oneRound(now, style, counted);
    if (better === undefined) break;
    now = better;
  }
  if (now === captions) return undefined;
  // Once for all cues that were divided: each of them alone would write the counters below it again.
  return counted && now.cues.length > captions.cues.length ? applyEdits(now.source, renumberCues(now, undefined)) : now.source;
}

/** Edits of one fix, in the order of the text. */
type Candidate = readonly TextEdit[];

/** The first fix of each problem, at most one for cues that stand beside each other in time. */
function oneRound(captions: Captions, style: CaptionStyle, counted: boolean): Captions | undefined {
  const taken = new Set<number>();
  const candidates: Candidate[] = [];
  const place = new Map([...captions.cues].sort((a, b) => a.from.ms - b.from.ms || a.index - b.index).map((cue, i) => [cue.index, i]));
  for (const problem of problemsOf(captions.cues, captions.syntax === "vqa", style)) {
    const { cue, before } = problem;
    const around = [cue, before].flatMap((each) => (each === undefined ? [] : [-1, 0, 1].map((step) => (place.get(each.index) ?? 0) + step)));
    if (cue === undefined || around.some((at) => taken.has(at))) continue;
    const first = proposals(captions, problem, style).find(({ startShiftMs }) => startShiftMs <= MAX_START_SHIFT_MS);
    if (first === undefined) continue;
    const divides = first.title === SPLIT && captions.syntax === "srt";
    // Counters that have gaps mean something to somebody: such a file's cues are divided one by one.
    if (divides && !counted) continue;
    around.forEach((at) => taken.add(at));
    const edits = divides ? first.edits.filter(({ start }) => start <= cue.end) : first.edits;
    candidates.push([...edits].sort((a, b) => a.start - b.start));
  }
  candidates.sort((a, b) => a[0]!.start - b[0]!.start);
  return helpful(captions, candidates, style);
}

/** Those of the candidates that help: halved where together they do not, so that a bad one costs only itself. */
function helpful(captions: Captions, candidates: readonly Candidate[], style: CaptionStyle): Captions | undefined {
  if (candidates.length === 0) return undefined;
  const tried = readCaptions(applyEdits(captions.source, candidates.flat()), captions.syntax);
  // Each has to take one problem away at least.
  if (count(tried, style) <= count(captions, style) - candidates.length && sameWords(captions, tried)) return tried;
  if (candidates.length === 1) return undefined;
  const [earlier, later] = [candidates.slice(0, candidates.length >> 1), candidates.slice(candidates.length >> 1)];
  const below = helpful(captions, later, style);
  // What stands above has not moved, but where the earlier of two cues in time is the later one of the file.
  const apart = earlier.flat().every(({ end }) => end <= later[0]![0]!.start);
  return (below === undefined || apart ? helpful(below ?? captions, earlier, style) : undefined) ?? below;
}

function count(captions: Captions, style: CaptionStyle): number {
  return problemsOf(captions.cues, captions.syntax === "vqa", style).length;
}

/** The lines that differ, each run of them as one edit: of texts that have most lines in common. */
export function lineEdits(before: string, after: string): TextEdit[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  const edits: TextEdit[] = [];
  let [i, j, at] = [0, 0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      at += a[i]!.length;
      i++;
      j++;
      continue;
    }
    const [endA, endB] = rejoin(a, i, b, j);
    const start = at;
    for (; i < endA; i++) at += a[i]!.length;
    edits.push({ start, end: at, newText: b.slice(j, endB).join("") });
    j = endB;
  }
  return edits;
}

/** Lines that must agree before two texts count as the same again: a blank line alone says nothing. */
const SURE = 2;
const FARTHEST = 200;

/** The nearest places below at which both go on alike; their ends where there is none. */
function rejoin(a: readonly string[], i: number, b: readonly string[], j: number): [number, number] {
  const alike = (x: number, y: number): boolean => {
    for (let n = 0; n < SURE; n++) if (a[x + n] !== b[y + n]) return false;
    return true;
  };
  for (let distance = 1; distance <= FARTHEST; distance++) {
    for (let down = 0; down <= distance; down++) {
      const [x, y] = [i + down, j + distance - down];
      if (x <= a.length && y <= b.length && alike(x, y)) return [x, y];
    }
  }
  return [a.length, b.length];
}

function linesOf(text: string): string[] {
  return text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
}
