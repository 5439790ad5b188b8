/** A refusal of this layer, to be shown to the user: what was asked for would be wrong. */
export class LanguageError extends Error {
  override readonly name = "LanguageError";

  constructor(
    message: string,
    /** What can be done about it, one sentence. */
    readonly next: string,
  ) {
    super(message);
  }
}
