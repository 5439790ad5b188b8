import { cancelled, throwIfAborted } from "./errors.js";

/**
 * Runs one task at a time, in the order in which they came. A task that is aborted while it waits
 * fails with `cancelled` at once and never starts.
 */
export type Serial = <T>(task: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export function createSerial(): Serial {
  let last: Promise<unknown> = Promise.resolve();
  return async (task, signal) => {
    let leave: (() => void) | undefined;
    const turn = last.then(() => {
      throwIfAborted(signal);
      if (leave) signal?.removeEventListener("abort", leave);
      return task();
    });
    last = turn.catch(() => undefined);
    if (!signal) return turn;
    throwIfAborted(signal);
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(cancelled());
      signal.addEventListener("abort", leave, { once: true });
    });
    return Promise.race([turn, left]);
  };
}
