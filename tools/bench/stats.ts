/** A figure that was measured several times. */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  /** Middle of the runs. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly runs: number;
}

/** Error: no values. */
export function measure(name: string, unit: string, values: readonly number[]): Measure {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (i: number): number => {
    const value = sorted[i];
    if (value === undefined) throw new RangeError(`${name} was not measured`);
    return value;
  };
  const half = sorted.length / 2;
  const median = Number.isInteger(half) ? (at(half - 1) + at(half)) / 2 : at(Math.floor(half));
  return { name, unit, median, low: at(0), high: at(sorted.length - 1), runs: sorted.length };
}

/** Milliseconds that `work` takes on the clock, and of processors in all threads of this process, with what it returned. */
export async function timed<T>(work: () => T | Promise<T>): Promise<{ readonly ms: number; readonly cpuMs: number; readonly value: T }> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const value = await work();
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - start, cpuMs: (user + system) / 1000, value };
}

export function table(measures: readonly Measure[]): string {
  const number = (v: number): string => (v >= 100 ? v.toFixed(0) : v >= 10 ? v.toFixed(1) : v.toFixed(2));
  const wide = Math.max(...measures.map((m) => m.name.length));
  return measures
    .map((m) => `  ${m.name.padEnd(wide)}  ${number(m.median).padStart(8)} ${m.unit.padEnd(9)}  ${number(m.low)} to ${number(m.high)} in ${m.runs} runs`)
    .join("\n");
}
