/** How the client is reached. */
import { createConnection, IPCMessageReader, IPCMessageWriter, ProposedFeatures, type Connection } from "vscode-languageserver/node";
import { VqaError } from "../engine/errors.js";
import { protocolOutput } from "./stdout.js";

export function connect(argv: readonly string[]): Connection {
  if (argv.includes("--node-ipc")) {
    if (process.send === undefined) throw wrongStart("--node-ipc was given, but no Node process with a channel started this one.");
    process.once("disconnect", () => process.exit(1));
    return createConnection(ProposedFeatures.all, new IPCMessageReader(process), new IPCMessageWriter(process));
  }
  if (argv.includes("--stdio")) return createConnection(ProposedFeatures.all, process.stdin, protocolOutput);
  throw wrongStart("How the client speaks is not said.");
}

function wrongStart(message: string): VqaError {
  return new VqaError("invalid-request", message, "Start it as `vqa lsp --stdio` or fork it with `--node-ipc`.");
}
