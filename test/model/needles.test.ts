/**
 * LongVLM with many frames on a clip of three minutes, through the product's own path: what is shown
 * for a second or two is kept when 40 frames are merged into 16 tokens, and most often not sampled
 * at all when 32 frames have to do.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { createPipeline, type Pipeline } from "../../server/src/engine/pipeline.js";
import { MemoryFeatureCache } from "../../server/src/runtime/cache/memory.js";
import { openMedia, type Media } from "../../server/src/runtime/ffmpeg/index.js";
import { openPack, type RuntimePack } from "../../server/src/runtime/packs/openPack.js";
import { encodeClip } from "../../tools/clips/encode.js";
import { findFfmpeg } from "../../tools/clips/ffmpeg.js";
import { generateLong, needleQuestions } from "../../tools/clips/long.js";
import { Random } from "../../tools/clips/random.js";
import { SEEN } from "../../tools/clips/scene.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const SEED = 5;

describe("needles in a clip of three minutes", function () {
  this.timeout(120_000);
  const folder = tempFolder(after);
  const video = join(folder, "long.mp4");
  const clip = generateLong({ seed: SEED, durationMs: 180_000, busy: false, pairs: SEEN });
  const questions = needleQuestions(clip, new Random(SEED), SEEN).filter(({ type }) => type !== "when");
  let media: Media;
  let pack: RuntimePack;
  let pipeline: Pipeline;

  before(async () => {
    const { tones: _, ...silent } = clip.scene;
    await encodeClip({ ...silent, cues: [], facts: [] }, video, { ffmpeg: findFfmpeg() });
    media = await openMedia({ threads: 1 });
    pack = await openPack(join(repoRoot, "server/models/micro"), { threads: 1, tempRoot: folder });
    pipeline = createPipeline({ source: media.frames, cues: media.cues, pack, cache: new MemoryFeatureCache(), engine: [], now: () => performance.now() });
  });
  after(async () => {
    await pipeline?.dispose();
    await pack?.dispose();
    await media?.close();
  });

  const right = async (composer: string): Promise<{ right: number; frames: number; tokens: number }> => {
    let [count, frames, tokens] = [0, 0, 0];
    for (const { text, answer } of questions) {
      const said = await pipeline.ask({ video, composer, question: text, long: "off" });
      count += Number(said.text.trim() === answer);
      frames = said.provenance.frameTimesMs.length;
      tokens = said.timings.promptTokens;
    }
    return { right: count, frames, tokens };
  };

  it("are known from 320 frames, not from 32, at the same length of the prompt", async () => {
    const [many, few] = [await right("longvlm/long"), await right("longvlm")];
    assert.deepEqual([many.frames, few.frames, questions.length], [320, 32, 6]);
    assert.ok(Math.abs(many.tokens - few.tokens) <= 8, `${many.tokens} and ${few.tokens} tokens`);
    assert.equal(many.right, questions.length);
    assert.ok(few.right < many.right, `${few.right} of ${questions.length} right with 32 frames`);
  });
});
