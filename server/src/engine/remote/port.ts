/** A model on another machine, or in another program of this one, that is spoken to in messages. */
import type { DecodeOptions, Frame, StopReason } from "../ports.js";

/** What is sent, in order. */
export type ChatPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "image"; readonly frame: Frame }
  /** A file as it is. */
  | { readonly kind: "video"; readonly path: string };

export interface ChatRequest {
  readonly parts: readonly ChatPart[];
  readonly decode: DecodeOptions;
  /** Also wanted: how likely other first tokens would have been. */
  readonly alternatives?: boolean;
}

export interface ChatReply {
  readonly text: string;
  readonly stop: StopReason;
  /** As the engine counts them; undefined when it does not say. */
  readonly promptTokens?: number;
  readonly answerTokens?: number;
  /** Likeliest texts of each token of the answer, natural logarithm; undefined when the engine does not say. */
  readonly alternatives?: readonly (readonly { readonly text: string; readonly logProb: number }[])[];
  readonly notes: readonly string[];
}

export interface ChatEngine {
  /** Name of the model, and where it runs: "qwen2-vl@gpu.example:8000". */
  readonly id: string;
  /** Host and port: where what is sent goes. */
  readonly place: string;
  /** sha256 of all that decides its answers and is known here: address, model, settings. */
  readonly digest: string;
  /** For provenance. */
  readonly engine: string;
  /** Frames without being asked for another number, and at most. */
  readonly frames: number;
  readonly maxFrames: number;
  /** Longer side of the pictures that are sent. */
  readonly imageSide: number;
  /** Positions of its context, where the user said so; without it the engine's own refusal is met with fewer frames. */
  readonly contextSize?: number;
  /** Largest file that is sent whole in place of frames; undefined for engines that take pictures only. */
  readonly maxVideoBytes?: number;
  /**
   * One exchange; `onText` receives the answer as it grows. A stop after the first word is not an error:
   * the text so far is the answer, with `stop: "stopped"`.
   * Errors: context-overflow when the engine says that it is too much, worker-unavailable when it cannot
   * be used, worker-crashed when it failed in the middle of an answer, invalid-request, cancelled.
   */
  chat(request: ChatRequest, onText: (delta: string) => void, signal?: AbortSignal): Promise<ChatReply>;
  dispose(): Promise<void>;
}
