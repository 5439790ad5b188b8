import * as os from "node:os";

/** More threads than this bring nothing for models that run on a laptop's memory bus. */
const MOST = 8;

/**
 * Threads for native libraries when no setting says otherwise: the cores that are idle now. Their
 * spin barriers collapse when there are more threads than free cores: on a busy two-core machine a
 * tiny model made 1 token a second with 4 threads and 400 to 1850 with one.
 */
export function idleThreads(): number {
  // Where there is no load average (Windows) loadavg() is 0 and all cores but one are taken.
  const idle = Math.floor(os.availableParallelism() - Math.max(1, os.loadavg()[0] ?? 0));
  return Math.min(MOST, Math.max(1, idle));
}
