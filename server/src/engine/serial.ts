import { throwIfAborted } from "./errors.js";

/** Runs one task at a time, in the order in which they came. A task that is aborted while it waits never starts. */
export type Serial = <T>(task: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export function createSerial(): Serial {
  let last: Promise<unknown> = Promise.resolve();
  return (task, signal) => {
    const result = last.then(() => {
      throwIfAborted(signal);
      return task();
    });
    last = result.catch(() => undefined);
    return result;
  };
}
