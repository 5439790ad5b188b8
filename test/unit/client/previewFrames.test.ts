import assert from "node:assert/strict";
import { nearestCut } from "../../../client/preview/cuts.js";
import { frameStartMs, indexAt, stepTo } from "../../../client/preview/frames.js";
import { framesAround } from "../../../client/preview/frameTimes.js";

/** Seven times as long at the end as at the start. */
const UNEVEN = [0, 40, 100, 180, 300, 500];

describe("stepping by the frames of the file", () => {
  const part = { timesMs: UNEVEN.slice(1) };
  const whole = { timesMs: UNEVEN, endMs: 780 };

  it("goes to the middle of a frame, so that its start is found again", () => {
    assert.equal(stepTo(whole, 20, 1), 70);
    assert.equal(stepTo(whole, 70, 2), 240);
    assert.equal(stepTo(whole, 240, -1), 140);
    assert.equal(frameStartMs(0.14, 25, whole), 100);
    assert.equal(frameStartMs(0.24, 25, whole), 180);
  });

  it("stays at the first and at the last frame", () => {
    assert.equal(stepTo(whole, 45, -5), 20);
    assert.equal(stepTo(whole, 310, 9), 640);
    assert.equal(indexAt(whole, 5000), 5);
  });

  it("tells where it does not know, and takes the rate for starts there", () => {
    assert.equal(stepTo(part, 50, -1), undefined, "before the window");
    assert.equal(stepTo(part, 310, 1), undefined, "the last one has no end");
    assert.equal(stepTo(part, 20, 1), undefined);
    assert.equal(indexAt({ timesMs: [] }, 20), undefined);
    assert.equal(frameStartMs(0.7, 25, part), 680);
    assert.equal(frameStartMs(0.7, undefined, part), 700);
  });

  it("knows a frame by a time that lies a hair before it", () => assert.equal(indexAt(whole, 99.6), 2));
});

describe("asking for the frames around a time", () => {
  const asked: (readonly number[])[] = [];
  const film = (every: number, durationMs: number) => (fromMs: number, toMs: number) => {
    asked.push([fromMs, toMs]);
    const first = Math.floor(fromMs / every);
    return Promise.resolve(Array.from({ length: Math.min(Math.floor(toMs / every) + 1, Math.ceil(durationMs / every) - 1) - first + 1 }, (_, i) => (first + i) * every));
  };
  beforeEach(() => void (asked.length = 0));

  it("asks once where frames are as usual", async () => {
    const { timesMs, endMs } = await framesAround(film(40, 60_000), 30_000, 60_000);
    assert.deepEqual([asked, timesMs[0], timesMs.at(-1), endMs], [[[28_000, 32_000]], 28_000, 32_040, undefined]);
  });

  it("asks for more where they last for long", async () => {
    const { timesMs } = await framesAround(film(3000, 600_000), 300_000, 600_000);
    assert.equal(asked.length, 3);
    assert.ok(timesMs.filter((time) => time <= 300_000).length > 12);
  });

  it("says where the film ends", async () => {
    const { timesMs, endMs } = await framesAround(film(40, 1000), 960, 1000);
    assert.deepEqual([timesMs.at(-1), endMs], [960, 1000]);
  });
});

describe("the nearest cut", () => {
  it("is one of the film's, its start or its end", () => {
    const cuts = [1600, 3080, 6000.4];
    assert.deepEqual([500, 1000, 2340, 2341, 5000, 7300].map((time) => nearestCut(cuts, 8000, time)), [0, 1600, 1600, 3080, 6000, 8000]);
    assert.deepEqual([1000, 3900, 4100].map((time) => nearestCut([], 8000, time)), [0, 0, 8000]);
  });
});
