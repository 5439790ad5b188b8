import { strict as assert } from "node:assert";
import { createComposer, PUBLISHED, type ComposerSpec } from "../../../server/src/engine/compose/registry.js";
import { fillSlots, promptRenderer } from "../../../server/src/engine/interleave.js";
import { expectGrid, multiPositions, type Run } from "../../../server/src/engine/positions.js";
import { vqaError } from "../../support/errors.js";

/** Rows of coordinates, as the paper and transformers' get_rope_index print them. */
const table = (runs: readonly Run[], start?: number): readonly number[][] => {
  const { coordinates } = multiPositions(runs, start);
  const n = coordinates.length / 3;
  return [0, 1, 2].map((axis) => [...coordinates.subarray(axis * n, (axis + 1) * n)]);
};

describe("positions with several coordinates", () => {
  it("are Qwen2-VL's own example: a video of 3 x 2 x 2 tokens before five of text", () => {
    // transformers, models/qwen2_vl/modeling_qwen2_vl.py, get_rope_index: the example in its description.
    assert.deepEqual(table([{ grid: { times: 3, rows: 2, columns: 2 } }, { tokens: 5 }]), [
      [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 4, 5, 6, 7],
      [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 3, 4, 5, 6, 7],
      [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 3, 4, 5, 6, 7],
    ]);
  });

  it("go on behind the largest coordinate of a picture, whichever that is", () => {
    assert.deepEqual(table([{ tokens: 2 }, { grid: { times: 1, rows: 2, columns: 3 } }, { tokens: 1 }, { grid: { times: 1, rows: 2, columns: 1 } }, { tokens: 1 }]), [
      [0, 1, 2, 2, 2, 2, 2, 2, 5, 6, 6, 8],
      [0, 1, 2, 2, 2, 3, 3, 3, 5, 6, 7, 8],
      [0, 1, 2, 3, 4, 2, 3, 4, 5, 6, 6, 8],
    ]);
    assert.deepEqual([multiPositions([{ tokens: 4 }], 10).next, table([{ tokens: 2 }], 10)[0]], [14, [10, 11]]);
    assert.equal(multiPositions([]).next, 0);
  });

  it("come from what a prompt says of its visual pieces", () => {
    const shapes = { tokens: 64, width: 2, grid: [8, 8] as const, parts: { newline: { width: 2 } } };
    const check = (spec: ComposerSpec, want: readonly (readonly [number, number, number] | undefined)[]): void => {
      const outline = createComposer(spec, shapes).outline(2);
      const layout = promptRenderer({ begin: "", frame: "{visual}", cue: "{text}", end: "{question}", answerPrefix: "", stop: [] }).prefix([{ timeMs: 0, cues: [] }, { timeMs: 1, cues: [] }], outline);
      const pieces = fillSlots(layout, outline.map(({ rows }) => ({ rows, width: 2, data: new Float32Array(rows * 2) })));
      assert.deepEqual(pieces.map((piece) => (piece.kind === "visual" && piece.grid ? [piece.grid.times, piece.grid.rows, piece.grid.columns] : undefined)), want);
      for (const piece of pieces) if (piece.kind === "visual" && piece.grid) expectGrid(piece.grid, piece.embeddings.rows);
    };
    check({ ...PUBLISHED["minigpt4-video"], merge: 1 }, [[1, 8, 8], [1, 8, 8]]);
    check(PUBLISHED["minigpt4-video"], [[1, 8, 2], [1, 8, 2]]);
    check({ ...PUBLISHED["minigpt4-video"], merge: 16 }, [undefined, undefined]);
    check({ ...PUBLISHED["frame-resize"], grid: [2, 4] }, [[1, 2, 4], [1, 2, 4]]);
    check(PUBLISHED["llava-onevision"], [[1, 4, 4], [1, 4, 4], undefined]);
    check(PUBLISHED["red-villm"], [undefined, undefined, undefined]);
    assert.throws(() => expectGrid({ times: 1, rows: 2, columns: 2 }, 5), vqaError("internal", "5 tokens"));
  });
});
