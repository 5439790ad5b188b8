/** What goes between a program and its decoding process: the calls of `Decoder`, with their arguments as they are. */
import type { SerializedError } from "../../../engine/errors.js";
import type { Decoder } from "../decoder.js";
import type { MediaLimits } from "../limits.js";

/** Calls of `Decoder` that answer with a promise. */
export type Call = "scan" | "decodedTimeline" | "at" | "grab" | "differences" | "pcm" | "subtitle";

/** Arguments of a call without its signal and without the function that is told how far it is. */
export type Arguments<C extends Call> = Parameters<Decoder[C]> extends [...infer A, (AbortSignal | undefined)?]
  ? A extends [...infer B, (pts: number) => void] ? B : A
  : never;

export type Result<C extends Call> = Awaited<ReturnType<Decoder[C]>>;

export type ToChild =
  | { readonly type: "open"; readonly limits: MediaLimits; readonly threads: number }
  | { readonly type: "call"; readonly id: number; readonly call: Call; readonly args: readonly unknown[] }
  | { readonly type: "cancel"; readonly id: number };

export type FromChild =
  /** `name` is absent where the binding does not load. */
  | { readonly type: "opened"; readonly name?: string }
  /** How far a call of `REPORTING` is. */
  | { readonly type: "reached"; readonly id: number; readonly pts: number }
  | { readonly type: "done"; readonly id: number; readonly value: unknown }
  | { readonly type: "failed"; readonly id: number; readonly error: SerializedError };

/** Calls that tell how far they are. */
export const REPORTING: readonly Call[] = ["differences"];

/** Not more often than this: nobody looks at more. */
export const REPORT_MS = 100;
