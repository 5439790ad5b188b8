/**
 * What tools/convert makes of the four systems' checkpoints. test/fixtures/converted was made by it, of checkpoints
 * of the published keys with tiny widths, and so were the numbers there, by a second reading of the published code
 * in NumPy. Where there is PyTorch all of it is made again and compared.
 */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor } from "../../server/src/runtime/onnx/library.js";
import { openMedia, type Media } from "../../server/src/runtime/ffmpeg/index.js";
import { catalogued } from "../../server/src/runtime/packs/catalogue.js";
import { importFiles } from "../../server/src/runtime/packs/importPack.js";
import { openPack } from "../../server/src/runtime/packs/openPack.js";
import { PackStore } from "../../server/src/runtime/packs/store.js";
import { fixtureGguf } from "../../tools/fixtures/gguf/generate.js";
import { givenTo } from "../support/pulled.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

interface Part {
  readonly inputs: Record<string, readonly number[]>;
  readonly outputs: Record<string, { readonly at: number; readonly dims: readonly number[] }>;
}
/** By pack and file. */
type Reference = Record<string, Record<string, Part>>;

const fixtures = join(repoRoot, "test/fixtures/converted");
const VIDEO = join(repoRoot, "test/fixtures/speech/spoken.mp4");
const reference = JSON.parse(readFileSync(join(fixtures, "reference.json"), "utf8")) as Reference;
const product = (dims: readonly number[]): number => dims.reduce((all, dim) => all * dim, 1);
const floats = (file: string): Float32Array => {
  const bytes = readFileSync(file);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
};

describe("converted checkpoints of the four systems", function () {
  this.timeout(180_000);
  const folder = tempFolder(after);
  const wanted = floats(join(fixtures, "reference.f32"));

  /** Runs a part on the numbers that every language makes the same way. */
  const holds = async (file: string, { inputs, outputs }: Part): Promise<void> => {
    const session = await InferenceSession.create(file, { intraOpNumThreads: 1 });
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, dims]) => [name, new Tensor("float32", Float32Array.from({ length: product(dims) }, (_, i) => ((i * 7919) % 1000) / 500 - 1), dims)]));
    const results = await session.run(feeds);
    await session.release();
    for (const [name, { at, dims }] of Object.entries(outputs)) {
      const got = results[name]!;
      assert.deepEqual(got.dims, dims);
      const want = wanted.subarray(at, at + product(dims));
      const spread = Math.sqrt(want.reduce((sum, value) => sum + value * value, 0) / want.length);
      const worst = want.reduce((most, value, i) => Math.max(most, Math.abs(value - (got.data as Float32Array)[i]!)), 0);
      assert.ok(spread > 0.05 && worst / spread < 1e-4, `${file}, ${name}: ${worst} of ${spread}`);
    }
  };

  for (const [pack, files] of Object.entries(reference)) {
    for (const [file, { inputs, outputs }] of Object.entries(files)) {
      it(`${pack}: ${file} gives what the published code gives by its formulas`, () => holds(join(fixtures, pack, file), { inputs, outputs }));
    }
  }

  describe("as packs", () => {
    const store = new PackStore(join(folder, "models"));
    let media: Media;
    before(async () => void (media = await openMedia({ threads: 1 })));

    /** Rows of visual tokens, in the order in which the language model is given them. */
    const visual = { "minigpt4-video": [64, 64], "video-llama": [3, 5], "red-villm": [1, 1, 1, 1, 256], longvlm: [4, 32, 32] } as const;
    for (const [id, rows] of Object.entries(visual)) {
      it(`${id} is imported, prepared, loaded and asked`, async () => {
        const source = join(folder, id);
        cpSync(join(fixtures, id), source, { recursive: true });
        // In the place of what llama.cpp's converter makes of the language model: a Llama as wide as the projectors are made for.
        writeFileSync(join(source, "original.gguf"), fixtureGguf({ architecture: "llama", type: 1, tied: false, contextLength: 8192, shape: { width: 64, heads: 4, keyValueHeads: 4, hidden: 96 } })[0]!);
        await importFiles(await catalogued(id, source), source, store);
        const pack = await openPack(store.packFolder(id), { threads: 1, tempRoot: folder });
        try {
          const { pieces, provenance } = await givenTo(pack, media, { video: VIDEO, question: "What is seen?", frames: id === "minigpt4-video" ? 2 : 4, subtitles: "off", decode: { maxTokens: 2 } });
          assert.deepEqual([provenance.modelId, provenance.composer.split(" ")[0]], [id, id]);
          assert.equal(provenance.soundSpans?.length ?? 0, id === "video-llama" ? 8 : 0);
          assert.deepEqual(pieces.flatMap((piece) => (piece.kind === "visual" ? [piece.embeddings.rows] : [])), rows);
        } finally {
          await pack.dispose();
        }
      });
    }
  });

  it("come out the same when they are made again (needs PyTorch)", async function () {
    const python = ["/usr/bin/python3", "python3"].find((each) => {
      try {
        execFileSync(each, ["-c", "import torch, onnx, numpy"], { stdio: "ignore" });
        return true;
      } catch {
        return false;
      }
    });
    if (python === undefined) {
      console.error("      no Python with PyTorch and ONNX: the converters themselves were not run, only what they made before");
      return this.skip();
    }
    const again = join(folder, "again");
    execFileSync(python, [join(repoRoot, "tools/convert/check/check.py"), again], { stdio: ["ignore", "ignore", "inherit"] });
    for (const id of Object.keys(reference)) {
      assert.deepEqual(readdirSync(join(again, id)).sort(), readdirSync(join(fixtures, id)).sort());
      assert.equal(readFileSync(join(again, id, `${id}.json`), "utf8"), readFileSync(join(fixtures, id, `${id}.json`), "utf8"));
      for (const [file, part] of Object.entries(reference[id]!)) await holds(join(again, id, file), part);
    }
    const numbers = floats(join(again, "reference.f32"));
    assert.equal(numbers.length, wanted.length);
    assert.ok(numbers.every((value, i) => Math.abs(value - wanted[i]!) < 1e-5));
  });
});
