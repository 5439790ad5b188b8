import type { Projector } from "../../engine/ports.js";

/** For encoders that are published with their projection inside: what they give is what the language model takes. */
export function identityProjector(width: number): Projector {
  return { inputWidth: width, width, project: (tokens) => Promise.resolve(tokens) };
}
