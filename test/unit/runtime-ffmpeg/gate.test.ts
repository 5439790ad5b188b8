import assert from "node:assert/strict";
import { Gate } from "../../../server/src/runtime/ffmpeg/gate.js";
import { vqaError } from "../../support/errors.js";

describe("gate", () => {
  const turn = () => new Promise((next) => setImmediate(next));

  it("lets only so many in at a time, in order", async () => {
    const gate = new Gate(2);
    let inside = 0;
    let most = 0;
    const order: number[] = [];
    const jobs = Array.from({ length: 9 }, (_, i) =>
      gate.run(async () => {
        order.push(i);
        most = Math.max(most, ++inside);
        await turn();
        inside--;
      }),
    );
    await Promise.all(jobs);
    assert.equal(most, 2);
    assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("frees the place of a job that failed, and lets a waiting one leave", async () => {
    const gate = new Gate(1);
    const failing = gate.run(async () => {
      await turn();
      throw new Error("x");
    });
    const stop = new AbortController();
    const leaving = gate.run(async () => assert.fail("ran"), stop.signal);
    stop.abort();
    await assert.rejects(leaving, vqaError("cancelled"));
    await assert.rejects(failing, /x/);
    assert.equal(await gate.run(async () => 5), 5);
  });
});
