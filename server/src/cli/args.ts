/** Command-line arguments, checked against a table that the help is printed from too. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { VqaError } from "../engine/errors.js";

export interface OptionSpec {
  /** How the value is called in the help; a switch when absent. */
  readonly value?: string;
  readonly help: string;
}

export interface CommandSpec {
  readonly name: string;
  /** What follows the name in the usage line. */
  readonly arguments: string;
  readonly summary: string;
  /** More, below the options. */
  readonly notes?: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
}

/** Arguments of one call. Every getter refuses a value that does not fit, naming the option. */
export class Args {
  constructor(
    private readonly spec: CommandSpec,
    private readonly values: Readonly<Record<string, string | boolean | undefined>>,
    readonly positionals: readonly string[],
  ) {}

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    if (typeof value !== "string") return undefined;
    if (value.trim() === "") throw this.usage(`--${name} has an empty value.`);
    return value;
  }

  number(name: string, min: number, max: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    // Number() would also take "0x10", "1e3" and blanks.
    const number = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
    if (!(number >= min && number <= max)) throw this.usage(`--${name} must be a number from ${min} to ${max}, and is "${value}".`);
    return number;
  }

  whole(name: string, min: number, max: number): number | undefined {
    const number = this.number(name, min, max);
    if (number !== undefined && !Number.isInteger(number)) throw this.usage(`--${name} must be a whole number, and is ${number}.`);
    return number;
  }

  usage(message: string): VqaError {
    return usageError(message, this.spec.name);
  }
}

export function usageError(message: string, command?: string): VqaError {
  return new VqaError("invalid-request", message, `Run \`vqa${command === undefined ? "" : ` ${command}`} --help\` to see how it is used.`);
}

/** Error: invalid-request for anything that the table does not have. */
export function readArgs(spec: CommandSpec, argv: readonly string[]): Args {
  const options: NonNullable<ParseArgsConfig["options"]> = {};
  for (const [name, { value }] of Object.entries(spec.options)) options[name] = { type: value === undefined ? "boolean" : "string" };
  options["help"] = { type: "boolean", short: "h" };
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    return new Args(spec, values as Record<string, string | boolean | undefined>, positionals);
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith("ERR_PARSE_ARGS")) throw error;
    // Node's own advice on how to pass such an argument as a positional is longer than the fault.
    const message = (error as Error).message.split(". To specify")[0]!.split("\n")[0]!;
    throw usageError(`${message.replace(/\.$/, "")}.`, spec.name);
  }
}

/** Columns of help: options left, what they do right. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right.split("\n").join(`\n${" ".repeat(width + 4)}`)}`.trimEnd()).join("\n");
}

export function commandHelp(spec: CommandSpec): string {
  const rows = Object.entries(spec.options).map(([name, { value, help }]) => [`--${name}${value === undefined ? "" : ` ${value}`}`, help] as const);
  return [
    `Usage: vqa ${spec.name} ${spec.arguments}`,
    spec.summary,
    `Options:\n${columns([...rows, ["-h, --help", "this text"]])}`,
    ...(spec.notes === undefined ? [] : [spec.notes]),
  ].join("\n\n");
}
