import assert from "node:assert/strict";
import { lanes } from "../../../server/src/runtime/ffmpeg/cli/lanes.js";

const turn = (): Promise<void> => new Promise((next) => setImmediate(next));

describe("lanes", () => {
  it("give each item to one job, and no job more than its lane takes", async () => {
    const seen: (readonly number[])[] = [];
    let [running, most] = [0, 0];
    await lanes([1, 2, 3, 4, 5, 6, 7], [2, 1], async (some) => {
      seen.push(some);
      most = Math.max(most, ++running);
      await turn();
      running--;
    });
    assert.deepEqual(seen.flat().sort(), [1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(seen.slice(0, 2), [[1, 2], [3]]);
    assert.equal(most, 2);
  });

  it("stop the other jobs at the first failure, and wait until they have ended", async () => {
    let ended = false;
    const begun: number[] = [];
    const work = lanes([1, 2, 3, 4], [1, 1], async ([item], signal) => {
      begun.push(item!);
      if (item === 1) throw new Error("broken");
      while (!signal.aborted) await turn();
      await turn();
      ended = true;
    });
    await assert.rejects(work, /broken/);
    assert.ok(ended);
    assert.deepEqual(begun, [1, 2]);
  });

  it("begin nothing more once they are cancelled", async () => {
    const stop = new AbortController();
    const begun: number[] = [];
    const job = async ([item]: readonly number[]): Promise<void> => {
      begun.push(item!);
      stop.abort();
    };
    await assert.rejects(lanes([1, 2, 3], [1], job, stop.signal), { code: "cancelled" });
    assert.deepEqual(begun, [1]);
  });
});
