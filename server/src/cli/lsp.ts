import { VqaError } from "../engine/errors.js";
import type { CommandSpec } from "./args.js";

export const LSP: CommandSpec = {
  name: "lsp",
  arguments: "--stdio | --node-ipc",
  summary: "Starts the language server, for editors.",
  options: {
    stdio: { help: "speak over standard input and output" },
    "node-ipc": { help: "speak over the channel of the Node process that forked this one" },
  },
};

/**
 * The server is a program of its own, so that none of the command line's parts are loaded in it; the
 * launcher `vqa` starts it directly. This is reached only by going around the launcher.
 */
export async function lsp(): Promise<number> {
  throw new VqaError("invalid-request", "The language server is started by the launcher.", "Run `vqa lsp --stdio`.");
}
