import assert from "node:assert/strict";
import { createComposer } from "../../../server/src/engine/compose/registry.js";
import { VqaError } from "../../../server/src/engine/errors.js";

/** Independent of the implementation: by element, from the definition of the 4-to-1 concatenation. */
function reference(data: Float32Array, frames: number, tokens: number, width: number, merge: number): number[][][] {
  return Array.from({ length: frames }, (_, t) =>
    Array.from({ length: tokens / merge }, (_, row) => {
      const out: number[] = [];
      for (let part = 0; part < merge; part++) {
        for (let d = 0; d < width; d++) out.push(data[(t * tokens + row * merge + part) * width + d]!);
      }
      return out;
    }),
  );
}

describe("the MiniGPT4-Video composer", () => {
  for (const [frames, positions] of [[45, 2880], [90, 5760]] as const) {
    it(`turns ${frames} frames of 256 tokens into ${positions}`, async () => {
      const composer = createComposer({ name: "minigpt4-video", merge: 4 }, { tokens: 256, width: 8, grid: [1, 1] });
      const segments = await composer.compose({ frames, tokens: 256, width: 8, data: new Float32Array(frames * 256 * 8) }, {});
      assert.equal(segments.reduce((sum, s) => sum + s.tokens.rows, 0), positions);
      assert.deepEqual(segments.map((s) => ({ frame: s.frame, projector: s.projector, rows: s.tokens.rows })), composer.outline(frames));
    });
  }

  it("has the published width: 4 x 1408 = 5632", () => {
    assert.equal(createComposer({ name: "minigpt4-video", merge: 4 }, { tokens: 256, width: 1408, grid: [1, 1] }).widths.visual, 5632);
  });

  it("concatenates consecutive raster tokens, frame by frame", async () => {
    const [frames, tokens, width] = [3, 256, 5];
    const data = Float32Array.from({ length: frames * tokens * width }, (_, i) => i);
    const segments = await createComposer({ name: "minigpt4-video", merge: 4 }, { tokens, width, grid: [1, 1] }).compose({ frames, tokens, width, data }, {});
    const rows = segments.map(({ tokens: m }) =>
      Array.from({ length: m.rows }, (_, r) => [...m.data.slice(r * m.width, (r + 1) * m.width)]),
    );
    assert.deepEqual(rows, reference(data, frames, tokens, width, 4));
  });

  it("refuses sizes that do not divide", () => {
    assert.throws(
      () => createComposer({ name: "minigpt4-video", merge: 4 }, { tokens: 257, width: 8, grid: [1, 1] }),
      (e: VqaError) => e.code === "model-unsupported" && e.message.includes("257"),
    );
  });

  it("refuses features of another shape", async () => {
    const composer = createComposer({ name: "minigpt4-video", merge: 2 }, { tokens: 4, width: 2, grid: [1, 1] });
    await assert.rejects(
      composer.compose({ frames: 1, tokens: 5, width: 2, data: new Float32Array(10) }, {}),
      (e: VqaError) => e.code === "model-unsupported",
    );
  });

  it("is the only name that the registry knows", () => {
    assert.throws(
      () => createComposer({ name: "video-poet" } as never, { tokens: 4, width: 2, grid: [2, 2] }),
      (e: VqaError) => e.code === "model-unsupported" && e.message.includes("video-poet") && e.message.includes("minigpt4-video"),
    );
  });
});
