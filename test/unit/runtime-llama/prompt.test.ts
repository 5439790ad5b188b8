import { strict as assert } from "node:assert";
import type { Piece } from "../../../server/src/engine/ports.js";
import { EMPTY_PROMPT, appendPieces, countPositions, firstDifference, hasSlots } from "../../../server/src/runtime/llama/prompt.js";
import { vqaError } from "../../support/errors.js";

const slots = { first: 1000, count: 6 };
const width = 2;
/** Characters as tokens; `#` is a control token where those are recognised. */
const tokenize = (text: string, special: boolean): number[] => [...text].map((c) => (special && c === "#" ? 1 : 10 + c.charCodeAt(0)));
const visual = (...values: number[]): Piece => ({
  kind: "visual",
  embeddings: { rows: values.length / width, width, data: Float32Array.from(values) },
});
const template = (text: string): Piece => ({ kind: "template", text });
const text = (value: string): Piece => ({ kind: "text", text: value });
const compile = (...pieces: Piece[]) => appendPieces(EMPTY_PROMPT, pieces, tokenize, slots, width);

describe("prompts", () => {
  it("gives visual positions the slots in order, across pieces and calls", () => {
    const first = compile(template("#"), visual(1, 2, 3, 4), text("a"));
    assert.deepEqual(first.tokens, [1, 1000, 1001, 107]);
    const all = appendPieces(first, [visual(5, 6)], tokenize, slots, width);
    assert.deepEqual(all.tokens, [1, 1000, 1001, 107, 1002]);
    assert.deepEqual([...all.rows], [1, 2, 3, 4, 5, 6]);
    assert.deepEqual([...first.rows], [1, 2, 3, 4]);
  });

  it("recognises control tokens in templates only", () => {
    assert.deepEqual(compile(text("#")).tokens, [45]);
    assert.deepEqual(compile(template("#")).tokens, [1]);
  });

  it("counts what it would compile, also where it would not fit", () => {
    const pieces = [template("#ab"), visual(1, 2, 3, 4), text("c")];
    assert.equal(countPositions(pieces, tokenize), compile(...pieces).tokens.length);
    assert.equal(countPositions([visual(...new Array<number>(20).fill(0))], tokenize), 10);
  });

  it("refuses more visual positions than slots, and embeddings of another width", () => {
    assert.throws(() => compile(visual(...new Array<number>(14).fill(0))), vqaError("context-overflow", "room for 6"));
    assert.throws(() => compile({ kind: "visual", embeddings: { rows: 1, width: 3, data: new Float32Array(3) } }), vqaError("internal"));
  });

  it("finds the first position that differs, in token or in picture", () => {
    const a = compile(template("#"), visual(1, 2, 3, 4), text("x"));
    const check = (b: typeof a, expected: number, limit = 99): void =>
      assert.equal(firstDifference(a, b, limit, slots, width), expected);
    check(compile(template("#"), visual(1, 2, 3, 4), text("x")), 4);
    check(compile(template("#"), visual(1, 2, 3, 4), text("y")), 3);
    check(compile(template("#"), visual(1, 2, 3, 4.5), text("x")), 2);
    check(compile(template("#"), visual(0, 2, 3, 4), text("x")), 1);
    check(compile(text("z"), visual(1, 2, 3, 4)), 0);
    check(compile(template("#"), visual(0, 2, 3, 4), text("x")), 1, 1);
  });

  it("knows where slots are", () => {
    const a = compile(template("#"), visual(1, 2), text("xy"));
    assert.equal(hasSlots(a, 0, 4, slots), true);
    assert.equal(hasSlots(a, 0, 1, slots), false);
    assert.equal(hasSlots(a, 2, 4, slots), false);
  });
});
