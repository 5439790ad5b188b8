/**
 * The worker's program: started by `supervisor.ts` with an IPC channel, and by nothing else. It
 * must not outlive the channel: whoever started it is gone then, however it went.
 */
import type { FromWorker } from "../../protocol/worker.js";
import { createWorkerService } from "./service.js";
import { serveWorker } from "./serve.js";

const { send } = process;
if (send === undefined) {
  console.error("This program is started by the VQA server. Run `npx vqa --help` for the command line.");
  process.exit(2);
}

process.once("disconnect", endGroup);

serveWorker(
  {
    // A failed send means a closed channel, which `disconnect` deals with.
    send: (message: FromWorker) => void send.call(process, message, undefined, undefined, () => undefined),
    onMessage: (listener) => void process.on("message", listener),
    exit: (code) => process.exit(code),
  },
  createWorkerService,
);

/** At once, and with the decoders that were started here: on POSIX they are of the group that this process leads. */
function endGroup(): void {
  try {
    if (process.platform !== "win32") process.kill(-process.pid, "SIGKILL");
  } catch {
    // Not the leader of a group: it was started in some other way.
  }
  process.exit(0);
}
