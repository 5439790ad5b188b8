/**
 * Parsing again after an edit: the blocks around the change are parsed anew, those before it are kept
 * and those behind it are moved. The result is what `parse` would give.
 *
 * Why this is sound: a block is read forwards from its first line, and looks no further than the first
 * line of the next block that is not blank. The one thing that it knows of what stands above is whether
 * the file has WebVTT's header. So parsing may begin at any block whose lines, and the first line of
 * the next, are as they were; and as soon as a block begins behind the change where one began before,
 * all that follows is as it was.
 */
import { splitLines } from "./lines.js";
import { MAX_PROBLEMS, parse, parsePart } from "./parse.js";
import { shiftBlock, shiftProblem } from "./shift.js";
import type { Block, Document, HeaderBlock, Problem } from "./tree.js";

/** Blocks behind the change that are parsed at first; most edits need no more. */
const FIRST_WINDOW = 8;

/** The one mistake that is told at the block below the one that it is of. */
const OF_HEADER = "header-not-closed";

/** Parses `source`, of which `previous` is an earlier form. The same as `parse(source)`, in less time where little has changed. */
export function reparse(previous: Document, source: string): Document {
  if (previous.source === source) return previous;
  return reparsePart(previous, source) ?? parse(source);
}

/** Undefined where the whole has to be parsed. */
function reparsePart(previous: Document, source: string): Document | undefined {
  const { blocks, problems, bom } = previous;
  const before = commonPrefix(previous.source, source);
  // Problems beyond the limit were not kept.
  if (before <= (bom ? 1 : 0) || blocks.length === 0 || problems.some(({ code }) => code === "too-many-problems")) return undefined;
  const suffix = commonSuffix(previous.source, source, before);
  const changeEnd = source.length - suffix;
  const delta = source.length - previous.source.length;

  const first = restart(blocks, before);
  const head = first === 0;
  const from = head ? 0 : (blocks[first]?.start ?? 0);
  const fromLine = head ? 0 : (blocks[first]?.line ?? 1) - 1;
  const old = firstFrom(blocks, changeEnd - delta);
  for (let size = FIRST_WINDOW; ; size *= 4) {
    const last = Math.min(old + size, blocks.length) - 1;
    const whole = last === blocks.length - 1;
    const to = whole ? source.length : (blocks[last]?.end ?? 0) + delta;
    const part = own(source.slice(from, to));
    const parsed = head ? parse(part) : parsePart(part, previous.header?.syntax === "webvtt");
    const header = headerOf(parsed.blocks, head, previous);
    if (head && (header?.syntax === "webvtt") !== (previous.header?.syntax === "webvtt")) return undefined;
    const met = meeting(parsed.blocks, blocks, { from, changeEnd, delta, old, last, whole });
    if (met === undefined && !whole) continue;
    const { fresh, kept } = met ?? { fresh: parsed.blocks.length, kept: blocks.length };
    const end = parsed.blocks[fresh]?.start ?? Infinity;
    const oldEnd = blocks[kept]?.start ?? Infinity;
    const lines = (parsed.blocks[fresh]?.line ?? 1) + fromLine - (blocks[kept]?.line ?? 1);
    const all: Problem[] = [];
    for (const problem of problems) if (problem.start < from) all.push(problem);
    for (const problem of parsed.problems) if (problem.start < end || problem.code === OF_HEADER) all.push(shiftProblem(problem, from, fromLine));
    for (const problem of problems) if (problem.start >= oldEnd && !(head && problem.code === OF_HEADER)) all.push(shiftProblem(problem, delta, lines));
    if (all.length > MAX_PROBLEMS || parsed.problems.some(({ code }) => code === "too-many-problems")) return undefined;
    const { starts, eol } = splitLines(source, bom ? 1 : 0);
    return { source, bom, eol, lineStarts: starts, header, blocks: joined(blocks, first, parsed.blocks, fresh, kept, { from, fromLine, delta, lines }), problems: all };
  }
}

interface Meeting {
  readonly from: number;
  readonly changeEnd: number;
  readonly delta: number;
  /** First and last old block behind the change that the part holds. */
  readonly old: number;
  readonly last: number;
  /** The part goes to the end of the text. */
  readonly whole: boolean;
}

/** The first new block behind the change that begins where an old one did; undefined without. */
function meeting(parsed: readonly Block[], blocks: readonly Block[], { from, changeEnd, delta, old, last, whole }: Meeting): { fresh: number; kept: number } | undefined {
  let kept = old;
  for (let fresh = 0; fresh < parsed.length; fresh++) {
    const at = from + (parsed[fresh]?.start ?? 0);
    if (at < changeEnd) continue;
    while (kept <= last && (blocks[kept]?.start ?? Infinity) + delta < at) kept++;
    if (kept > last) return undefined;
    if ((blocks[kept]?.start ?? 0) + delta !== at) continue;
    // The block before reads on to the next that is not blank: that has to lie in the part.
    return whole || blocks.slice(kept, last + 1).some(({ kind }) => kind !== "blank") ? { fresh, kept } : undefined;
  }
  return undefined;
}

/** Index of the block to begin with: two that are not blank before the one that changed; 0 for the header. */
function restart(blocks: readonly Block[], change: number): number {
  let at = lastUpTo(blocks, change - 1);
  for (let back = 0; back < 2; back++) {
    while (at > 0 && blocks[at]?.kind === "blank") at--;
    at--;
  }
  while (at > 0 && blocks[at]?.kind === "blank") at--;
  return at <= 2 ? 0 : at;
}

function headerOf([first]: readonly Block[], head: boolean, { header }: Document): HeaderBlock | undefined {
  if (!head) return header;
  return first?.kind === "header" ? first : undefined;
}

function joined(
  old: readonly Block[],
  first: number,
  parsed: readonly Block[],
  fresh: number,
  kept: number,
  { from, fromLine, delta, lines }: { readonly from: number; readonly fromLine: number; readonly delta: number; readonly lines: number },
): Block[] {
  const all = old.slice(0, first);
  for (let i = 0; i < fresh; i++) {
    const block = parsed[i];
    if (block !== undefined) all.push(from === 0 ? block : shiftBlock(block, from, fromLine));
  }
  const still = delta === 0 && lines === 0;
  for (let i = kept; i < old.length; i++) {
    const block = old[i];
    if (block !== undefined) all.push(still ? block : shiftBlock(block, delta, lines));
  }
  return all;
}

/** Index of the last block that does not start after `offset`; 0 without. */
function lastUpTo(blocks: readonly Block[], offset: number): number {
  let [low, high] = [0, blocks.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((blocks[middle]?.start ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Index of the first block that starts at `offset` or after it. */
function firstFrom(blocks: readonly Block[], offset: number): number {
  const at = lastUpTo(blocks, offset);
  return (blocks[at]?.start ?? 0) >= offset ? at : at + 1;
}

/** Engines compare strings faster than any loop over their characters does. */
const STRIDE = 4096;

function commonPrefix(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at + STRIDE <= most && a.slice(at, at + STRIDE) === b.slice(at, at + STRIDE)) at += STRIDE;
  while (at < most && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}

/** Of what is left after the prefix. */
function commonSuffix(a: string, b: string, prefix: number): number {
  const most = Math.min(a.length, b.length) - prefix;
  let length = 0;
  while (length + STRIDE <= most && a.slice(a.length - length - STRIDE, a.length - length) === b.slice(b.length - length - STRIDE, b.length - length)) length += STRIDE;
  while (length < most && a.charCodeAt(a.length - length - 1) === b.charCodeAt(b.length - length - 1)) length++;
  return length;
}

/** The text in memory of its own. Blocks keep slices of it for long, and each slice would keep a whole version of the file. */
function own(text: string): string {
  return ` ${text}`.slice(1);
}
