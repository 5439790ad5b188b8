/** The composition root of the command line: which command, in which terminal, with which exit code. */
import { VqaError } from "./engine/errors.js";
import { columns, commandHelp, readArgs, usageError } from "./cli/args.js";
import { COMMANDS } from "./cli/commands.js";
import { EXIT, exitCodeOf } from "./cli/exit.js";
import { onInterrupt } from "./cli/interrupt.js";
import { LSP, lsp } from "./cli/lsp.js";
import { line, reportError, TERMINAL } from "./cli/terminal.js";
import { ownVersion } from "./runtime/worker/versions.js";

function help(): string {
  return [
    "Usage: vqa <command> [options]",
    "Answers questions about videos, on this machine.",
    `Commands:\n${columns(COMMANDS.map(({ spec }) => [`${spec.name} ${spec.arguments}`, spec.summary] as const))}`,
    `Options:\n${columns([["-h, --help", "this text, or that of a command"], ["--version", "the version of the program"]])}`,
    `Exit codes:\n${columns([
      [String(EXIT.ok), "all went well"],
      [String(EXIT.failed), "a question failed, or a check or the wanted accuracy was not met"],
      [String(EXIT.usage), "the command line is wrong"],
      [String(EXIT.input), "the video, its subtitles or the notebook cannot be used"],
      [String(EXIT.engine), "the model or the decoder cannot be used"],
      [String(EXIT.interrupted), "stopped by Ctrl-C"],
    ])}`,
    "Example: vqa ask clip.mp4 \"What colour is the circle?\"",
  ].join("\n\n");
}

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const about = COMMANDS.find(({ spec }) => spec.name === rest[0]);
    // Without any argument it is a question of what to type: the answer is not output.
    line(name === undefined ? TERMINAL.err : TERMINAL.out, about === undefined ? help() : commandHelp(about.spec));
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  if (name === "--version" || name === "-V") {
    line(TERMINAL.out, ownVersion());
    return EXIT.ok;
  }
  const command = COMMANDS.find(({ spec }) => spec.name === name);
  if (command === undefined) {
    const known = COMMANDS.map(({ spec }) => spec.name).join(", ");
    throw usageError(`There is no command "${name}": use one of ${known}.`);
  }
  const args = readArgs(command.spec, rest);
  if (args.flag("help")) {
    line(TERMINAL.out, commandHelp(command.spec));
    return EXIT.ok;
  }
  // A server is ended by its client; it deals with signals itself.
  if (command.spec === LSP) return lsp();
  const interrupt = onInterrupt((text) => line(TERMINAL.err, `vqa: ${text}`));
  try {
    return await command.run({ args, terminal: TERMINAL, signal: interrupt.signal });
  } finally {
    interrupt.release();
  }
}

/** The reader of a pipe may go before we are done (`vqa run … | head`); that is not an error of ours. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.ok);
  throw error;
});

const argv = process.argv.slice(2);

function fail(thrown: unknown): number {
  const error = VqaError.from(thrown);
  reportError(TERMINAL, error, argv.includes("--json"));
  return exitCodeOf(error.code);
}

// A fault of ours outside of any promise: told like every other, and the worker ends with us.
process.on("uncaughtException", (thrown) => process.exit(fail(thrown)));

const LEFT_BEHIND_MS = 3000;

/** A connection or a timer that a library has left behind must not keep a command that is done; a slow reader may. */
function leave(): void {
  setTimeout(() => (process.stdout.writableLength > 0 ? leave() : process.exit()), LEFT_BEHIND_MS).unref();
}

try {
  process.exitCode = await main(argv);
} catch (thrown) {
  process.exitCode = fail(thrown);
}
leave();
