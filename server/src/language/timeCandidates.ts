/** Times worth offering at a place: where things begin and end around it. */
import { formatTime, type Block, type Notebook, type Span } from "../format/index.js";
import { blockIndexAt, timedPart, timesIn } from "./places.js";
import type { Subtitle } from "./ports.js";

export interface TimeCandidate {
  readonly ms: number;
  /** Where the time comes from. */
  readonly why: string;
}

export interface SpanCandidate extends Span {
  readonly why: string;
}

/** Blocks looked at on either side: what is far away in the text is rarely meant. */
const REACH = 40;

/** Spans of the cues, segments and questions around `offset`, nearest first, each once; not that of the block itself. */
export function spansAround({ document }: Notebook, offset: number): SpanCandidate[] {
  const { blocks, source } = document;
  const here = blockIndexAt(document, offset);
  const middle = here === -1 ? blocks.length : here;
  const found = new Map<string, SpanCandidate>();
  const add = (block: Block | undefined): void => {
    if (block === undefined) return;
    for (const span of spansOf(block, source)) {
      const key = `${span.startMs} ${span.endMs}`;
      if (!found.has(key)) found.set(key, span);
    }
  };
  for (let distance = 1; distance <= REACH; distance++) {
    add(blocks[middle - distance]);
    add(blocks[middle + distance]);
  }
  return [...found.values()];
}

/** Single times, most likely first, each once; only those after `afterMs` when it is given. */
export function timesFor(
  spans: readonly SpanCandidate[],
  outside: { readonly playheadMs?: number | undefined; readonly durationMs?: number | undefined; readonly cues: readonly Subtitle[] },
  afterMs: number | undefined,
): TimeCandidate[] {
  const all: TimeCandidate[] = [];
  if (outside.playheadMs !== undefined) all.push({ ms: outside.playheadMs, why: "the playhead" });
  for (const { startMs, endMs, why } of spans) {
    // The start of a new thing is often the end of the one before.
    all.push({ ms: endMs, why: `end of ${why}` }, { ms: startMs, why: `start of ${why}` });
  }
  for (const { startMs, endMs, text } of outside.cues) {
    all.push({ ms: startMs, why: `start of “${short(text)}”` }, { ms: endMs, why: `end of “${short(text)}”` });
  }
  if (outside.durationMs !== undefined) all.push({ ms: outside.durationMs, why: "end of the video" });
  const seen = new Set<string>();
  return all.filter(({ ms }) => {
    const label = formatTime(ms);
    if (seen.has(label) || (afterMs !== undefined && ms <= afterMs)) return false;
    seen.add(label);
    return true;
  });
}

function spansOf(block: Block, source: string): SpanCandidate[] {
  if (block.kind === "cue") {
    return block.endMs < block.startMs ? [] : [{ startMs: block.startMs, endMs: block.endMs, why: `“${short(block.lines[0]?.text ?? "")}”` }];
  }
  if (block.kind !== "segment" && block.kind !== "question") return [];
  const name = block.kind === "segment" ? `segment “${short(block.lines[0]?.text ?? "")}”` : `question ${block.id?.text ?? ""}`.trim();
  const { scope } = block;
  if (scope === undefined) return [];
  if (scope.spans !== undefined) return scope.spans.map(({ startMs, endMs }) => ({ startMs, endMs, why: name }));
  // A scope that is being written: its first time is worth something already.
  const part = timedPart(block);
  return part === undefined ? [] : timesIn(source, part).map(({ ms }) => ({ startMs: ms, endMs: ms, why: name }));
}

function short(text: string): string {
  const plain = text.replace(/<[^<>]*>/g, "").trim();
  const characters = [...plain];
  return characters.length <= 32 ? plain : `${characters.slice(0, 31).join("")}…`;
}
