/**
 * Runs a job for each item, a few at a time. All jobs have ended, and with them their processes, when
 * this returns; the first failure stops the others and is thrown.
 */
export async function lanes<T>(items: readonly T[], width: number, job: (item: T, signal: AbortSignal) => Promise<void>, signal?: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const rest = items.values();
  let failure: unknown;
  const lane = async (): Promise<void> => {
    try {
      for (const item of rest) await job(item, both);
    } catch (error) {
      failure ??= error;
      stop.abort();
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  if (failure !== undefined) throw failure;
}
