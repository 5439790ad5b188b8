/**
 * The decoding process: native code reads untrusted files here and nowhere else, so that what they
 * can break is this process only. Started by `process.ts` with an IPC channel; ends with it.
 */
import { VqaError } from "../../../engine/errors.js";
import type { Decoder, OnPicture } from "../decoder.js";
import { REPORT_MS, type Call, type FromChild, type ToChild } from "./messages.js";
import { nodeAvDecoder } from "./index.js";

if (process.send === undefined) {
  console.error("This program is started by the VQA worker. Run `npx vqa --help` for the command line.");
  process.exit(2);
}
process.once("disconnect", () => process.exit(0));

const running = new Map<number, AbortController>();
let opening: Promise<Decoder | undefined> = Promise.resolve(undefined);

/**
 * A closed port: what is transferred to it is gone at once. Node's serializer would keep a picture that it
 * has written until the whole heap is collected, which V8 puts off for long.
 */
const { port1: nowhere } = new MessageChannel();
nowhere.close();

/** Settles when the message is out of this process, or cannot be: then the channel is closed, which `disconnect` deals with. */
const reply = (message: FromChild): Promise<void> => new Promise((sent) => process.send!(message, undefined, undefined, () => sent()));

/** What a call is given to tell that which comes before its end. */
const TELLERS: Readonly<Partial<Record<Call, (id: number) => (...told: never[]) => void>>> = { differences: reporter, at: sender, grab: sender };

async function handle(message: ToChild): Promise<void> {
  if (message.type === "cancel") {
    running.get(message.id)?.abort();
    return;
  }
  if (message.type === "open") {
    opening = nodeAvDecoder(message.limits, message.threads);
    const decoder = await opening;
    await reply({ type: "opened", ...(decoder ? { name: decoder.name } : {}) });
    return;
  }
  const { id, call, args } = message;
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const decoder = await opening;
    if (!decoder) throw new VqaError("internal", "The decoding process was called before it was opened.");
    const work = decoder[call] as (...args: unknown[]) => Promise<unknown>;
    const teller = TELLERS[call];
    const value = await work(...args, ...(teller ? [teller(id)] : []), controller.signal);
    await reply({ type: "done", id, value });
  } catch (thrown) {
    await reply({ type: "failed", id, error: VqaError.from(thrown, "decoder-failed").toJSON() });
  } finally {
    running.delete(id);
  }
}

function reporter(id: number): (pts: number) => void {
  let last = 0;
  return (pts) => {
    if (performance.now() - last < REPORT_MS) return;
    last = performance.now();
    void reply({ type: "reached", id, pts });
  };
}

/** Pictures leave one by one: who decodes waits, so that hardly more than one is held here. They may not be looked at afterwards. */
function sender(id: number): OnPicture {
  return async (pts, rgb) => {
    await reply({ type: "picture", id, pts, rgb });
    nowhere.postMessage(undefined, [rgb.buffer as ArrayBuffer]);
  };
}

process.on("message", (message: ToChild) => void handle(message));
