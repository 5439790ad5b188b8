/**
 * Turns tokens into text as they come: never half a character, never a part of a stop text.
 * A byte-level vocabulary may spread one character over up to four tokens, and put the end of one and
 * the beginning of the next into one token. An unfinished character at the end of detokenised text
 * is one U+FFFD, so that last one is held back until it turns into a character.
 */
const REPLACEMENT = "\uFFFD";
/** A character has at most four bytes: one that is unfinished for so many tokens never ends. */
const MOST_UNFINISHED = 4;
/** Tokens before the pending ones that a detokeniser may need to see to place spaces. */
const CONTEXT = 8;

export type Detokenize = (tokens: readonly number[], before: readonly number[]) => string;

export class TextStream {
  /** Tokens whose text is not all passed on: the last of them ends inside a character. */
  private pending: number[] = [];
  /** How much of the pending tokens' text is passed on, and for how many tokens its end is unfinished. */
  private passed = 0;
  private unfinished = 0;
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
    const from = this.passed;
    const end = text.length - 1;
    if (text.endsWith(REPLACEMENT)) {
      this.unfinished = end === from ? this.unfinished + 1 : 1;
      if (this.unfinished < MOST_UNFINISHED) {
        this.passed = end;
        return this.accept(text.slice(from, end));
      }
    }
    this.before = [...this.before, ...this.pending].slice(-CONTEXT);
    this.pending = [];
    this.passed = 0;
    this.unfinished = 0;
    return this.accept(text.slice(from));
  }

  /** Releases what is held back; a character whose end never came is dropped. */
  end(): void {
    if (this.ended) return;
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
