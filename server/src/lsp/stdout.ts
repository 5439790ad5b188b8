/**
 * Standard output for the protocol alone: whatever else wants to print there goes to standard error.
 * Done when this module is loaded, and it is the first that `main.ts` imports, so that not even the
 * loading of another module can put a word among the messages.
 */
import { Console } from "node:console";
import { Writable } from "node:stream";

const write = process.stdout.write.bind(process.stdout);

/** What is written here is the protocol. */
export const protocolOutput: NodeJS.WritableStream = new Writable({
  write: (chunk: Buffer, _encoding, done) => void write(chunk, done),
});

process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
globalThis.console = new Console(process.stderr, process.stderr);
