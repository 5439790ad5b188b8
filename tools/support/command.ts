/** What the project's own programs have in common: options, help, Ctrl-C, errors without a stack. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { VqaError } from "../../server/src/engine/errors.js";

export type Options = NonNullable<ParseArgsConfig["options"]>;

export interface Input<T extends Options> {
  readonly values: ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>>["values"];
  readonly positionals: readonly string[];
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Said to the user as it is, with the usage below; exit status 2. */
export class UsageError extends Error {}

/**
 * Runs a program: `--help` prints `usage`, a wrong call prints the reason and exits with 2, Ctrl-C
 * aborts the signal, a failure prints its message and exits with 1.
 */
export async function command<T extends Options>(usage: string, options: T, main: (input: Input<T>) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt);
  try {
    const { values, positionals } = read(options);
    if ((values as { help?: unknown }).help === true) console.log(usage);
    else await main({ values: values as Input<T>["values"], positionals, signal: stop.signal });
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    console.error(error.message);
    if (error instanceof VqaError && error.next !== "") console.error(error.next);
    if (error instanceof UsageError) console.error(`\n${usage}`);
    process.exitCode = stop.signal.aborted ? 130 : error instanceof UsageError ? 2 : 1;
  } finally {
    process.removeListener("SIGINT", interrupt);
  }
}

/** Error: UsageError unless `written` is a whole number from `low`. */
export function wholeNumber(name: string, written: string, low: number): number {
  const value = Number(written);
  if (Number.isSafeInteger(value) && value >= low) return value;
  throw new UsageError(`--${name} takes a whole number from ${low}, not "${written}".`);
}

function read(options: Options): { values: object; positionals: string[] } {
  try {
    return parseArgs({ options: { ...options, help: { type: "boolean", short: "h" } }, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
