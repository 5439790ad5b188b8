import { throwIfAborted } from "../../../engine/errors.js";

/**
 * Hands items to jobs that run side by side. All jobs have ended, and with them their processes, when
 * this returns; the first failure stops the others and is thrown.
 * @param sizes a lane each: the most items that one job of it is given
 * Errors: what a job threw, cancelled.
 */
export async function lanes<T>(items: readonly T[], sizes: readonly number[], job: (some: readonly T[], signal: AbortSignal) => Promise<void>, signal?: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  let next = 0;
  let failure: unknown;
  const lane = async (size: number): Promise<void> => {
    try {
      while (next < items.length && !both.aborted) await job(items.slice(next, (next += size)), both);
    } catch (error) {
      failure ??= error;
      stop.abort();
    }
  };
  await Promise.all(sizes.map(lane));
  if (failure !== undefined) throw failure;
  throwIfAborted(signal);
}
