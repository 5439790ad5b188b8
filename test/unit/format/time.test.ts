import assert from "node:assert/strict";
import { formatScope, formatTime, parseScope, parseTime } from "../../../server/src/format/index.js";

describe("times", () => {
  const check = (input: string, expected: number | undefined): void => {
    it(`reads ${JSON.stringify(input)} as ${expected}`, () => assert.equal(parseTime(input), expected));
  };
  check("00:00", 0);
  check("00:01.5", 1500);
  check("00:01.050", 1050);
  check("3:20", 200_000);
  check("1:02:03.004", 3_723_004);
  check("100:00:00", 360_000_000);
  check("59:59.999", 3_599_999);
  check("60:00", undefined);
  check("00:60", undefined);
  check("00:00:60", undefined);
  check("1:2:03", undefined);
  check("00:5", undefined);
  check("5", undefined);
  check("", undefined);
  check("-00:01", undefined);
  check("00:01.1234", undefined);
  check("00:01,500", undefined);
  check("00:01.", undefined);
  check(" 00:01", undefined);
  check("00:01:02:03", undefined);

  it("writes hours, minutes, seconds and milliseconds", () => {
    assert.equal(formatTime(0), "00:00:00.000");
    assert.equal(formatTime(3_723_004), "01:02:03.004");
    assert.equal(formatTime(360_000_000), "100:00:00.000");
    assert.equal(formatTime(999.6), "00:00:01.000");
  });

  it("refuses what is no time", () => {
    for (const ms of [-1, NaN, Infinity]) assert.throws(() => formatTime(ms), RangeError);
  });
});

describe("scopes", () => {
  const check = (input: string, expected: readonly (readonly [number, number])[] | undefined): void => {
    it(`reads ${JSON.stringify(input)}`, () => {
      assert.deepEqual(parseScope(input)?.map((span) => [span.startMs, span.endMs]), expected);
    });
  };
  check("00:01..00:02", [[1000, 2000]]);
  check("00:01.500..00:02.250", [[1500, 2250]]);
  check("00:01", [[1000, 1000]]);
  check("00:05..00:06, 00:01", [[5000, 6000], [1000, 1000]]);
  check("00:05..00:06,00:01..00:02", [[5000, 6000], [1000, 2000]]);
  check("00:05 .. 00:06", [[5000, 6000]]);
  check("00:02..00:02", [[2000, 2000]]);
  check("00:02..00:01", undefined);
  check("00:02..", undefined);
  check("00:02,", undefined);
  check("..00:02", undefined);
  check("", undefined);

  it("writes spans, and a single time for one of no length", () => {
    assert.equal(formatScope([{ startMs: 1500, endMs: 2000 }, { startMs: 3000, endMs: 3000 }]), "00:00:01.500..00:00:02.000, 00:00:03.000");
  });
});
