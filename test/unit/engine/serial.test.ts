import assert from "node:assert/strict";
import { VqaError } from "../../../server/src/engine/errors.js";
import { createSerial } from "../../../server/src/engine/serial.js";

const isCancelled = (e: unknown) => e instanceof VqaError && e.code === "cancelled";

describe("the line of questions", () => {
  it("runs one at a time, in order, failures or not", async () => {
    const serial = createSerial();
    const log: string[] = [];
    const task = (name: string, fails = false) => async () => {
      log.push(`${name} begins`);
      await Promise.resolve();
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
    const all = await Promise.allSettled([serial(task("a")), serial(task("b", true)), serial(task("c"))]);
    assert.deepEqual(all.map((r) => r.status), ["fulfilled", "rejected", "fulfilled"]);
    assert.deepEqual(log, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("lets a waiting one go at once, and never starts it", async () => {
    const serial = createSerial();
    let finish = () => {};
    const first = serial(() => new Promise<void>((resolve) => (finish = resolve)));
    const stop = new AbortController();
    let started = false;
    const second = serial(async () => (started = true), stop.signal);
    stop.abort();
    // The first one has not ended: waiting for it here would never come to an end.
    await assert.rejects(second, isCancelled);
    finish();
    await first;
    assert.equal(await serial(async () => "third"), "third");
    assert.equal(started, false);
  });

  it("leaves a stop of what runs to the task", async () => {
    const serial = createSerial();
    const stop = new AbortController();
    const kept = serial(async () => {
      stop.abort();
      await Promise.resolve();
      return "partial answer";
    }, stop.signal);
    assert.equal(await kept, "partial answer");
  });

  it("refuses what was stopped before it came", async () => {
    await assert.rejects(createSerial()(async () => 1, AbortSignal.abort()), isCancelled);
  });
});
