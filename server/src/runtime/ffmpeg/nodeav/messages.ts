/** What goes between a program and its decoding process: the calls of `Decoder`, with their arguments as they are. */
import type { SerializedError } from "../../../engine/errors.js";
import type { Decoder, OnPicture } from "../decoder.js";
import type { MediaLimits } from "../limits.js";

/** Calls of `Decoder` that answer with a promise. */
export type Call = "scan" | "decodedTimeline" | "at" | "grab" | "differences" | "pcm" | "subtitle";

/** Arguments of a call without its signal and without the function that is told of what comes before its end. */
export type Arguments<C extends Call> = Parameters<Decoder[C]> extends [...infer A, (AbortSignal | undefined)?]
  ? A extends [...infer B, (...told: never[]) => void] ? B : A
  : never;

/** What takes that which comes before the end of a call. */
export interface Listener {
  readonly reached?: (pts: number) => void;
  readonly picture?: OnPicture;
}

export type Result<C extends Call> = Awaited<ReturnType<Decoder[C]>>;

export type ToChild =
  | { readonly type: "open"; readonly limits: MediaLimits; readonly threads: number }
  | { readonly type: "call"; readonly id: number; readonly call: Call; readonly args: readonly unknown[] }
  | { readonly type: "cancel"; readonly id: number };

export type FromChild =
  /** `name` is absent where the binding does not load. */
  | { readonly type: "opened"; readonly name?: string }
  /** How far a walk through a film is. */
  | { readonly type: "reached"; readonly id: number; readonly pts: number }
  /** One of the pictures that a call hands on; the next is decoded when this one is out of the process. */
  | { readonly type: "picture"; readonly id: number; readonly pts: number; readonly rgb: Uint8Array }
  | { readonly type: "done"; readonly id: number; readonly value: unknown }
  | { readonly type: "failed"; readonly id: number; readonly error: SerializedError };

/** Not more often than this: nobody looks at more. */
export const REPORT_MS = 100;
