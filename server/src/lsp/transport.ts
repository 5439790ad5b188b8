/** How the client is reached. With stdio, nothing but the protocol may ever be written to standard output. */
import { Console } from "node:console";
import { Writable } from "node:stream";
import { createConnection, IPCMessageReader, IPCMessageWriter, ProposedFeatures, type Connection } from "vscode-languageserver/node";
import { VqaError } from "../engine/errors.js";

export function connect(argv: readonly string[]): Connection {
  if (argv.includes("--node-ipc")) {
    if (process.send === undefined) throw wrongStart("--node-ipc was given, but no Node process with a channel started this one.");
    process.once("disconnect", () => process.exit(1));
    return createConnection(ProposedFeatures.all, new IPCMessageReader(process), new IPCMessageWriter(process));
  }
  if (argv.includes("--stdio")) return createConnection(ProposedFeatures.all, process.stdin, takeStdout());
  throw wrongStart("How the client speaks is not said.");
}

/** Standard output for the protocol alone: whatever else wants to print there goes to standard error. */
function takeStdout(): NodeJS.WritableStream {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  globalThis.console = new Console(process.stderr, process.stderr);
  return new Writable({ write: (chunk: Buffer, _encoding, done) => void write(chunk, done) });
}

function wrongStart(message: string): VqaError {
  return new VqaError("invalid-request", message, "Start it as `vqa lsp --stdio` or fork it with `--node-ipc`.");
}
