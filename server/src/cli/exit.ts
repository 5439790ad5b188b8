/** What the exit code of the command line means. Printed by `vqa --help`. */
import type { ErrorCode } from "../engine/errors.js";

export const EXIT = {
  ok: 0,
  /** A question failed, or a check or the wanted accuracy was not met. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** The video, its subtitles or the notebook. */
  input: 3,
  /** The model, the decoder or the process that runs them. */
  engine: 4,
  /** Ctrl-C, as shells count it: 128 + SIGINT. */
  interrupted: 130,
} as const;

const BY_CODE: Readonly<Record<ErrorCode, number>> = {
  "video-not-found": EXIT.input,
  "video-empty": EXIT.input,
  "video-unreadable": EXIT.input,
  "video-refused": EXIT.input,
  "no-video-stream": EXIT.input,
  "time-out-of-range": EXIT.input,
  "subtitles-unreadable": EXIT.input,
  "notebook-unreadable": EXIT.input,
  "notebook-changed": EXIT.input,
  "limit-exceeded": EXIT.input,
  "decoder-missing": EXIT.engine,
  "decoder-failed": EXIT.engine,
  "model-missing": EXIT.engine,
  "model-damaged": EXIT.engine,
  "model-unsupported": EXIT.engine,
  "download-failed": EXIT.engine,
  "download-refused": EXIT.engine,
  "context-overflow": EXIT.engine,
  "worker-crashed": EXIT.engine,
  "worker-unavailable": EXIT.engine,
  "invalid-request": EXIT.usage,
  cancelled: EXIT.interrupted,
  internal: EXIT.failed,
};

export function exitCodeOf(code: ErrorCode): number {
  return BY_CODE[code];
}
