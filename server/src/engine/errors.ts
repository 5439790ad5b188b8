/**
 * The one error type that crosses layers. Every message says what happened and where;
 * `next` says what the user can do about it. Codes are stable and part of the protocol.
 */
export const ERROR_CODES = [
  "video-not-found",
  "video-empty",
  "video-unreadable",
  "video-refused",
  "no-video-stream",
  "time-out-of-range",
  "decoder-missing",
  "decoder-failed",
  "subtitles-unreadable",
  "notebook-unreadable",
  "notebook-changed",
  "model-missing",
  "model-damaged",
  "model-unsupported",
  "download-failed",
  "download-refused",
  "context-overflow",
  "worker-crashed",
  "worker-unavailable",
  "cancelled",
  "limit-exceeded",
  "invalid-request",
  "internal",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export class VqaError extends Error {
  override readonly name = "VqaError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    /** What the user can do next, one sentence; empty when there is nothing to do. */
    readonly next: string = "",
    options?: { cause?: unknown; data?: Readonly<Record<string, unknown>> },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.data = options?.data ?? {};
  }

  /** Facts for machines, such as the file or the time. JSON values only. */
  readonly data: Readonly<Record<string, unknown>>;

  toJSON(): SerializedError {
    return { code: this.code, message: this.message, next: this.next, data: this.data };
  }

  static fromJSON(e: SerializedError): VqaError {
    return new VqaError(e.code, e.message, e.next, { data: e.data });
  }

  /** Wraps anything thrown; keeps a VqaError as it is and turns aborts into `cancelled`. */
  static from(thrown: unknown, code: ErrorCode = "internal", next = ""): VqaError {
    if (thrown instanceof VqaError) return thrown;
    if (isAbort(thrown)) return cancelled();
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new VqaError(code, message, next, { cause: thrown });
  }
}

export interface SerializedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly next: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export function cancelled(): VqaError {
  return new VqaError("cancelled", "Stopped.", "");
}

export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === "AbortError" || thrown.name === "TimeoutError");
}

/** Call after every await: turns an aborted signal into the typed `cancelled` error. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}
