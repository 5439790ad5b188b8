import assert from "node:assert/strict";
import type { SamplingDefaults } from "../../../server/src/engine/pack.js";
import type { SceneRequest, SceneSource } from "../../../server/src/engine/ports.js";
import { planSampling } from "../../../server/src/engine/sampling.js";
import { sampleAtRate, samplePerScene, samplePerSegment } from "../../../server/src/engine/strategies.js";
import { MemoryCache, mediaInfo } from "./memoryPorts.js";

const span = (startMs: number, endMs: number) => ({ startMs, endMs });
const MINUTE = [span(0, 60_000)];

describe("frames by the second", () => {
  it("lie in the middle of each period, over spans laid end to end", () => {
    assert.deepEqual(sampleAtRate([span(0, 4000)], 1, 10), [500, 1500, 2500, 3500]);
    assert.deepEqual(sampleAtRate([span(0, 1000), span(5000, 6000)], 2, 10), [250, 750, 5250, 5750]);
    assert.deepEqual(sampleAtRate([span(0, 9000)], 0.5, 10), [1000, 3000, 5000, 7000, 9000]);
  });
  it("are spread evenly where they would be too many, and are one at least", () => {
    assert.deepEqual(sampleAtRate(MINUTE, 1, 3), [10_000, 30_000, 50_000]);
    assert.deepEqual(sampleAtRate([span(0, 100)], 1, 8).length, 1);
    assert.deepEqual(sampleAtRate([span(700, 700)], 1, 8), [700]);
  });
});

describe("frames of each part", () => {
  it("are as many of a short part as of a long one", () => {
    assert.deepEqual(samplePerSegment([span(0, 1000), span(10_000, 50_000)], 4), [250, 750, 20_000, 40_000]);
  });
  it("go to the longer part when one is over, and a moment takes one", () => {
    assert.deepEqual(samplePerSegment([span(0, 1000), span(10_000, 40_000)], 3), [500, 17_500, 32_500]);
    assert.deepEqual(samplePerSegment([span(5, 5), span(1000, 3000)], 3), [5, 1500, 2500]);
  });
  it("are one of some parts when there are more parts than frames", () => {
    assert.deepEqual(samplePerSegment([span(0, 100), span(200, 300), span(400, 500), span(600, 700)], 2), [250, 650]);
  });
});

describe("frames of scenes", () => {
  const cuts = [2000, 4000, 50_000];
  it("show every scene, and long ones more often", () => {
    assert.deepEqual(samplePerScene(MINUTE, cuts, 4), [1000, 3000, 27_000, 55_000]);
    const ten = samplePerScene(MINUTE, cuts, 10);
    assert.equal(ten.length, 10);
    const within = (from: number, to: number) => ten.filter((t) => t >= from && t < to).length;
    assert.deepEqual([within(0, 2000), within(2000, 4000), within(4000, 50_000), within(50_000, 60_000)], [1, 1, 6, 2]);
  });
  it("show the longest scenes when there are too many", () => {
    assert.deepEqual(samplePerScene(MINUTE, cuts, 2), [27_000, 55_000]);
  });
  it("are those of the scope, and even in one shot", () => {
    assert.deepEqual(samplePerScene([span(1000, 5000)], cuts, 3), [1500, 3000, 4500]);
    assert.deepEqual(samplePerScene(MINUTE, [], 3), [10_000, 30_000, 50_000]);
    assert.deepEqual(samplePerScene([span(7, 7)], cuts, 3), [7]);
  });
});

describe("the plan of sampling", () => {
  const defaults: SamplingDefaults = { strategy: "uniform", frames: 8, maxFrames: 16 };
  class Scenes implements SceneSource {
    readonly asked: SceneRequest[] = [];
    async scenes(request: SceneRequest) {
      this.asked.push(request);
      return { cuts: [{ timeMs: 1000.5, score: 50 }], durationMs: 60_000 };
    }
  }
  const parts = (scenes?: SceneSource) => ({ cache: new MemoryCache(), scenes });
  const media = mediaInfo({ durationMs: 60_000 });
  const plan = (request: Parameters<typeof planSampling>[0], own = defaults, of = media, given = parts()) =>
    planSampling(request, own, of, [span(0, of.durationMs)], given, () => undefined);

  it("bounds frames by the second and says so", async () => {
    const sampling = await plan({ strategy: "fps", rate: 1 });
    assert.deepEqual([sampling.count, sampling.requestedFrames, sampling.rate], [16, 16, 1]);
    assert.deepEqual(sampling.notes, ["Sampled 16 frames, evenly spread: 1 a second would be 60."]);
    assert.deepEqual((await plan({ strategy: "fps", rate: 1, frames: 4 })).times(4), [7500, 22_500, 37_500, 52_500]);
    const slow = await plan({ strategy: "fps", rate: 0.1 });
    assert.deepEqual([slow.count, slow.notes, slow.times(slow.count)], [6, [], [5000, 15_000, 25_000, 35_000, 45_000, 55_000]]);
  });

  it("takes the model's own rule where nobody asks for another", async () => {
    const own = await plan({}, { strategy: "fps", rate: 0.05, frames: 5, maxFrames: 16 });
    assert.deepEqual([own.strategy, own.rate, own.count], ["fps", 0.05, 3]);
    const asked = await plan({ strategy: "segment", frames: 2 }, { strategy: "video-llama", frames: 5, maxFrames: 16 });
    assert.deepEqual([asked.strategy, asked.rate, asked.count], ["segment", undefined, 2]);
    assert.deepEqual((await plan({ frames: 4 }, { strategy: "video-llama", frames: 5, maxFrames: 16 })).strategy, "video-llama");
  });

  it("looks for scenes once, through short films whole and through long ones by keyframes", async () => {
    const scenes = new Scenes();
    const given = parts(scenes);
    const first = await plan({ strategy: "scenes", frames: 2 }, defaults, media, given);
    const again = await plan({ strategy: "scenes", frames: 2 }, defaults, media, given);
    assert.deepEqual(scenes.asked, [{ path: media.path, mode: "exact" }]);
    assert.deepEqual(again.times(2), first.times(2));
    assert.deepEqual(first.times(2), [500, 30_500]);
    assert.deepEqual(first.notes, ["Frames were spread over 2 scenes."]);
    const long = await plan({ strategy: "scenes", frames: 2 }, defaults, mediaInfo({ durationMs: 3_600_000, digest: "long" }), given);
    assert.equal(scenes.asked[1]?.mode, "keyframe");
    assert.deepEqual(long.notes, ["Frames were spread over 2 scenes, found by key pictures."]);
  });

  it("spreads evenly, and says so, where nobody can look for scenes", async () => {
    const sampling = await plan({ strategy: "scenes", frames: 3 });
    assert.deepEqual(sampling.times(3), [10_000, 30_000, 50_000]);
    assert.deepEqual(sampling.notes, ["Frames were spread evenly: nobody here can look for scenes."]);
  });
});
