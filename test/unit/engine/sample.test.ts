import assert from "node:assert/strict";
import { VqaError } from "../../../server/src/engine/errors.js";
import { framesWithin, sampleUniform, spread } from "../../../server/src/engine/sample.js";
import { resolveScope } from "../../../server/src/engine/scope.js";

const span = (startMs: number, endMs: number) => ({ startMs, endMs });

describe("uniform sampling", () => {
  it("takes the centres of equal parts", () => {
    assert.deepEqual(sampleUniform([span(0, 8000)], 4), [1000, 3000, 5000, 7000]);
  });
  it("sees the tail that the published rule drops", () => {
    // 170 frames, budget 90: interval 1, so frames 90..169 were never seen.
    const times = sampleUniform([span(0, 17_000)], 90);
    assert.equal(times.length, 90);
    assert.ok(times.at(-1)! > 16_800);
  });
  it("lays several spans end to end", () => {
    assert.deepEqual(sampleUniform([span(0, 1000), span(9000, 12_000)], 4), [500, 9500, 10_500, 11_500]);
  });
  it("gives a moment its own frame beside a stretch", () => {
    assert.deepEqual(sampleUniform([span(500, 500), span(2000, 4000)], 3), [500, 2500, 3500]);
  });
  it("keeps one frame for the stretch when there are more moments than frames", () => {
    const times = sampleUniform([span(1, 1), span(2, 2), span(3, 3), span(10, 20)], 2);
    assert.deepEqual(times, [2, 15]);
  });
  it("shows moments alone once each", () => {
    assert.deepEqual(sampleUniform([span(7, 7), span(9, 9)], 5), [7, 9]);
  });
});

describe("frames held by a scope", () => {
  it("counts by the rational frame rate", () => {
    assert.equal(framesWithin([span(0, 1001)], { num: 30_000, den: 1001 }), 30);
  });
  it("is at least one", () => {
    assert.equal(framesWithin([span(0, 1)], { num: 25, den: 1 }), 1);
    assert.equal(framesWithin([span(5, 5), span(9, 9)], { num: 25, den: 1 }), 2);
  });
});

it("spread chooses evenly", () => {
  assert.deepEqual(spread([0, 1, 2, 3, 4, 5], 3), [1, 3, 5]);
  assert.deepEqual(spread([0, 1], 5), [0, 1]);
});

describe("scope", () => {
  it("is the whole video when none is given", () => {
    assert.deepEqual(resolveScope([], 5000, "a.mp4").spans, [span(0, 5000)]);
  });
  it("is ordered, merged and cut, and says that it was cut", () => {
    const { spans, notes } = resolveScope([span(4000, 9000), span(0, 1000), span(500, 2000)], 5000, "a.mp4");
    assert.deepEqual(spans, [span(0, 2000), span(4000, 5000)]);
    assert.deepEqual(notes, ["The range to 00:09.000 was cut at the video's end, 00:05.000."]);
  });
  it("takes a moment at the very end, where a player stops", () => {
    assert.deepEqual(resolveScope([span(5000, 5000)], 5000, "a.mp4").spans, [span(5000, 5000)]);
  });
  for (const beyond of [span(5000, 6000), span(5001, 5001), span(21_000, 30_000)]) {
    it(`refuses ${beyond.startMs}..${beyond.endMs} of a video of 5 s`, () => {
      assert.throws(
        () => resolveScope([span(0, 1000), beyond], 5000, "/v/a.mp4"),
        (e: VqaError) => e.code === "time-out-of-range" && e.message.includes("/v/a.mp4") && e.message.includes("00:05.000") && e.next !== "",
      );
    });
  }
  for (const wrong of [span(3, 2), span(-1, 2), span(Number.NaN, 2), span(0, Infinity)]) {
    it(`refuses ${wrong.startMs}..${wrong.endMs}`, () => {
      assert.throws(() => resolveScope([wrong], 5000, "a.mp4"), (e: VqaError) => e.code === "invalid-request");
    });
  }
});
