import assert from "node:assert/strict";
import type { VqaError } from "../../../server/src/engine/errors.js";
import { LoadedModel } from "../../../server/src/runtime/worker/models.js";

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A slot whose models open when they are told to, and a log of what happened to them. */
function slot() {
  const log: string[] = [];
  const gates = new Map<string, { open: () => void; fail: (error: Error) => void }>();
  const loaded = new LoadedModel(
    (name) =>
      new Promise<{ name: string; dispose(): Promise<void> }>((resolve, reject) => {
        log.push(`open ${name}`);
        gates.set(name, { open: () => resolve({ name, dispose: async () => void log.push(`close ${name}`) }), fail: reject });
      }),
  );
  const never = new AbortController().signal;
  const use = (name: string, work: () => Promise<unknown> = async () => undefined, signal = never): Promise<unknown> =>
    loaded.use(name, () => log.push(`load ${name}`), work, signal);
  return { loaded, log, use, open: (name: string) => gates.get(name)!.open(), fail: (name: string) => gates.get(name)!.fail(new Error("no")) };
}

describe("the worker's model", () => {
  it("is opened once for all who want it, and kept", async () => {
    const { log, use, open } = slot();
    const both = [use("a"), use("a")];
    open("a");
    await Promise.all(both);
    await use("a");
    assert.deepEqual(log, ["load a", "open a"]);
  });

  it("makes way for another, but not under somebody's hands", async () => {
    const { log, use, open } = slot();
    let finish = (): void => undefined;
    const first = use("a", () => new Promise<void>((resolve) => (finish = resolve)));
    open("a");
    await tick();
    const second = use("b");
    await tick();
    assert.deepEqual(log, ["load a", "open a"]);
    finish();
    await first;
    await tick();
    assert.deepEqual(log, ["load a", "open a", "close a", "load b", "open b"]);
    open("b");
    await second;
  });

  it("is tried again after it failed to open", async () => {
    const { log, use, open, fail } = slot();
    const first = use("a");
    fail("a");
    await assert.rejects(first, /no/);
    const second = use("a");
    open("a");
    await second;
    assert.deepEqual(log, ["load a", "open a", "load a", "open a"]);
  });

  it("lets go of a question that is stopped while it opens, and serves the others", async () => {
    const { use, open } = slot();
    const controller = new AbortController();
    const stopped = use("a", undefined, controller.signal);
    const other = use("a", async () => "answer");
    controller.abort();
    await assert.rejects(stopped, (error: VqaError) => error.code === "cancelled");
    open("a");
    assert.equal(await other, "answer");
  });

  it("is given back at the end", async () => {
    const { loaded, log, use, open } = slot();
    const first = use("a");
    open("a");
    await first;
    await loaded.dispose();
    assert.equal(log.at(-1), "close a");
  });
});
