/**
 * Refusals of this layer. Parsing never throws; only a call that would write something wrong does,
 * because a refused edit loses nothing and a wrong one does.
 */
export const FORMAT_ERROR_CODES = [
  /** The file declares a version that this library does not write. */
  "unsupported-version",
  /** The question is not of the notebook that is to be edited. */
  "foreign-question",
  /** A key, field or value that the grammar has no place for. */
  "invalid-value",
  /** Edits that overlap or lie outside of the text. */
  "invalid-edit",
  /** Bytes that are not UTF-8. */
  "not-utf8",
  /** A file to import that is not what its format says. */
  "bad-file",
  /** A single record that is longer than any record is. */
  "too-large",
  /** A file to import that is of no known format, or could be of several. */
  "unknown-format",
] as const;

export type FormatErrorCode = (typeof FORMAT_ERROR_CODES)[number];

export class FormatError extends Error {
  override readonly name = "FormatError";

  constructor(
    readonly code: FormatErrorCode,
    message: string,
    /** What can be done about it, one sentence. */
    readonly next: string,
  ) {
    super(message);
  }
}
