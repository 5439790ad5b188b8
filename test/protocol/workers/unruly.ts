/**
 * A worker that misbehaves on demand, for the supervisor's tests: the first word of the question
 * says how. It is a real process on a real channel; only the pipeline behind it is missing.
 * Environment: UNRULY_START makes it misbehave before it is ready.
 */
import { spawn } from "node:child_process";
import type { FromWorker, ToWorker } from "../../../server/src/protocol/worker.js";

const send = (message: FromWorker): void => void process.send!(message);

switch (process.env["UNRULY_START"]) {
  case "crash":
    console.error("loading…\nno such library: libmoon.so.3");
    process.exit(3);
    break;
  case "old":
    process.once("message", () => send({ type: "ready", protocol: 999 }));
    setInterval(() => undefined, 1000);
    break;
  case "mute":
    setInterval(() => undefined, 1000);
    break;
  default:
    process.once("disconnect", () => process.exit(0));
    process.on("message", (message: ToWorker) => serve(message));
}

function serve(message: ToWorker): void {
  switch (message.type) {
    case "hello":
      send({ type: "ready", protocol: 1 });
      return;
    case "bye":
      process.exit(0);
      return;
    case "probe": {
      send({
        type: "media",
        id: message.id,
        media: { path: message.params.path, digest: String(process.pid), bytes: 1, container: "", durationMs: 0, startMs: 0, audio: [], subtitles: [], warnings: [] },
      });
      return;
    }
    case "ask": {
      const { id } = message;
      const [how, detail] = message.params.request.question.split(" ");
      send({ type: "progress", id, progress: { stage: "load", fraction: 0.5 } });
      send({ type: "text", id, text: `${how} ` });
      send({ type: "text", id, text: `${process.pid}` });
      switch (how) {
        case "die":
          console.error(`\u001b[31mout of luck\u001b[0m`);
          process.kill(process.pid, detail as NodeJS.Signals);
          return;
        case "leave":
          process.exit(Number(detail));
          return;
        case "hang":
          // Deaf as well: nothing that is sent is read any more.
          if (detail === "hard") for (;;);
          setInterval(() => undefined, 1000);
          return;
        case "babble":
          process.send!({ type: "text", id: "one" });
          return;
        case "helper": {
          const helper = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
          send({ type: "text", id, text: ` ${helper.pid}` });
          return;
        }
        default:
          send({ type: "failed", id, error: { code: "time-out-of-range", message: `no such time: ${process.pid}`, next: "", data: {} } });
          return;
      }
    }
    case "cancel":
    case "inputs":
      return;
  }
}
