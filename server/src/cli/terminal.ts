/** Where the command line writes to, and how errors and notes look there. */
import { inspect } from "node:util";
import type { VqaError } from "../engine/errors.js";
import { exitCodeOf } from "./exit.js";

export interface Terminal {
  /** Answers and what was asked for; machines read it. */
  readonly out: NodeJS.WriteStream;
  /** Notes, progress and errors; people read it. */
  readonly err: NodeJS.WriteStream;
}

export const TERMINAL: Terminal = { out: process.stdout, err: process.stderr };

export function line(stream: NodeJS.WritableStream, text: string): void {
  stream.write(`${printable(text)}\n`);
}

export function json(stream: NodeJS.WritableStream, value: unknown): void {
  stream.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** The error and the next step; with `asJson` on stdout, where a machine looks for the result. */
export function reportError(terminal: Terminal, error: VqaError, asJson: boolean, debug = process.env["VQA_DEBUG"] === "1"): void {
  if (asJson) {
    json(terminal.out, { error: error.toJSON(), exitCode: exitCodeOf(error.code) });
  } else if (error.code !== "cancelled") {
    line(terminal.err, `vqa: ${error.message}`);
    if (error.next !== "") line(terminal.err, `     ${error.next}`);
  }
  if (debug) terminal.err.write(`${inspect(error, { depth: 5 })}\n`);
}

/** Text of models and files must not steer the terminal: no escape sequences, only line feeds and tabs. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}

/** Text that comes in pieces: without blanks before its first word, and with its line ended once. */
export function answerStream(stream: NodeJS.WritableStream): { write(delta: string): void; end(): void } {
  let last = "\n";
  return {
    write(delta) {
      const text = printable(last === "\n" ? delta.trimStart() : delta);
      if (text === "") return;
      stream.write(text);
      last = text.at(-1)!;
    },
    end() {
      if (last !== "\n") stream.write("\n");
      last = "\n";
    },
  };
}
