/**
 * The decoding process: native code reads untrusted files here and nowhere else, so that what they
 * can break is this process only. Started by `process.ts` with an IPC channel; ends with it.
 */
import { VqaError } from "../../../engine/errors.js";
import type { Decoder } from "../decoder.js";
import { REPORT_MS, REPORTING, type FromChild, type ToChild } from "./messages.js";
import { nodeAvDecoder } from "./index.js";

if (process.send === undefined) {
  console.error("This program is started by the VQA worker. Run `npx vqa --help` for the command line.");
  process.exit(2);
}
process.once("disconnect", () => process.exit(0));

const running = new Map<number, AbortController>();
let opening: Promise<Decoder | undefined> = Promise.resolve(undefined);

// A failed send means a closed channel, which `disconnect` deals with.
const reply = (message: FromChild): void => void process.send?.(message, undefined, undefined, () => undefined);

async function handle(message: ToChild): Promise<void> {
  if (message.type === "cancel") {
    running.get(message.id)?.abort();
    return;
  }
  if (message.type === "open") {
    opening = nodeAvDecoder(message.limits, message.threads);
    const decoder = await opening;
    reply({ type: "opened", ...(decoder ? { name: decoder.name } : {}) });
    return;
  }
  const { id, call, args } = message;
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const decoder = await opening;
    if (!decoder) throw new VqaError("internal", "The decoding process was called before it was opened.");
    const work = decoder[call] as (...args: unknown[]) => Promise<unknown>;
    const report = REPORTING.includes(call) ? [reporter(id)] : [];
    reply({ type: "done", id, value: await work(...args, ...report, controller.signal) });
  } catch (thrown) {
    reply({ type: "failed", id, error: VqaError.from(thrown, "decoder-failed").toJSON() });
  } finally {
    running.delete(id);
  }
}

function reporter(id: number): (pts: number) => void {
  let last = 0;
  return (pts) => {
    if (performance.now() - last < REPORT_MS) return;
    last = performance.now();
    reply({ type: "reached", id, pts });
  };
}

process.on("message", (message: ToChild) => void handle(message));
