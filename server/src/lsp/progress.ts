/** LSP's two kinds of progress: values of ours under a partial-result token, and a bar in the editor. */
import type { Connection, ProgressToken, WorkDoneProgressBegin, WorkDoneProgressEnd, WorkDoneProgressReport } from "vscode-languageserver/node";
import { ProgressType } from "vscode-languageserver/node";
import type { Progress } from "../engine/ports.js";
import { STAGES } from "../protocol/stages.js";

export type ProgressSink = Pick<Connection, "sendProgress">;

/** Sends values under the token; without a token nobody wants them. Sending to a client that is gone is no error of the request. */
export function partialResults<P extends object>(connection: ProgressSink, token: ProgressToken | undefined): (value: P) => void {
  if (token === undefined) return () => undefined;
  const type = new ProgressType<object>();
  return (value) => void connection.sendProgress(type, token, value).catch(() => undefined);
}

export interface WorkDone {
  report(message: string, fraction?: number): void;
  end(): void;
}

export function stageText({ stage }: Progress): string {
  return STAGES[stage];
}

/** The bar begins now and can be cancelled; `end` must be called on every way out. */
export function workDone(connection: ProgressSink, token: ProgressToken | undefined, title: string): WorkDone {
  const send = partialResults<WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd>(connection, token);
  send({ kind: "begin", title, cancellable: true });
  return {
    report: (message, fraction) =>
      send({ kind: "report", message, ...(fraction === undefined ? {} : { percentage: Math.round(Math.min(1, Math.max(0, fraction)) * 100) }) }),
    end: () => send({ kind: "end" }),
  };
}
