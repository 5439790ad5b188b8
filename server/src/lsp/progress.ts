/** LSP's two kinds of progress: values of ours under a partial-result token, and a bar in the editor. */
import type { Connection, ProgressToken, WorkDoneProgressBegin, WorkDoneProgressEnd, WorkDoneProgressReport } from "vscode-languageserver/node";
import { ProgressType } from "vscode-languageserver/node";
import type { Progress } from "../engine/ports.js";
import { inWords, type Say, type Schema } from "../protocol/schema.js";
import { STAGES } from "../protocol/stages.js";

export type ProgressSink = Pick<Connection, "sendProgress">;

/** Sends values under the token; without a token nobody wants them. Sending to a client that is gone is no error of the request. */
export function partialResults<P extends object>(connection: ProgressSink, token: ProgressToken | undefined): (value: P) => void {
  if (token === undefined) return () => undefined;
  const type = new ProgressType<object>();
  return (value) => void connection.sendProgress(type, token, value).catch(() => undefined);
}

/**
 * The same connection with what it sends under a request's tokens in the client's language.
 * @param partial schema of the request's partial results
 */
export function inLanguage(connection: ProgressSink, partial: Schema<unknown> | undefined, params: unknown, say: Say): ProgressSink {
  const bar = (params as { readonly workDoneToken?: ProgressToken } | undefined)?.workDoneToken;
  const text = (value: { title?: string; message?: string }, key: "title" | "message"): object => (value[key] === undefined ? {} : { [key]: say(value[key]) });
  return {
    sendProgress: (type, token, value) => {
      if (bar !== undefined && token === bar) return connection.sendProgress(type, token, { ...value, ...text(value as object, "title"), ...text(value as object, "message") });
      return connection.sendProgress(type, token, partial === undefined ? value : inWords(partial as Schema<typeof value>, value, say));
    },
  };
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
