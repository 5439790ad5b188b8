import type { Composer, VisualSegment } from "./compose/port.js";
import { throwIfAborted } from "./errors.js";
import type { FrameFeatures, Matrix, Projector } from "./ports.js";

/** Composes a video and projects it into the language model's space: one matrix (rows, width) a segment. */
export async function visualTokens(
  features: FrameFeatures,
  composer: Composer,
  projector: Projector,
  signal?: AbortSignal,
): Promise<readonly Matrix[]> {
  const segments = await composer.compose(features, signal);
  throwIfAborted(signal);
  const projected = await projector.project(stack(segments, composer.outputWidth), signal);
  throwIfAborted(signal);
  return unstack(projected, segments);
}

function stack(segments: readonly VisualSegment[], width: number): Matrix {
  const rows = segments.reduce((sum, s) => sum + s.tokens.rows, 0);
  const data = new Float32Array(rows * width);
  let at = 0;
  for (const { tokens } of segments) {
    data.set(tokens.data, at);
    at += tokens.data.length;
  }
  return { rows, width, data };
}

function unstack({ width, data }: Matrix, segments: readonly VisualSegment[]): Matrix[] {
  let row = 0;
  return segments.map(({ tokens: { rows } }) => {
    const part = data.subarray(row * width, (row + rows) * width);
    row += rows;
    return { rows, width, data: part };
  });
}
