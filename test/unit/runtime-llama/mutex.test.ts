import { strict as assert } from "node:assert";
import { Mutex } from "../../../server/src/runtime/llama/mutex.js";
import { idleThreads } from "../../../server/src/runtime/llama/threads.js";
import { vqaError } from "../../support/errors.js";

describe("turns", () => {
  const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it("run one after another, in order, also after a failure", async () => {
    const mutex = new Mutex();
    const log: string[] = [];
    const job = (name: string) => async (): Promise<string> => {
      log.push(`${name}+`);
      await later();
      log.push(`${name}-`);
      if (name === "b") throw new Error("b failed");
      return name;
    };
    const all = [mutex.run(job("a")), mutex.run(job("b")), mutex.run(job("c"))];
    await assert.rejects(all[1]!, /b failed/);
    assert.equal(await all[0], "a");
    assert.equal(await all[2], "c");
    assert.deepEqual(log, ["a+", "a-", "b+", "b-", "c+", "c-"]);
  });

  it("let a waiting one give up at once, and keep the others apart", async () => {
    const mutex = new Mutex();
    const stop = new AbortController();
    let open!: () => void;
    const first = mutex.run(() => new Promise<void>((resolve) => (open = resolve)));
    let ran = false;
    const second = mutex.run(async () => void (ran = true), stop.signal);
    let firstDone = false;
    const third = mutex.run(async () => assert.ok(firstDone, "third ran beside first"));
    stop.abort();
    await assert.rejects(second, vqaError("cancelled"));
    await later();
    firstDone = true;
    open();
    await Promise.all([first, third]);
    assert.equal(ran, false);
  });

  it("default threads are between one and eight", () => {
    assert.ok(idleThreads() >= 1 && idleThreads() <= 8);
  });
});
