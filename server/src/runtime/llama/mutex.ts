import { cancelled, throwIfAborted } from "../../engine/errors.js";

/** Runs functions one after another, in the order in which they came. */
export class Mutex {
  private tail: Promise<void> = Promise.resolve();

  /** Error: cancelled when the signal fires while waiting; `work` is then never begun. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    throwIfAborted(signal);
    const before = this.tail;
    let release!: () => void;
    const mine = new Promise<void>((resolve) => (release = resolve));
    // Those behind wait for both: also when this one gives up early.
    this.tail = before.then(() => mine);
    try {
      await settledOrAborted(before, signal);
      return await work();
    } finally {
      release();
    }
  }
}

function settledOrAborted(before: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return before;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(cancelled());
    signal.addEventListener("abort", onAbort, { once: true });
    void before.then(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
  });
}
