/** What a message between an editor and the server is, and the errors that many of them can end with. */
import type { ErrorCode } from "../engine/errors.js";
import { number, string, union, type Schema } from "./schema.js";

export type Direction = "client to server" | "server to client";

export interface Message {
  readonly method: string;
  readonly kind: "request" | "notification";
  readonly direction: Direction;
  /** When it is sent, and what it does: a sentence or two. */
  readonly when: string;
  readonly params: Schema<unknown>;
  /** Requests only. */
  readonly result?: Schema<unknown>;
  /** Values of `$/progress` under the request's `partialResultToken`. */
  readonly partial?: Schema<unknown>;
  /** Typed errors that the request can end with, besides `invalid-request`, `cancelled` and `internal`. */
  readonly errors: readonly ErrorCode[];
}

export interface Command {
  readonly command: string;
  readonly when: string;
  /** The list of arguments. */
  readonly argument: Schema<unknown>;
  readonly result: Schema<unknown>;
  readonly errors: readonly ErrorCode[];
}

export const token = union(string, number);

export const VIDEO_ERRORS: readonly ErrorCode[] = [
  "video-not-found",
  "video-empty",
  "video-unreadable",
  "video-refused",
  "no-video-stream",
  "time-out-of-range",
  "decoder-missing",
  "decoder-failed",
  "limit-exceeded",
];

export const ASK_ERRORS: readonly ErrorCode[] = [
  ...VIDEO_ERRORS,
  "subtitles-unreadable",
  "model-missing",
  "model-damaged",
  "model-unsupported",
  "context-overflow",
  "worker-crashed",
  "worker-unavailable",
];
