/** How typed errors travel in JSON-RPC: a number for generic clients, the whole error in `data`. */
import { VqaError, type ErrorCode, type SerializedError } from "../engine/errors.js";
import { is } from "./schema.js";
import { ErrorSchema } from "./values.js";

/** Numbers of the JSON-RPC and LSP specifications; every other typed error is `requestFailed`. */
export const RPC_CODES = {
  invalidParams: -32602,
  requestCancelled: -32800,
  contentModified: -32801,
  requestFailed: -32803,
} as const;

const SPECIAL: Partial<Record<ErrorCode, number>> = {
  "invalid-request": RPC_CODES.invalidParams,
  cancelled: RPC_CODES.requestCancelled,
  "notebook-changed": RPC_CODES.contentModified,
};

export function rpcCode(code: ErrorCode): number {
  return SPECIAL[code] ?? RPC_CODES.requestFailed;
}

/** The typed error inside a JSON-RPC error's `data`, if there is one. */
export function typedError(data: unknown): VqaError | undefined {
  return is(ErrorSchema, data) ? VqaError.fromJSON(data as SerializedError) : undefined;
}
