/** Which cut a time is moved to. Pure. */

/**
 * The nearest of the film's cuts, its start and its end. Of two that are as near, the earlier one.
 * @param cutsMs where shots begin, ascending
 */
export function nearestCut(cutsMs: readonly number[], durationMs: number, timeMs: number): number {
  let nearest = 0;
  for (const cut of [...cutsMs, durationMs]) if (Math.abs(cut - timeMs) < Math.abs(nearest - timeMs)) nearest = cut;
  return Math.round(nearest);
}
