/**
 * The composers written a second time, by element and from the papers, in double precision and without
 * a line of the product: nested lists and plain loops. Slow and obvious on purpose.
 */
export type Row = readonly number[];
/** [frame][token][channel] */
export type Video = readonly (readonly Row[])[];

const mean = (rows: readonly Row[]): number[] => rows[0]!.map((_, d) => rows.reduce((sum, row) => sum + row[d]!, 0) / rows.length);

/** Temporal tokens, then spatial tokens. */
export function redVillmReference(video: Video): { temporal: number[][]; spatial: number[][] } {
  return {
    temporal: video.map((frame) => mean(frame)),
    spatial: video[0]!.map((_, n) => mean(video.map((frame) => frame[n]!))),
  };
}

interface Sized {
  readonly row: number[];
  readonly size: number;
}

/** Bipartite soft matching: who goes where is decided first, by looking at every pair. */
export function mergeReference(tokens: readonly Sized[], r: number, heads: number): Sized[] {
  const metric = tokens.map(({ row }) => {
    const channels = row.length / heads;
    const averaged = Array.from({ length: channels }, (_, c) => {
      let sum = 0;
      for (let h = 0; h < heads; h++) sum += row[h * channels + c]!;
      return sum / heads;
    });
    const norm = Math.hypot(...averaged);
    return averaged.map((v) => (norm === 0 ? 0 : v / norm));
  });
  const a = tokens.map((_, i) => i).filter((i) => i % 2 === 0);
  const b = tokens.map((_, i) => i).filter((i) => i % 2 === 1);
  const edges = a.map((from) => {
    let [best, score] = [b[0]!, -Infinity];
    for (const to of b) {
      const dot = metric[from]!.reduce((sum, v, c) => sum + v * metric[to]![c]!, 0);
      if (dot > score) [best, score] = [to, dot];
    }
    return { from, to: best, score };
  });
  // Insertion sort: stable by construction.
  const ranked: typeof edges = [];
  for (const edge of edges) {
    let at = ranked.length;
    while (at > 0 && ranked[at - 1]!.score < edge.score) at--;
    ranked.splice(at, 0, edge);
  }
  const gone = ranked.slice(0, r);
  return [
    ...ranked.slice(r).map(({ from }) => tokens[from]!),
    ...b.map((to) => {
      const members = [tokens[to]!, ...gone.filter((edge) => edge.to === to).map(({ from }) => tokens[from]!)];
      const size = members.reduce((sum, m) => sum + m.size, 0);
      return { size, row: tokens[to]!.row.map((_, d) => members.reduce((sum, m) => sum + m.row[d]! * m.size, 0) / size) };
    }),
  ];
}

export function longVlmReference(video: Video, global: Video, settings: { segments: number; merges: readonly number[]; heads: number; global: number }): number[][] {
  const layers = global[0]!.map((_, layer) => mean(global.map((frame) => frame[layer]!)));
  const perSegment = video.length / settings.segments;
  const local: number[][] = [];
  for (let s = 0; s < settings.segments; s++) {
    let tokens: Sized[] = video.slice(s * perSegment, (s + 1) * perSegment).flatMap((frame) => frame.map((row) => ({ row: [...row], size: 1 })));
    for (const r of settings.merges) tokens = mergeReference(tokens, r, settings.heads);
    local.push(...tokens.map(({ row }) => row));
  }
  return [...layers.slice(layers.length - settings.global), ...local];
}

/** A small query transformer: what one with these numbers computes. Rows of numbers only. */
export interface FormerNumbers {
  /** [query][head width], [input][head width] and [input][output width] */
  readonly queries: readonly Row[];
  readonly keys: readonly Row[];
  readonly values: readonly Row[];
}

/**
 * Cross-attention of learned queries over a sequence, and a step that is not linear behind it. The
 * place in the sequence counts, as it does after a learned position: a row's key is weighted by it.
 */
function formerReference({ queries, keys, values }: FormerNumbers, sequence: readonly Row[]): number[][] {
  const times = (row: Row, matrix: readonly Row[]): number[] => matrix[0]!.map((_, j) => row.reduce((sum, v, i) => sum + v * matrix[i]![j]!, 0));
  return queries.map((query) => {
    const scores = sequence.map((row, place) => Math.exp(times(row, keys).reduce((sum, k, i) => sum + k * query[i]!, 0) * Math.cos(place / 50)));
    const total = scores.reduce((a, b) => a + b, 0);
    const read = sequence.map((row, place) => times(row, values).map((v) => (v * scores[place]!) / total));
    return read[0]!.map((_, d) => Math.tanh(read.reduce((sum, row) => sum + row[d]!, 0)));
  });
}

/**
 * Video-LLaMA's vision branch: every frame through the image Q-former by itself, position t added to all
 * queries of frame t, then all of them through the Video Q-former as one sequence in the order of time.
 */
export function videoLlamaReference(video: Video, image: FormerNumbers, positions: readonly Row[], whole: FormerNumbers): number[][] {
  const placed = video.flatMap((frame, t) => formerReference(image, frame).map((query) => query.map((v, d) => v + positions[t]![d]!)));
  return formerReference(whole, placed);
}

/** Its audio branch: position i added to clip i's one token, then all clips through the Audio Q-former. */
export function soundReference(clips: readonly Row[], positions: readonly Row[], former: FormerNumbers): number[][] {
  return formerReference(former, clips.map((clip, i) => clip.map((v, d) => v + positions[i]![d]!)));
}

export function toVideo(data: Float32Array, frames: number, tokens: number, width: number): Video {
  return Array.from({ length: frames }, (_, t) =>
    Array.from({ length: tokens }, (_, n) => Array.from({ length: width }, (_, d) => data[(t * tokens + n) * width + d]!)),
  );
}
