import assert from "node:assert/strict";
import fc from "fast-check";
import { mergeTokens, sized, type SizedTokens } from "../../server/src/engine/compose/tokenMerging.js";
import { mergeReference } from "../unit/engine/composerReference.js";
import "../support/fastCheck.js";

const WIDTH = 4;
const inputs = fc
  .record({
    rows: fc.array(fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: WIDTH, maxLength: WIDTH }), { minLength: 1, maxLength: 40 }),
    steps: fc.array(fc.integer({ min: 0, max: 25 }), { maxLength: 4 }),
    heads: fc.constantFrom(1, 2, 4),
  });
const merged = ({ rows, steps, heads }: { rows: number[][]; steps: number[]; heads: number }): { before: SizedTokens; after: SizedTokens } => {
  const before = sized(Float32Array.from(rows.flat()), WIDTH);
  return { before, after: steps.reduce((tokens, r) => mergeTokens(tokens, r, heads), before) };
};
const rowOf = ({ data }: SizedTokens, i: number): number[] => [...data.subarray(i * WIDTH, (i + 1) * WIDTH)];
const weighted = (t: SizedTokens, d: number): number => Array.from(t.sizes).reduce((sum, size, i) => sum + size * t.data[i * WIDTH + d]!, 0);

describe("properties of token merging", () => {
  it("no mass is lost: sizes add up to the tokens that there were, rows to those that are left", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { before, after } = merged(input);
        assert.equal(after.sizes.reduce((a, b) => a + b, 0), before.rows);
        assert.equal(after.sizes.length, after.rows);
        let rows = before.rows;
        for (const r of input.steps) rows -= Math.min(r, rows >> 1);
        assert.equal(after.rows, rows);
      }),
    );
  });

  it("the mean of everything, weighted by sizes, stays what it was", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { before, after } = merged(input);
        for (let d = 0; d < WIDTH; d++) assert.ok(Math.abs(weighted(before, d) - weighted(after, d)) < 1e-6 * (1 + before.rows));
      }),
    );
  });

  it("tokens that are all alike keep their order: what is left of A, then all of B", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 1, max: 15 }), (rows, r) => {
        // Alike for the metric (the mean over 4 heads is 0 for each), and apart to the eye.
        const data = Float32Array.from({ length: rows * 4 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (1 + Math.floor(i / 4)));
        const after = mergeTokens(sized(data, 4), r, 4);
        const most = Math.min(r, rows >> 1);
        const evens = Array.from({ length: rows - (rows >> 1) }, (_, a) => 2 * a).slice(most);
        evens.forEach((from, i) => assert.deepEqual(rowOf(after, i), [...data.subarray(from * 4, from * 4 + 4)]));
        assert.deepEqual(Array.from(after.sizes), [...evens.map(() => 1), 1 + most, ...Array<number>((rows >> 1) - 1).fill(1)]);
      }),
    );
  });

  it("is what looking at every pair gives", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        let wanted = input.rows.map((row) => ({ row: [...Float32Array.from(row)], size: 1 }));
        for (const r of input.steps) wanted = r === 0 || wanted.length < 2 ? wanted : mergeReference(wanted, Math.min(r, wanted.length >> 1), input.heads);
        const { after } = merged(input);
        const total = (rows: readonly (readonly number[])[]): number => rows.flat().reduce((a, b) => a + b, 0);
        assert.equal(after.rows, wanted.length);
        assert.ok(Math.abs(total(wanted.map((w) => w.row)) - total(Array.from({ length: after.rows }, (_, i) => rowOf(after, i)))) < 1e-3);
      }),
    );
  });
});
