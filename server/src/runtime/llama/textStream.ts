/**
 * Turns tokens into text as they come: never half a character, never a part of a stop text.
 * A byte-level vocabulary may spread one character over up to four tokens; detokenising the first of
 * them gives U+FFFD.
 */
const REPLACEMENT = "\uFFFD";
/** A character has at most four bytes: a tail that is still broken after more is really broken. */
const MOST_PENDING = 4;
/** Tokens before the pending ones that a detokeniser may need to see to place spaces. */
const CONTEXT = 8;

export type Detokenize = (tokens: readonly number[], before: readonly number[]) => string;

export class TextStream {
  private pending: number[] = [];
  private before: number[] = [];
  /** Text that is complete but may yet turn out to be the beginning of a stop text. */
  private held = "";
  private released = "";
  private ended = false;

  constructor(
    private readonly detokenize: Detokenize,
    private readonly stops: readonly string[],
    private readonly onText: (delta: string) => void,
  ) {}

  /** Everything that was given to `onText`, joined. */
  get text(): string {
    return this.released;
  }

  /** True when a stop text came: the caller ends the generation. */
  push(token: number): boolean {
    this.pending.push(token);
    const text = this.detokenize(this.pending, this.before);
    if (text.endsWith(REPLACEMENT) && this.pending.length < MOST_PENDING) return false;
    this.before = [...this.before, ...this.pending].slice(-CONTEXT);
    this.pending = [];
    return this.accept(text);
  }

  /** Releases what is held back; a character whose end never came is dropped. */
  end(): void {
    if (this.ended) return;
    if (this.pending.length > 0) {
      const text = this.detokenize(this.pending, this.before);
      this.pending = [];
      if (this.accept(text.replace(/\uFFFD+$/, ""))) return;
    }
    this.ended = true;
    this.release(this.held);
    this.held = "";
  }

  private accept(text: string): boolean {
    const all = this.held + text;
    const stop = this.earliestStop(all);
    if (stop !== undefined) {
      this.ended = true;
      this.held = "";
      this.release(all.slice(0, stop));
      return true;
    }
    const keep = this.possibleStop(all);
    this.held = all.slice(all.length - keep);
    this.release(all.slice(0, all.length - keep));
    return false;
  }

  private earliestStop(text: string): number | undefined {
    const places = this.stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    return places.length === 0 ? undefined : Math.min(...places);
  }

  /** Length of the longest end of `text` that begins a stop text. */
  private possibleStop(text: string): number {
    let longest = 0;
    for (const stop of this.stops) {
      for (let n = Math.min(stop.length - 1, text.length); n > longest; n--) {
        if (text.endsWith(stop.slice(0, n))) longest = n;
      }
    }
    return longest;
  }

  private release(delta: string): void {
    if (delta === "") return;
    this.released += delta;
    this.onText(delta);
  }
}
