/** The prompt of a remote engine: frames as pictures, each with its time and the subtitles that begin there. */
import type { Composer } from "../compose/port.js";
import type { LayoutPiece } from "../interleave.js";
import type { PromptTemplate } from "../pack.js";
import type { Frame, LanguageModel, Piece } from "../ports.js";
import type { ChatPart } from "./port.js";

/** Its digest is part of provenance. Own wording: the chat template is the engine's business. */
export const REMOTE_TEMPLATE: PromptTemplate = {
  begin: "{count} frames of a video of length {duration} follow in order of time. Each stands behind its time; what is said from then on stands below it.\n",
  frame: "At {time}: {visual}\n",
  cue: "Said: {text}\n",
  end: "\n{question}",
  answerPrefix: "",
  stop: [],
};

export const VIDEO_TEMPLATE = "A video of length {duration}, and what is said in it:\n";
export const LETTER_ONLY = "\nReply with the letter of the right choice and nothing else.";

/** Patches of 28 pixels: about what today's models make of a picture. Only where a context size was given. */
export function imageTokens(side: number): number {
  return Math.ceil(side / 28) ** 2;
}

/** Every frame is a segment of its own. */
export function frameByFrame(tokens: number): Pick<Composer, "outline"> {
  return { outline: (frames) => Array.from({ length: frames }, (_, frame) => ({ frame, projector: "visual" as const, rows: tokens })) };
}

/** A guess that is rather too high: which tokens another machine's model has is not known here. */
export function guessedLimits(contextSize = Number.MAX_SAFE_INTEGER): Pick<LanguageModel, "contextSize" | "maxVisual" | "countTokens"> {
  return {
    contextSize,
    maxVisual: contextSize,
    countTokens: (pieces) => pieces.reduce((sum, piece) => sum + (piece.kind === "visual" ? piece.embeddings.rows : Math.ceil(new TextEncoder().encode(piece.text).length / 3)), 0),
  };
}

/** Neighbouring texts are one part. */
export function chatParts(prefix: readonly LayoutPiece[], question: readonly Piece[], frames: readonly Frame[]): ChatPart[] {
  const parts: ChatPart[] = [];
  for (const piece of [...prefix, ...question]) {
    const last = parts.at(-1);
    if (piece.kind === "visual") continue;
    if (piece.kind === "slot") parts.push({ kind: "image", frame: frames[piece.segment]! });
    else if (last?.kind === "text") parts[parts.length - 1] = { kind: "text", text: last.text + piece.text };
    else parts.push({ kind: "text", text: piece.text });
  }
  return parts;
}
