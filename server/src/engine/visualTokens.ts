import type { Composer, ProjectorName, Segment } from "./compose/port.js";
import { throwIfAborted, VqaError } from "./errors.js";
import type { OpenSystem } from "./pack.js";
import type { EncodedFrames, Matrix } from "./ports.js";

/** Composes a video and projects it into the language model's space: one matrix (rows, width) a segment. */
export async function visualTokens(
  features: EncodedFrames,
  composer: Composer,
  system: Pick<OpenSystem, "parts" | "projectors">,
  signal?: AbortSignal,
): Promise<readonly Matrix[]> {
  const segments = await composer.compose(features, system.parts, signal);
  throwIfAborted(signal);
  return projectSegments(segments, system, signal);
}

/** Each segment through the projector that it names, one call a projector; in the order of the segments. */
export async function projectSegments(
  segments: readonly Segment[],
  { projectors }: Pick<OpenSystem, "projectors">,
  signal?: AbortSignal,
): Promise<readonly Matrix[]> {
  const projected = new Map<Segment, Matrix>();
  for (const name of new Set(segments.map((s) => s.projector))) {
    const own = segments.filter((s) => s.projector === name);
    const projector = projectors[name] ?? missing(name);
    const rows = await projector.project(stack(own, projector.inputWidth), signal);
    throwIfAborted(signal);
    unstack(rows, own).forEach((part, i) => projected.set(own[i]!, part));
  }
  return segments.map((s) => projected.get(s)!);
}

function missing(name: ProjectorName): never {
  throw new VqaError("model-unsupported", `The model pack has no projector "${name}".`, "Use a pack whose parts belong together.");
}

function stack(segments: readonly Segment[], width: number): Matrix {
  const rows = segments.reduce((sum, s) => sum + s.tokens.rows, 0);
  const data = new Float32Array(rows * width);
  let at = 0;
  for (const { tokens } of segments) {
    data.set(tokens.data, at);
    at += tokens.data.length;
  }
  return { rows, width, data };
}

function unstack({ width, data }: Matrix, segments: readonly Segment[]): Matrix[] {
  let row = 0;
  return segments.map(({ tokens: { rows } }) => {
    const part = data.subarray(row * width, (row + rows) * width);
    row += rows;
    return { rows, width, data: part };
  });
}
