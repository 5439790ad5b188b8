import { strict as assert } from "node:assert";
import { fromFloat16Bits, toFloat16Bits } from "../../../server/src/runtime/llama/float16.js";

describe("half precision", () => {
  it("keeps every half-precision number", () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = fromFloat16Bits(bits);
      if (Number.isNaN(value)) assert.ok(Number.isNaN(fromFloat16Bits(toFloat16Bits(value))));
      else assert.equal(toFloat16Bits(value), bits, `0x${bits.toString(16)} = ${value}`);
    }
  });

  it("rounds to the nearest, ties to even", () => {
    for (let bits = 1; bits < 0x7bff; bits++) {
      const low = fromFloat16Bits(bits);
      const high = fromFloat16Bits(bits + 1);
      const middle = (low + high) / 2;
      assert.equal(toFloat16Bits(middle), bits % 2 === 0 ? bits : bits + 1, `tie above ${low}`);
      assert.equal(toFloat16Bits(low + (high - low) * 0.25), bits);
      assert.equal(toFloat16Bits(low + (high - low) * 0.75), bits + 1);
    }
  });

  it("overflows to infinity at 65520", () => {
    assert.equal(toFloat16Bits(65519.99), 0x7bff);
    assert.equal(toFloat16Bits(65520), 0x7c00);
    assert.equal(toFloat16Bits(-1e9), 0xfc00);
  });
});
