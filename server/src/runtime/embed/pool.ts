/**
 * One sentence vector of length 1 from its tokens' vectors, (tokens, width) without padding: their mean
 * or the first one (Sentence-BERT, arXiv 1908.10084, section 3).
 */
export function poolRow(vectors: Float32Array, width: number, pooling: "mean" | "cls"): Float64Array {
  const sum = new Float64Array(width);
  const rows = pooling === "cls" ? 1 : vectors.length / width;
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < width; i++) sum[i]! += vectors[row * width + i]!;
  }
  // The mean's divisor falls out when the length becomes 1; an all-zero vector stays what it is.
  const length = Math.hypot(...sum) || 1;
  return sum.map((value) => value / length);
}
