import assert from "node:assert/strict";
import { DEVICE_RESERVE, MEMORY_RESERVE, planMemory, refusal, size, type ModelNeeds, type Room } from "../../../../server/src/engine/hardware/memoryPlan.js";

const MB = 1e6;
const GB = 1e9;

/** A model of 32 layers of 100 MB: 3.2 GB, and 100 kB of context a position. */
const MODEL: ModelNeeds = {
  layers: 32,
  contextSize: 8192,
  weights: async (on) => ({ memory: (32 - on) * 100 * MB, deviceMemory: on * 100 * MB }),
  context: async (positions, on) => ({ memory: (positions * 100_000 * (32 - on)) / 32, deviceMemory: (positions * 100_000 * on) / 32 }),
  encoders: { memory: 400 * MB, deviceMemory: 0 },
};
const room = (memory: number, deviceMemory = 0, unified = false): Room => ({ memory, deviceMemory, unified });
const TOTAL = 3200 * MB + 8192 * 100_000 + 400 * MB;

describe("a memory plan", () => {
  it("adds up weights, context and encoders", async () => {
    const plan = await planMemory(MODEL, room(16 * GB));
    assert.deepEqual([plan.fits, plan.deviceLayers, plan.total], [true, 0, { memory: TOTAL, deviceMemory: 0 }]);
  });

  it("fits to the byte, with what stays for others", async () => {
    assert.equal((await planMemory(MODEL, room(TOTAL + MEMORY_RESERVE))).fits, true);
    assert.equal((await planMemory(MODEL, room(TOTAL + MEMORY_RESERVE - 1))).fits, false);
  });

  it("puts as many layers on the device as fit there with their part of the context", async () => {
    const layer = 100 * MB + (8192 * 100_000) / 32;
    for (const wanted of [0, 1, 13, 31, 32]) {
      const plan = await planMemory(MODEL, room(16 * GB, Math.max(1, layer * wanted + DEVICE_RESERVE)));
      assert.deepEqual([plan.deviceLayers, plan.fits], [wanted, true]);
    }
  });

  it("needs less of the machine's memory with layers on the device", async () => {
    assert.equal((await planMemory(MODEL, room(2 * GB))).fits, false);
    const plan = await planMemory(MODEL, room(2 * GB, 24 * GB));
    assert.deepEqual([plan.fits, plan.deviceLayers], [true, 32]);
  });

  it("counts a device without memory of its own twice nowhere, and never for nothing", async () => {
    const plan = await planMemory(MODEL, room(TOTAL + MEMORY_RESERVE - 1, 64 * GB, true));
    assert.equal(plan.deviceLayers, 32);
    assert.equal(plan.fits, false);
    assert.equal((await planMemory(MODEL, room(TOTAL + MEMORY_RESERVE, 64 * GB, true))).fits, true);
  });

  it("does not refuse for a device of which nobody tells how much it has", async () => {
    const plan = await planMemory({ ...MODEL, encoders: { memory: 0, deviceMemory: 400 * MB } }, room(16 * GB));
    assert.deepEqual([plan.fits, plan.deviceLayers], [true, 0]);
  });

  it("finds the largest half of the context that would fit, or none", async () => {
    const withContext = (positions: number): number => 3600 * MB + positions * 100_000 + MEMORY_RESERVE;
    assert.equal((await planMemory(MODEL, room(withContext(2048)))).smallerContext, 2048);
    assert.equal((await planMemory(MODEL, room(withContext(512)))).smallerContext, 512);
    assert.equal((await planMemory(MODEL, room(3 * GB))).smallerContext, undefined);
    assert.equal((await planMemory(MODEL, room(16 * GB))).smallerContext, undefined);
  });

  it("is refused with its parts, what is free, and what would fit", async () => {
    const plan = await planMemory(MODEL, room(3600 * MB + 2048 * 100_000 + MEMORY_RESERVE));
    const { code, message, next } = refusal("Large", plan, ["small", "micro"]);
    assert.equal(code, "limit-exceeded");
    assert.equal(message, "Large would take 4.4 GB of memory (weights 3.2 GB, context of 8192 positions 819 MB, encoders 400 MB), and 4.1 GB are free, of which 268 MB stay for others.");
    assert.equal(next, "Set the context size to 2048 (setting vqa.contextSize, --context-size); or choose a smaller model: small, micro; or close other programs.");
    assert.equal(refusal("Large", await planMemory(MODEL, room(GB)), []).next, "Close other programs.");
  });

  it("writes sizes as people read them", () => {
    assert.deepEqual([size(1), size(1.4e6), size(999e6), size(1e9), size(12.34e9)], ["1 MB", "1 MB", "999 MB", "1.0 GB", "12.3 GB"]);
  });
});
