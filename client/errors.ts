/** What a request ended with, and how it is told. */
import * as vscode from "vscode";
import { typedError } from "../server/src/protocol/jsonrpc.js";
import type { SerializedError } from "../server/src/protocol/values.js";

export type RequestError = Pick<SerializedError, "code" | "message" | "next">;

/** Anything that a request ended with as one of our errors. */
export function errorOf(thrown: unknown): RequestError {
  const typed = typedError((thrown as { data?: unknown } | undefined)?.data);
  if (typed !== undefined) return typed;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "internal", message, next: vscode.l10n.t("Run the cell again. The log is in Output, VQA.") };
}

/** What happened, and what can be done about it. */
export function sentences({ message, next }: Pick<RequestError, "message" | "next">): string {
  return next === "" ? message : `${message} ${next}`;
}

/** Tells the user, unless it was they who cancelled it. */
export function showError(thrown: unknown): void {
  const error = errorOf(thrown);
  if (error.code !== "cancelled") void vscode.window.showErrorMessage(sentences(error));
}
