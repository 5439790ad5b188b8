/** How well parts of a video were found: temporal overlap of spans, in milliseconds. */
import type { Span } from "../../format/index.js";

export interface Overlap {
  /** Intersection over union, 0 to 1. */
  readonly iou: number;
  /** Intersection over what was predicted, 0 to 1 (NExT-GQA, Xiao et al. 2024, section 3). */
  readonly iop: number;
}

/** Overlapping and touching spans as one, in order of time; those without length are left out. */
export function merged(spans: readonly Span[]): readonly Span[] {
  const out: Span[] = [];
  for (const span of [...spans].filter(({ startMs, endMs }) => endMs > startMs).sort((a, b) => a.startMs - b.startMs)) {
    const last = out.at(-1);
    if (last !== undefined && span.startMs <= last.endMs) out[out.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, span.endMs) };
    else out.push(span);
  }
  return out;
}

/** Both sides as sets of moments. */
export function overlap(predicted: readonly Span[], gold: readonly Span[]): Overlap {
  const [a, b] = [merged(predicted), merged(gold)];
  let common = 0;
  for (const one of a) for (const other of b) common += Math.max(0, Math.min(one.endMs, other.endMs) - Math.max(one.startMs, other.startMs));
  const [own, union] = [lengthOf(a), lengthOf(a) + lengthOf(b) - common];
  return { iou: union === 0 ? 0 : common / union, iop: own === 0 ? 0 : common / own };
}

/** Where several spans each show the answer, any of them counts: the best of each measure, as NExT-GQA's own script takes it. */
export function bestOverlap(predicted: readonly Span[], gold: readonly Span[]): Overlap {
  const each = gold.map((span) => overlap(predicted, [span]));
  return { iou: Math.max(0, ...each.map(({ iou }) => iou)), iop: Math.max(0, ...each.map(({ iop }) => iop)) };
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}
