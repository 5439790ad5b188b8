import { LSPErrorCodes, ResponseError, type CancellationToken } from "vscode-languageserver/node";
import { VqaError, type SerializedError } from "../engine/errors.js";
import { rpcCode } from "../protocol/jsonrpc.js";
import { inWords, type Say } from "../protocol/schema.js";
import { ErrorSchema } from "../protocol/values.js";

/** Anything thrown as the response error that the protocol document describes, in the client's language; the log stays English. */
export function responseError(thrown: unknown, say: Say): ResponseError<unknown> {
  if (thrown instanceof ResponseError) return thrown as ResponseError<unknown>;
  const error = VqaError.from(thrown);
  if (error.code === "internal") console.error(thrown);
  const said = inWords(ErrorSchema, error.toJSON(), say);
  return new ResponseError<SerializedError>(rpcCode(error.code), said.message, said);
}

/** LSP's cancellation as the signal that everything below takes. */
export function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

/** A browser has no other turn than that of a timer. */
const nextTurn: (done: () => void) => unknown = typeof setImmediate === "function" ? setImmediate : (done) => setTimeout(done, 0);

/**
 * Every handler waits for this before it begins: a cancellation that came right behind its request is
 * heard, and what nobody wants any more is not begun. Throws the response error of a cancelled request.
 */
export async function stillWanted(token: CancellationToken): Promise<void> {
  await new Promise<void>((resolve) => void nextTurn(resolve));
  refuseCancelled(token);
}

export function refuseCancelled(token: CancellationToken): void {
  if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, "The request was cancelled.");
}
