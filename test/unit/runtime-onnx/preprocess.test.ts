import { strict as assert } from "node:assert";
import { toTensor } from "../../../server/src/runtime/onnx/preprocess.js";
import { vqaError } from "../../support/errors.js";

describe("frames as a tensor", () => {
  const to = { width: 2, height: 1, scale: 1 / 255, mean: [0.5, 0.25, 0], std: [0.5, 1, 2] };
  const frame = (...rgb: number[]) => ({ timeMs: 0, width: 2, height: 1, rgb: Uint8Array.from(rgb) });

  it("is (T, channel, row, column) of (value * scale - mean) / std", () => {
    const tensor = toTensor([frame(255, 0, 0, 0, 255, 255), frame(0, 51, 102, 153, 204, 0)], to);
    const expected = [1, -1, -0.25, 0.75, 0, 0.5, -1, 0.2, 0.2 - 0.25, 0.8 - 0.25, 0.2, 0];
    assert.equal(tensor.length, expected.length);
    expected.forEach((value, i) => assert.ok(Math.abs(tensor[i]! - value) < 1e-6, `${i}: ${tensor[i]} is not ${value}`));
  });

  it("refuses frames of another size", () => {
    assert.throws(() => toTensor([{ timeMs: 0, width: 1, height: 2, rgb: new Uint8Array(6) }], to), vqaError("internal", "1 x 2"));
    assert.throws(() => toTensor([frame(1, 2, 3)], to), vqaError("internal"));
  });
});
