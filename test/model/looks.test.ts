/**
 * The embedded model looks: through the whole product path, twins that differ only in their pixels
 * get each its own right answer, and with the visual rows zeroed they do not.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { createPipeline, type Pipeline } from "../../server/src/engine/pipeline.js";
import type { OpenPack } from "../../server/src/engine/pack.js";
import type { Projector } from "../../server/src/engine/ports.js";
import { MemoryFeatureCache } from "../../server/src/runtime/cache/memory.js";
import { openMedia } from "../../server/src/runtime/ffmpeg/index.js";
import { openPack } from "../../server/src/runtime/packs/openPack.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const clip = (name: string): string => join(repoRoot, "test/fixtures/twins", `${name}.mp4`);

/** Question, and what each of two twins shows. */
const PAIRS: readonly [question: string, twins: readonly [string, string], answers: readonly [string, string]][] = [
  ["What colour is the object?", ["red-circle", "blue-square"], ["red", "blue"]],
  ["What shape is the object?", ["red-circle", "blue-square"], ["circle", "square"]],
  ["Which way does the circle move?", ["moves-left", "moves-right"], ["left", "right"]],
  ["Which appears first, the orange circle or the white square?", ["circle-first", "square-first"], ["the orange circle", "the white square"]],
];

/** The real projector, whose rows say nothing: everything else stays as it is. */
function blindfold(projector: Projector): Projector {
  return {
    inputWidth: projector.inputWidth,
    width: projector.width,
    project: async (tokens, signal) => {
      const rows = await projector.project(tokens, signal);
      return { ...rows, data: new Float32Array(rows.data.length) };
    },
  };
}

describe("the embedded model looks", () => {
  const folder = tempFolder(after);
  let pack: OpenPack;
  let seeing: Pipeline;
  let blind: Pipeline;

  before(async () => {
    const { frames: source, cues } = await openMedia({ threads: 1 });
    pack = await openPack(join(repoRoot, "server/models/micro"), { threads: 1, tempRoot: folder });
    const parts = { source, cues, cache: new MemoryFeatureCache(), engine: [], now: () => performance.now() };
    seeing = createPipeline({ ...parts, pack });
    blind = createPipeline({ ...parts, pack: { ...pack, projectors: { visual: blindfold(pack.projectors.visual!) } } });
  });
  after(async () => {
    await seeing?.dispose();
    await blind?.dispose();
    await pack?.dispose();
  });

  const both = (pipeline: Pipeline, question: string, twins: readonly string[]): Promise<string[]> =>
    Promise.all(twins.map(async (name) => (await pipeline.ask({ video: clip(name), question })).text));

  for (const [question, twins, answers] of PAIRS) {
    it(`tells ${twins.join(" from ")}: ${question}`, async () => {
      assert.deepEqual(await both(seeing, question, twins), answers);
    });

    it(`cannot tell ${twins.join(" from ")} with its eyes shut`, async () => {
      const [first, second] = await both(blind, question, twins);
      assert.equal(first, second);
    });
  }
});
