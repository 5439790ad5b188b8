import type { Reel } from "./longVideo/reel.js";

/** Passes on what a model says, with the times of the video where it was shown a reel, and sees when it began. */
export interface Teller {
  onText(delta: string): void;
  /** A text that is the user's own, as choices are. */
  whole(text: string): void;
  /** What was held back because it might have become a time. */
  end(): void;
  told(text: string): string;
  /** When the first word came; undefined before it. */
  firstMs(): number | undefined;
}

export function teller(onText: ((delta: string) => void) | undefined, now: () => number, reel?: Reel): Teller {
  let first: number | undefined;
  const restorer = reel?.restorer();
  const pass = (delta: string): void => {
    if (delta !== "") onText?.(delta);
  };
  const begin = (): void => {
    first ??= now();
  };
  return {
    onText: (delta) => {
      begin();
      pass(restorer ? restorer.push(delta) : delta);
    },
    whole: (text) => {
      begin();
      pass(text);
    },
    end: () => pass(restorer?.end() ?? ""),
    told: (text) => reel?.restore(text) ?? text,
    firstMs: () => first,
  };
}
