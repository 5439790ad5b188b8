/** LSP's two kinds of progress: values of ours under a partial-result token, and a bar in the editor. */
import type { Connection, ProgressToken, WorkDoneProgressBegin, WorkDoneProgressEnd, WorkDoneProgressReport } from "vscode-languageserver/node";
import { ProgressType } from "vscode-languageserver/node";
import type { Progress } from "../engine/ports.js";
import { inWords, type Say, type Schema } from "../protocol/schema.js";
import { STAGES } from "../protocol/stages.js";

export interface ProgressSink extends Pick<Connection, "sendProgress"> {
  /** Into the client's language. */
  readonly say: Say;
}

/** Sends values under the token; without a token nobody wants them. Sending to a client that is gone is no error of the request. */
export function partialResults<P extends object>(connection: Pick<Connection, "sendProgress">, token: ProgressToken | undefined): (value: P) => void {
  if (token === undefined) return () => undefined;
  const type = new ProgressType<object>();
  return (value) => void connection.sendProgress(type, token, value).catch(() => undefined);
}

/** The same connection, with partial results in the client's language. @param partial their schema; the values of a bar fit none */
export function inLanguage(connection: Pick<Connection, "sendProgress">, partial: Schema<unknown> | undefined, say: Say): ProgressSink {
  return {
    say,
    sendProgress: (type, token, value) => connection.sendProgress(type, token, partial === undefined ? value : inWords(partial as Schema<typeof value>, value, say)),
  };
}

export interface WorkDone {
  report(message: string, fraction?: number): void;
  end(): void;
}

export function stageText({ stage }: Progress): string {
  return STAGES[stage];
}

/** The bar begins now and can be cancelled; its messages are said in the client's language, its title may be the user's own. `end` must be called on every way out. */
export function workDone(connection: ProgressSink, token: ProgressToken | undefined, title: string): WorkDone {
  const send = partialResults<WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd>(connection, token);
  send({ kind: "begin", title, cancellable: true });
  return {
    report: (message, fraction) =>
      send({ kind: "report", message: connection.say(message), ...(fraction === undefined ? {} : { percentage: Math.round(Math.min(1, Math.max(0, fraction)) * 100) }) }),
    end: () => send({ kind: "end" }),
  };
}
