/** What can be wrong with the worker process, as errors. */
import { VqaError } from "../../engine/errors.js";
import { WORKER_PROTOCOL_VERSION } from "../../protocol/worker.js";
import type { Exit } from "./child.js";

const ASK_AGAIN = "Ask again: a new process is started for the next question.";

export function crash(exit: Exit, pid: number | undefined, starting: boolean): VqaError {
  const how =
    exit.error !== undefined
      ? exit.error.message
      : exit.signal !== null
        ? `ended by signal ${exit.signal}`
        : `ended with exit code ${exit.code ?? "unknown"}`;
  const lastLine = exit.output.split("\n").at(-1) ?? "";
  const detail = lastLine === "" ? "" : ` Its last words: ${lastLine}`;
  return new VqaError(
    "worker-crashed",
    `The model process ${starting ? "did not start" : "died while it was working"} (${how}).${detail}`,
    ASK_AGAIN,
    { data: { exitCode: exit.code, signal: exit.signal, stderr: exit.output, ...(pid === undefined ? {} : { pid }) } },
  );
}

export function versionMismatch(theirs: number): VqaError {
  return new VqaError(
    "worker-unavailable",
    `it speaks version ${theirs} of the worker protocol and this program version ${WORKER_PROTOCOL_VERSION}.`,
    "Run `npm run build`, so that all parts are of one version.",
  );
}

export function unknownMessage(): VqaError {
  return new VqaError("worker-crashed", "The model process sent a message that is not part of its protocol.", "Run `npm run build`, so that all parts are of one version.");
}

/** When nothing else is known. */
export function ended(): VqaError {
  return new VqaError("worker-crashed", "The model process ended.", ASK_AGAIN);
}

export function shuttingDown(): VqaError {
  return new VqaError("cancelled", "Stopped: the program is shutting down.", "");
}

/** @param cause why the last start failed */
export function unavailable(cause: VqaError | undefined): VqaError {
  return new VqaError(
    "worker-unavailable",
    `The model process cannot be started: ${cause?.message ?? "it gave no reason"}`,
    cause?.next || "Run `npm run build` and try again.",
    { cause, data: cause?.data ?? {} },
  );
}
