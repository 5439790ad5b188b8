/**
 * Loaded before the command line by a test: notes every question that it sends to a worker, and holds
 * those whose numbers stand in `VQA_TEST_HOLD` ("2,6", from 1) for as long as the file
 * `VQA_TEST_HELD.NUMBER` lies there, which it makes, or none once `VQA_TEST_HELD.free` is there. So a test acts at an exact point of a batch,
 * however fast or slow the machine is.
 */
import childProcess from "node:child_process";
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const holds = new Set((process.env["VQA_TEST_HOLD"] ?? "").split(",").filter((number) => number !== "").map(Number));
const held = process.env["VQA_TEST_HELD"] ?? "";
let asked = 0;

interface Message {
  readonly type?: string;
  readonly params?: { readonly request?: { readonly video: string; readonly question: string } };
}

const { fork } = childProcess;
childProcess.fork = ((...args: Parameters<typeof fork>) => {
  const child = fork(...args);
  const send = child.send.bind(child) as (message: Message, ...rest: unknown[]) => boolean;
  child.send = ((message: Message, ...rest: unknown[]) => {
    const request = message.type === "ask" ? message.params?.request : undefined;
    if (request === undefined) return send(message, ...rest);
    appendFileSync(`${held}.asked`, `${JSON.stringify([request.video, request.question])}\n`);
    const number = ++asked;
    if (!holds.has(number) || existsSync(`${held}.free`)) return send(message, ...rest);
    const file = `${held}.${number}`;
    writeFileSync(file, "");
    const look = setInterval(() => {
      if (existsSync(file) && !existsSync(`${held}.free`)) return;
      clearInterval(look);
      if (child.connected) send(message, ...rest);
    }, 10);
    return true;
  }) as typeof child.send;
  return child;
}) as typeof fork;

syncBuiltinESMExports();
