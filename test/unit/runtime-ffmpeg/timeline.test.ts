import assert from "node:assert/strict";
import fc from "fast-check";
import { averageRate, buildTimeline, clockOf, durationMs, frameAt, isSteady, keyAt, timeOf, withKeysOf } from "../../../server/src/runtime/ffmpeg/timeline.js";
import { planGroups } from "../../../server/src/runtime/ffmpeg/plan.js";

const TB = { num: 1, den: 30000 };
const constant = (n: number, step: number, keyEvery: number, first = 0) =>
  buildTimeline(Array.from({ length: n }, (_, i) => ({ pts: first + i * step, duration: step, key: i % keyEvery === 0 })), TB, first, true);

describe("timeline", () => {
  it("orders frames, drops repeats and what lies before the first that decodes", () => {
    const entry = (pts: number, key = false) => ({ pts, duration: 10, key });
    const t = buildTimeline([entry(20, true), entry(10), entry(40), entry(30), entry(30)], { num: 1, den: 1000 }, 20, true);
    assert.deepEqual([...t.pts], [20, 30, 40]);
    assert.deepEqual([...t.key], [1, 0, 0]);
    assert.equal(durationMs(clockOf(t)), 30);
  });

  it("keeps the keyframes of the packets when frames turn out to be missing", () => {
    const packets = constant(9, 10, 3);
    const decoded = buildTimeline([0, 10, 20, 40, 50, 60].map((pts) => ({ pts, duration: 0, key: true })), TB, 0, false);
    const t = withKeysOf(decoded, packets);
    assert.deepEqual([...t.key], [1, 0, 0, 0, 0, 1]);
    assert.equal(t.seekable, true);
  });

  it("knows recordings that were joined by their size", () => {
    const head = { bytes: 1_000_000, durationMs: 10_000 };
    assert.equal(isSteady({ bytes: 61_000_000, durationMs: 600_000 }, head), true);
    assert.equal(isSteady({ bytes: 122_000_000, durationMs: 600_000 }, head), false);
    assert.equal(isSteady({ bytes: 61_000_000, durationMs: 3_600_000 }, head), false);
    assert.equal(isSteady({ bytes: 61_000_000, durationMs: 600_000 }, { bytes: 0, durationMs: 10_000 }), false);
  });

  it("takes the middle gap for a last frame without a duration", () => {
    const t = buildTimeline([0, 10, 20, 50].map((pts) => ({ pts, duration: 0, key: false })), { num: 1, den: 1000 }, 0, true);
    assert.equal(durationMs(clockOf(t)), 60);
  });

  it("finds the frame on screen", () => {
    const t = constant(10, 1001, 5, 7000);
    assert.equal(frameAt(t, 0), 0);
    assert.equal(frameAt(t, 33.36), 0);
    assert.equal(frameAt(t, 33.366667), 1);
    assert.equal(frameAt(t, -1), 0);
    assert.equal(frameAt(t, 1e9), 9);
    assert.equal(keyAt(t, 9), 5);
    assert.equal(keyAt(t, 4), 0);
  });

  it("finds each frame again by its own time, and agrees with a plain search", () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: -90000, max: 1e9 }), fc.double({ min: 0, max: 1000, noNaN: true }), (steps, first, at) => {
        let pts = first;
        const t = buildTimeline(steps.map((s) => ({ pts: (pts += s), duration: 1, key: false })), TB, first + steps[0]!, true);
        t.pts.forEach((p, i) => assert.equal(frameAt(t, timeOf(clockOf(t), p)), i));
        const plain = t.pts.findLastIndex((p) => timeOf(clockOf(t), p) <= at + 0.001);
        assert.equal(frameAt(t, at), plain);
      }),
    );
  });

  it("names the frame rate", () => {
    assert.deepEqual(averageRate(constant(90, 1001, 15)), { num: 30000, den: 1001 });
    assert.deepEqual(averageRate(constant(90, 1200, 15)), { num: 25, den: 1 });
    // Milliseconds, as Matroska rounds them: 0, 33, 67, 100 ...
    const rounded = Array.from({ length: 45 }, (_, i) => ({ pts: Math.round((i * 1001) / 30), duration: 33, key: i === 0 }));
    assert.deepEqual(averageRate(buildTimeline(rounded, { num: 1, den: 1000 }, 0, true)), { num: 30000, den: 1001 });
    // A coarse time base, where several rates are within a tick: the nearest.
    const coarse = Array.from({ length: 10 }, (_, pts) => ({ pts, duration: 1, key: false }));
    assert.deepEqual(averageRate(buildTimeline(coarse, { num: 1, den: 25 }, 0, true)), { num: 25, den: 1 });
    assert.deepEqual(averageRate(constant(3, 7000, 15)), { num: 30, den: 7 });
    assert.deepEqual(averageRate(buildTimeline([{ pts: 5, duration: 0, key: true }], TB, 5, true)), { num: 0, den: 1 });
  });
});

describe("plan", () => {
  const t = constant(300, 1000, 30);

  it("seeks when that is cheaper than decoding on", () => {
    const groups = planGroups(t, [3, 5, 40, 250], 30);
    assert.deepEqual(groups.map((g) => g.pts), [[3000, 5000, 40000], [250000]]);
    assert.deepEqual(groups.map((g) => g.seekPts), [undefined, 250000]);
    assert.deepEqual(groups.map((g) => g.keyPts), [0, 240000]);
  });

  it("makes one pass when seeking is dear", () => {
    assert.equal(planGroups(t, [3, 40, 250], 1000).length, 1);
  });

  it("never seeks where the container cannot", () => {
    const groups = planGroups({ ...t, seekable: false }, [3, 250, 299], 0);
    assert.deepEqual(groups, [{ pts: [3000, 250000, 299000], seekPts: undefined, keyPts: 0 }]);
  });

  it("serves every frame once, in order, each from a keyframe that is not after it", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 299 })), fc.integer({ min: 0, max: 100 }), fc.boolean(), (wanted, cost, seekable) => {
        wanted.sort((a, b) => a - b);
        const groups = planGroups({ ...t, seekable }, wanted, cost);
        assert.deepEqual(groups.flatMap((g) => g.pts), wanted.map((i) => i * 1000));
        for (const g of groups) assert.ok(g.keyPts <= g.pts[0]! && g.keyPts % 30000 === 0);
      }),
    );
  });

  it("keeps groups short enough for a command line", () => {
    const long = constant(3000, 1000, 3000);
    const groups = planGroups(long, [...long.pts.keys()], 10);
    assert.ok(groups.length > 1 && groups.every((g) => g.pts.map((p) => `eq(pts,${p})+`).join("").length < 30000));
  });
});
