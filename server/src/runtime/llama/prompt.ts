/** Pieces of text and video as the positions that the model evaluates. */
import { VqaError } from "../../engine/errors.js";
import type { Piece } from "../../engine/ports.js";
import type { SlotRange } from "./slotRows.js";

export interface Prompt {
  /** Token ids; the k-th visual position has the id of slot k. */
  readonly tokens: readonly number[];
  /** Embeddings of the visual positions, in order: `width` floats each. */
  readonly rows: Float32Array;
}

export const EMPTY_PROMPT: Prompt = { tokens: [], rows: new Float32Array(0) };

/** `special` says whether control tokens are recognised in the text. */
export type Tokenize = (text: string, special: boolean) => readonly number[];

/** `base` followed by `pieces`. Errors: context-overflow for too many visual positions. */
export function appendPieces(
  base: Prompt,
  pieces: readonly Piece[],
  tokenize: Tokenize,
  slots: SlotRange,
  width: number,
): Prompt {
  const tokens = [...base.tokens];
  const parts: Float32Array[] = [base.rows];
  let visual = base.rows.length / width;
  for (const piece of pieces) {
    if (piece.kind !== "visual") {
      for (const token of tokenize(piece.text, piece.kind === "template")) tokens.push(token);
      continue;
    }
    const { rows, width: given, data } = piece.embeddings;
    if (given !== width || data.length !== rows * width) {
      throw new VqaError("internal", `Visual embeddings are ${rows} x ${given} (${data.length} values); the model takes width ${width}.`);
    }
    if (visual + rows > slots.count) {
      throw new VqaError(
        "context-overflow",
        `The prompt has at least ${visual + rows} visual positions; the model has room for ${slots.count}.`,
        "Ask with fewer frames.",
        { data: { visual: visual + rows, maxVisual: slots.count } },
      );
    }
    for (let i = 0; i < rows; i++) tokens.push(slots.first + visual + i);
    visual += rows;
    parts.push(data);
  }
  return { tokens, rows: parts.length === 1 ? base.rows : concat(parts) };
}

/** Positions that the pieces take, whether or not they would fit. */
export function countPositions(pieces: readonly Piece[], tokenize: Tokenize): number {
  return pieces.reduce(
    (sum, piece) =>
      sum + (piece.kind === "visual" ? piece.embeddings.rows : tokenize(piece.text, piece.kind === "template").length),
    0,
  );
}

/** Index of the first position that differs in token or embedding, among the first `limit`. */
export function firstDifference(a: Prompt, b: Prompt, limit: number, slots: SlotRange, width: number): number {
  const end = Math.min(limit, a.tokens.length, b.tokens.length);
  for (let i = 0; i < end; i++) {
    const token = a.tokens[i]!;
    if (token !== b.tokens[i]) return i;
    const slot = token - slots.first;
    if (slot >= 0 && slot < slots.count && !sameRow(a.rows, b.rows, slot * width, width)) return i;
  }
  return end;
}

export function hasSlots(prompt: Prompt, from: number, to: number, slots: SlotRange): boolean {
  for (let i = from; i < to; i++) {
    const token = prompt.tokens[i]!;
    if (token >= slots.first && token < slots.first + slots.count) return true;
  }
  return false;
}

function sameRow(a: Float32Array, b: Float32Array, start: number, width: number): boolean {
  for (let i = start; i < start + width; i++) if (a[i] !== b[i]) return false;
  return true;
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
