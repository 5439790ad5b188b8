/** For what a test loads before the command line: puts itself between it and its workers. */
import childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";

interface Request {
  readonly video: string;
  readonly question: string;
}
interface Message {
  readonly type?: string;
  readonly params?: { readonly request?: Request };
}

/** @param meet told of every question before a worker is; `send` hands it over, at once or later */
export function onAsked(meet: (request: Request, send: () => boolean, worker: childProcess.ChildProcess) => boolean): void {
  const { fork } = childProcess;
  childProcess.fork = ((...args: Parameters<typeof fork>) => {
    const child = fork(...args);
    const send = child.send.bind(child) as (message: Message, ...rest: unknown[]) => boolean;
    child.send = ((message: Message, ...rest: unknown[]) => {
      const request = message.type === "ask" ? message.params?.request : undefined;
      return request === undefined ? send(message, ...rest) : meet(request, () => send(message, ...rest), child);
    }) as typeof child.send;
    return child;
  }) as typeof fork;
  syncBuiltinESMExports();
}
