import assert from "node:assert/strict";
import { VqaError, throwIfAborted } from "../../../server/src/engine/errors.js";
import type { FromWorker, ToWorker } from "../../../server/src/protocol/worker.js";
import { serveWorker, type WorkerService } from "../../../server/src/runtime/worker/serve.js";

/** The worker's end of a channel, without a process. */
function worker(service: Partial<WorkerService>) {
  const sent: FromWorker[] = [];
  const exits: number[] = [];
  let listener: (message: unknown) => void = () => undefined;
  serveWorker(
    { send: (message) => sent.push(message), onMessage: (l) => (listener = l), exit: (code) => exits.push(code) },
    () => ({ dispose: async () => undefined, ...service }) as WorkerService,
  );
  const tell = async (message: ToWorker): Promise<void> => {
    listener(message);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { sent, exits, tell, raw: (message: unknown) => listener(message) };
}

const hello: ToWorker = { type: "hello", protocol: 1, config: {} };
const ask = (id: number): ToWorker => ({ type: "ask", id, params: { request: { video: "/v.mp4", question: "?" }, model: "micro" } });

describe("worker's side of the channel", () => {
  it("greets a parent of its version and refuses another", async () => {
    const good = worker({});
    await good.tell(hello);
    assert.deepEqual(good.sent, [{ type: "ready", protocol: 1 }]);
    const bad = worker({});
    await bad.tell({ ...hello, protocol: 2 } as ToWorker);
    assert.equal(bad.sent[0]?.type, "unfit");
  });

  it("streams under the request's own number and ends with its error", async () => {
    const { sent, tell } = worker({
      ask: async (_params, onText, onProgress) => {
        onProgress({ stage: "load" });
        onText("a");
        throw new VqaError("video-empty", "/v.mp4 is empty.", "Copy it again.", { data: { path: "/v.mp4" } });
      },
    });
    await tell(hello);
    await tell(ask(5));
    assert.deepEqual(sent.slice(1), [
      { type: "progress", id: 5, progress: { stage: "load" } },
      { type: "text", id: 5, text: "a" },
      { type: "failed", id: 5, error: { code: "video-empty", message: "/v.mp4 is empty.", next: "Copy it again.", data: { path: "/v.mp4" } } },
    ]);
  });

  it("stops only the request that is cancelled", async () => {
    const signals: AbortSignal[] = [];
    const { sent, tell } = worker({
      ask: async (_params, _onText, _onProgress, signal) => {
        signals.push(signal);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        throwIfAborted(signal);
        throw new Error("not reached");
      },
    });
    await tell(hello);
    await tell(ask(1));
    await tell(ask(2));
    await tell({ type: "cancel", id: 2 });
    assert.deepEqual(signals.map((signal) => signal.aborted), [false, true]);
    assert.deepEqual(sent.slice(1).map((m) => [m.type, "id" in m && m.id, "error" in m && m.error.code]), [["failed", 2, "cancelled"]]);
    await tell({ type: "cancel", id: 77 });
  });

  it("calls whatever a stopped request ends with cancelled", async () => {
    const { sent, tell } = worker({
      probe: async (_path, signal) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        throw new Error("pipe closed");
      },
    });
    await tell(hello);
    await tell({ type: "probe", id: 1, params: { path: "/v.mp4" } });
    await tell({ type: "cancel", id: 1 });
    assert.equal((sent[1] as Extract<FromWorker, { type: "failed" }>).error.code, "cancelled");
  });

  it("ignores what is not a message, and goes on", async () => {
    const { sent, tell, raw } = worker({ inputs: async () => ({ dependsOn: { video: "digest" } }) });
    await tell(hello);
    const said = console.error;
    const complaints: unknown[] = [];
    console.error = (...words: unknown[]) => complaints.push(words);
    try {
      for (const bad of [null, 7, {}, { type: "ask" }, { type: "ask", id: 1, params: { request: { video: 1 }, model: "" } }, { type: "fly", id: 1 }]) raw(bad);
    } finally {
      console.error = said;
    }
    assert.equal(complaints.length, 6);
    await tell({ ...ask(3), type: "inputs" } as ToWorker);
    assert.deepEqual(sent.slice(1), [{ type: "inputs", id: 3, dependsOn: { video: "digest" } }]);
  });

  it("gives everything back before it exits", async () => {
    const order: string[] = [];
    const { exits, tell } = worker({
      ask: (_p, _t, _g, signal) => new Promise((_, reject) => signal.addEventListener("abort", () => { order.push("stopped"); reject(new Error()); })),
      dispose: async () => void order.push("disposed"),
    });
    await tell(hello);
    await tell(ask(1));
    await tell({ type: "bye" });
    assert.deepEqual(order, ["stopped", "disposed"]);
    assert.deepEqual(exits, [0]);
  });
});
