import assert from "node:assert/strict";
import fc from "fast-check";
import { DEVICE_RESERVE, MEMORY_RESERVE, planMemory, type ModelNeeds } from "../../server/src/engine/hardware/memoryPlan.js";

const bytes = fc.integer({ min: 0, max: 4e9 });
const model = fc.record({ layers: fc.integer({ min: 1, max: 80 }), layer: fc.integer({ min: 1, max: 2e8 }), fixed: bytes, position: fc.integer({ min: 1, max: 500_000 }), encoders: bytes, contextSize: fc.constantFrom(512, 2048, 32_768) });
type Model = typeof model extends fc.Arbitrary<infer T> ? T : never;

const needsOf = ({ layers, layer, fixed, position, encoders, contextSize }: Model): ModelNeeds => ({
  layers,
  contextSize,
  weights: async (on) => ({ memory: fixed + (layers - on) * layer, deviceMemory: on * layer }),
  context: async (positions, on) => ({ memory: Math.round((positions * position * (layers - on)) / layers), deviceMemory: Math.round((positions * position * on) / layers) }),
  encoders: { memory: encoders, deviceMemory: 0 },
});
const room = fc.record({ memory: fc.integer({ min: 0, max: 32e9 }), deviceMemory: fc.integer({ min: 0, max: 32e9 }), unified: fc.boolean() });

describe("memory plans", () => {
  it("never promise more than there is, and put no layer aside that would have fitted the device", () => fc.assert(fc.asyncProperty(model, room, async (shape, free) => {
    const needs = needsOf(shape);
    const plan = await planMemory(needs, free);
    if (plan.fits) {
      assert.ok(plan.total.deviceMemory === 0 || plan.total.deviceMemory + DEVICE_RESERVE <= free.deviceMemory);
      assert.ok(plan.total.memory + (free.unified ? plan.total.deviceMemory : 0) + MEMORY_RESERVE <= free.memory);
    }
    if (free.deviceMemory > 0 && plan.deviceLayers < plan.layers) {
      const [weights, context] = [await needs.weights(plan.deviceLayers + 1), await needs.context(plan.contextSize, plan.deviceLayers + 1)];
      assert.ok(weights.deviceMemory + context.deviceMemory + DEVICE_RESERVE > free.deviceMemory);
    }
    if (plan.smallerContext !== undefined) assert.equal((await planMemory(needs, free, plan.smallerContext)).fits, true);
  })));

  it("never get worse with more room", () => fc.assert(fc.asyncProperty(model, room, bytes, bytes, async (shape, free, more, moreDevice) => {
    const needs = needsOf(shape);
    const less = await planMemory(needs, { ...free, unified: false });
    const roomier = await planMemory(needs, { memory: free.memory + more, deviceMemory: free.deviceMemory + (free.deviceMemory > 0 ? moreDevice : 0), unified: false });
    assert.ok(roomier.deviceLayers >= less.deviceLayers);
    assert.ok(!less.fits || roomier.fits);
  })));
});
