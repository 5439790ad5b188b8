/** Every way of sampling on a real film through the whole pipeline: the answer tells the frames that were really decoded. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AskRequest } from "../../server/src/engine/answer.js";
import type { OpenPack } from "../../server/src/engine/pack.js";
import { samplingRequest } from "../../server/src/engine/notebookRequest.js";
import { createPipeline, type Pipeline } from "../../server/src/engine/pipeline.js";
import { parseSampling } from "../../server/src/format/index.js";
import { MemoryFeatureCache } from "../../server/src/runtime/cache/memory.js";
import { openMedia, type Media } from "../../server/src/runtime/ffmpeg/index.js";
import { openPack } from "../../server/src/runtime/packs/openPack.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const FILM = join(repoRoot, "test/fixtures/scenes/cuts.mp4");
const truth = JSON.parse(readFileSync(join(repoRoot, "test/fixtures/scenes/cuts.json"), "utf8")) as { frameRate: number; frames: number; cuts: number[]; flash: number };

describe("sampling a film", () => {
  const folder = tempFolder(after);
  let media: Media;
  let pack: OpenPack;
  let pipeline: Pipeline;
  before(async () => {
    media = await openMedia({ threads: 1 });
    pack = await openPack(join(repoRoot, "server/models/micro"), { threads: 1, tempRoot: folder });
    pipeline = createPipeline({ source: media.frames, cues: media.cues, scenes: media.scenes, pack, cache: new MemoryFeatureCache(), engine: [], now: () => performance.now() });
  });
  after(async () => {
    await pipeline?.dispose();
    await pack?.dispose();
    await media?.close();
  });

  async function seen(sampling: string, scope?: AskRequest["scope"]) {
    const request: AskRequest = { video: FILM, question: "What is there?", ...samplingRequest(parseSampling(sampling)), ...(scope ? { scope } : {}), decode: { maxTokens: 1 } };
    const { provenance } = await pipeline.ask(request);
    const frames = provenance.frameTimesMs.map((ms) => (ms * truth.frameRate) / 1000);
    assert.ok(frames.every((frame) => Math.abs(frame - Math.round(frame)) < 1e-3), `times of frames: ${provenance.frameTimesMs.join()}`);
    return { frames: frames.map(Math.round), provenance };
  }

  it("evenly", async () => {
    const { frames, provenance } = await seen("uniform 4");
    assert.deepEqual(frames, [25, 75, 125, 175]);
    assert.equal(provenance.strategy, undefined);
  });

  it("by the second, with a maximum that the answer tells", async () => {
    assert.deepEqual((await seen("fps 0.5")).frames, [25, 75, 125, 175]);
    const { frames, provenance } = await seen("fps 5 max 2");
    assert.deepEqual(frames, [50, 150]);
    assert.deepEqual([provenance.strategy, provenance.rate, provenance.requestedFrames], ["fps", 5, 2]);
    assert.ok(provenance.notes.includes("Sampled 2 frames, evenly spread: 5 a second would be 40."), provenance.notes.join());
  });

  it("the same of each part", async () => {
    const { frames } = await seen("segment 2", [{ startMs: 0, endMs: 400 }, { startMs: 4000, endMs: 8000 }]);
    assert.deepEqual(frames, [2, 7, 125, 175]);
  });

  it("over its scenes", async () => {
    const { frames, provenance } = await seen("scenes 8");
    const borders = [0, ...truth.cuts, truth.frames];
    for (const [i, from] of borders.slice(0, -1).entries()) assert.ok(frames.some((frame) => frame >= from && frame < borders[i + 1]!), `scene ${i} of ${frames.join()}`);
    assert.match(provenance.notes.join(), /Frames were spread over [5-7] scenes\./);
    assert.equal(provenance.strategy, "scenes");
  });

  it("by keyframes, whose own times the answer tells", async () => {
    const { frames } = await seen("fps 0.5 keyframe");
    assert.ok(frames.every((frame) => frame % 50 === 0), frames.join());
  });
});
