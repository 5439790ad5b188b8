/**
 * Token merging by bipartite soft matching (ToMe, arXiv 2210.09461, section 3), as LongVLM uses it
 * (arXiv 2404.03384, section 3.2). Float64 throughout: hundreds of thousands of scores are compared.
 */

/** `sizes[i]` is how many of the tokens that there were at first went into row i. */
export interface SizedTokens {
  readonly rows: number;
  readonly width: number;
  /** (rows, width) */
  readonly data: Float64Array;
  readonly sizes: Float64Array;
}

export function sized(data: Float32Array, width: number): SizedTokens {
  const rows = data.length / width;
  return { rows, width, data: Float64Array.from(data), sizes: new Float64Array(rows).fill(1) };
}

/**
 * One step: tokens at even positions (A) each pick their most similar token at an odd position (B),
 * the first of them where several are alike; the `merges` most similar A's go into their B as a mean
 * weighted by sizes. What is left: the other A's in the order of their similarity, the highest first,
 * then all B's in theirs. The sort is stable: A's that are equally similar keep their order.
 *
 * Similarity is the cosine of the tokens' metric, the mean over `heads` equal parts of the channels.
 * @param merges As many as there are A's with a B at most; more is taken as that many.
 */
export function mergeTokens(tokens: SizedTokens, merges: number, heads: number): SizedTokens {
  const { rows, width, data, sizes } = tokens;
  const [odds, evens] = [rows >> 1, rows - (rows >> 1)];
  const most = Math.min(merges, odds);
  if (most <= 0) return tokens;
  const matches = bestMatches(metricOf(tokens, heads), rows, width / heads);
  // Array.prototype.sort is stable.
  const order = Array.from({ length: evens }, (_, a) => a).sort((a, b) => matches.scores[b]! - matches.scores[a]!);

  const kept = order.slice(most);
  const out = new Float64Array((kept.length + odds) * width);
  const outSizes = new Float64Array(kept.length + odds);
  kept.forEach((a, i) => {
    out.set(data.subarray(2 * a * width, (2 * a + 1) * width), i * width);
    outSizes[i] = sizes[2 * a]!;
  });
  for (let b = 0; b < odds; b++) {
    const [to, from] = [(kept.length + b) * width, (2 * b + 1) * width];
    const size = sizes[2 * b + 1]!;
    outSizes[kept.length + b] = size;
    for (let d = 0; d < width; d++) out[to + d] = data[from + d]! * size;
  }
  for (const a of order.slice(0, most)) {
    const target = kept.length + matches.targets[a]!;
    const size = sizes[2 * a]!;
    outSizes[target]! += size;
    for (let d = 0; d < width; d++) out[target * width + d]! += data[2 * a * width + d]! * size;
  }
  for (let i = kept.length; i < kept.length + odds; i++) {
    for (let d = 0; d < width; d++) out[i * width + d]! /= outSizes[i]!;
  }
  return { rows: kept.length + odds, width, data: out, sizes: outSizes };
}

/** (rows, width / heads): the mean over heads, of length 1; a row of zeros stays one. */
function metricOf({ rows, width, data }: SizedTokens, heads: number): Float64Array {
  const channels = width / heads;
  const metric = new Float64Array(rows * channels);
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let h = 0; h < heads; h++) sum += data[row * width + h * channels + c]!;
      metric[row * channels + c] = sum;
      squares += sum * sum;
    }
    const length = Math.sqrt(squares);
    if (length > 0) for (let c = 0; c < channels; c++) metric[row * channels + c]! /= length;
  }
  return metric;
}

/** For each token at an even position the most similar one at an odd position, and how similar it is. */
function bestMatches(metric: Float64Array, rows: number, channels: number): { targets: Int32Array; scores: Float64Array } {
  const [odds, evens] = [rows >> 1, rows - (rows >> 1)];
  const targets = new Int32Array(evens);
  const scores = new Float64Array(evens).fill(-Infinity);
  for (let a = 0; a < evens; a++) {
    const atA = 2 * a * channels;
    for (let b = 0; b < odds; b++) {
      const atB = (2 * b + 1) * channels;
      let score = 0;
      for (let c = 0; c < channels; c++) score += metric[atA + c]! * metric[atB + c]!;
      if (score > scores[a]!) {
        scores[a] = score;
        targets[a] = b;
      }
    }
  }
  return { targets, scores };
}
