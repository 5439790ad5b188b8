/** Models prepared for visual slots answer as before: llama.cpp itself is asked. */
import { strict as assert } from "node:assert";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { VqaError } from "../../server/src/engine/errors.js";
import type { Piece } from "../../server/src/engine/ports.js";
import { openLlamaModel, type LlamaLanguageModel } from "../../server/src/runtime/llama/model.js";
import { prepareGguf, type Prepared } from "../../server/src/runtime/llama/prepare/prepare.js";
import { restoreGguf } from "../../server/src/runtime/llama/prepare/restore.js";
import { shardName } from "../../server/src/runtime/llama/split.js";
import type { TensorSpec } from "../../tools/fixtures/gguf/architectures.js";
import { fixtureGguf, floats, lcg, spmTokenizer, type FixtureModel } from "../../tools/fixtures/gguf/generate.js";
import { logitsOf } from "../support/ggufLogits.js";
import { tempFolder } from "../support/tempFolder.js";

const F32 = 0, F16 = 1, Q4_0 = 2, Q4_1 = 3, Q5_0 = 6, Q5_1 = 7, Q8_0 = 8, Q2_K = 10, Q3_K = 11, Q4_K = 12, Q5_K = 13, Q6_K = 14, IQ4_NL = 20, IQ4_XS = 23, BF16 = 30;
const SLOTS = 40;
const TEXT = [5, 70, 33, 120, 7, 200, 9, 64];

describe("preparing a language model", function () {
  this.timeout(120_000);
  const root = tempFolder(after);
  let n = 0;

  const write = (model: FixtureModel): { readonly source: string; readonly buffers: readonly Buffer[] } => {
    const folder = join(root, String(n++));
    mkdirSync(folder);
    const buffers = fixtureGguf(model);
    const paths = buffers.map((bytes, i) => {
      const path = join(folder, buffers.length === 1 ? "model.gguf" : shardName("model", i, buffers.length));
      writeFileSync(path, bytes);
      return path;
    });
    return { source: paths[0]!, buffers };
  };
  const prepared = async (source: string, rows: "auto" | "f16" | "f32" = "auto"): Promise<Prepared> => {
    const into = join(root, String(n++));
    mkdirSync(into);
    return prepareGguf({ source, into, slots: SLOTS, rows });
  };
  /** Largest difference of the original's logits, against their spread. */
  const difference = async (source: string, result: Prepared): Promise<number> => {
    const want = await logitsOf(source, TEXT);
    const got = await logitsOf(result.files[0]!.path, TEXT);
    assert.equal(got.length, want.length + SLOTS);
    const spread = Math.sqrt(want.reduce((sum, v) => sum + v * v, 0) / want.length);
    assert.ok(spread > 0.05, `the model says something: ${spread}`);
    return want.reduce((worst, v, i) => Math.max(worst, Math.abs(v - got[i]!)), 0) / spread;
  };
  const backAgain = async (source: string, result: Prepared): Promise<void> => {
    const into = join(root, String(n++));
    mkdirSync(into);
    const files = await restoreGguf({ prepared: result.files[0]!.path, into });
    const originals = readdirSync(join(source, "..")).sort();
    assert.deepEqual(files.map((file) => basename(file.path)).sort(), originals);
    for (const name of originals) assert.ok(readFileSync(join(into, name)).equals(readFileSync(join(source, "..", name))), name);
  };

  const families: FixtureModel[] = [
    { architecture: "llama", type: F16, tied: false },
    { architecture: "llama", type: Q8_0, tied: true },
    { architecture: "qwen2", type: Q4_K, tied: true },
    { architecture: "qwen2", type: F32, tied: false },
    { architecture: "qwen3", type: Q8_0, tied: true },
    { architecture: "gemma", type: F16, tied: true },
    { architecture: "gemma3", type: Q4_0, tied: true },
    { architecture: "phi2", type: Q5_0, tied: false },
    { architecture: "phi3", type: Q8_0, tied: false },
    { architecture: "granite", type: Q6_K, tied: true },
    { architecture: "llama", type: Q4_K, tableType: Q6_K, tied: false, tokenTypes: false },
  ];
  for (const model of families) {
    it(`leaves the logits of ${model.architecture} as they were (type ${model.type}, ${model.tied ? "tied" : "output of its own"}), and can be taken back`, async () => {
      const { source } = write(model);
      const result = await prepared(source);
      assert.equal(result.exactRows, true);
      assert.equal(result.exactOutput, true);
      assert.ok((await difference(source, result)) < 1e-6);
      await backAgain(source, result);
    });
  }

  for (const type of [F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS]) {
    it(`reads a token table of type ${type} as llama.cpp does`, async () => {
      const { source } = write({ architecture: "llama", type: F32, tableType: type, tied: false, seed: type + 2 });
      assert.ok((await difference(source, await prepared(source, "f32"))) < 1e-6);
    });
  }

  it("says how far rounded rows are from the original, and stays near it", async () => {
    // A matrix of 8 bits would round activations, and make a jump of the smallest change.
    const { source } = write({ architecture: "llama", type: F32, tableType: Q8_0, tied: false });
    const result = await prepared(source, "f16");
    assert.equal(result.exactRows, false);
    assert.ok(result.largestError > 0 && result.largestError <= 2 ** -11, String(result.largestError));
    const off = await difference(source, result);
    assert.ok(off > 0 && off < 0.01, String(off));
  });

  it("says that an output matrix had to be converted, for a family that ties it always", async () => {
    const { source } = write({ architecture: "gemma", type: Q8_0, tied: true });
    const result = await prepared(source);
    assert.deepEqual([result.untied, result.exactRows, result.exactOutput], [false, true, false]);
    // llama.cpp rounds activations to 8 bits for a matrix of 8 bits, and no more for the converted one.
    assert.ok((await difference(source, result)) < 0.02);
    await backAgain(source, result);
  });

  it("takes a split model, and gives files that need no change a second name only", async () => {
    const split = [(name: string) => name.startsWith("token_embd"), (name: string) => name.startsWith("blk."), (name: string) => name.startsWith("output")];
    for (const tied of [true, false]) {
      const { source } = write({ architecture: "llama", type: Q8_0, tied, split });
      const result = await prepared(source);
      assert.equal(result.files.length, 4);
      assert.ok((await difference(source, result)) < 1e-6);
      await backAgain(source, result);
    }
  });

  it("finds the token table in a later file, too", async () => {
    const split = [(name: string) => name.startsWith("output"), (name: string) => name.startsWith("blk."), (name: string) => name.startsWith("token_embd")];
    const { source } = write({ architecture: "qwen2", type: Q4_K, tied: false, split });
    const result = await prepared(source);
    assert.ok((await difference(source, result)) < 1e-6);
    await backAgain(source, result);
  });

  it("finds damage when taking back, and leaves nothing", async () => {
    const { source } = write({ architecture: "llama", type: Q8_0, tied: true });
    const result = await prepared(source);
    const rest = result.files[1]!.path;
    const bytes = readFileSync(rest);
    bytes[bytes.length - 100]! ^= 1;
    writeFileSync(rest, bytes);
    const into = join(root, String(n++));
    mkdirSync(into);
    await assert.rejects(restoreGguf({ prepared: result.files[0]!.path, into }), /sha256/);
    assert.deepEqual(readdirSync(into), []);
    rmSync(into, { recursive: true });
  });

  /** A prepared model behind the port of the engine. */
  const open = (result: Prepared): Promise<LlamaLanguageModel> =>
    openLlamaModel({ file: result.files[0]!.path, width: result.width, contextSize: 128, slots: result.slots, threads: 1, tempRoot: root });
  const answerTo = async (model: LlamaLanguageModel, pieces: readonly Piece[]): Promise<Float32Array> => {
    const session = await model.session();
    try {
      return await session.logits(pieces);
    } finally {
      await session.dispose();
    }
  };
  const visual = (width: number, seed: number): Piece => {
    const next = lcg(seed);
    return { kind: "visual", embeddings: { rows: 6, width, data: Float32Array.from({ length: 6 * width }, () => (next() - 0.5) * 3) } };
  };

  it("is loaded with a private first file and shared others, and shows what it is given", async () => {
    const { source } = write({ architecture: "qwen2", type: Q4_K, tied: true });
    const result = await prepared(source);
    const [one, two] = [await open(result), await open(result)];
    try {
      assert.equal(one.liveSlots, true);
      const ask = (model: LlamaLanguageModel, seed: number): Promise<Float32Array> => answerTo(model, [{ kind: "template", text: "<|im_start|>" }, visual(result.width, seed), { kind: "text", text: "the" }]);
      const first = await ask(one, 1);
      const second = await ask(two, 2);
      assert.notDeepEqual(first, second);
      // Each has rows of its own: the other's video does not show.
      assert.deepEqual(await ask(one, 1), first);
      assert.deepEqual(await ask(two, 1), first);
    } finally {
      await one.dispose();
      await two.dispose();
    }
  });

  it("divides rows by what the family multiplies them by: Gemma sees what a Qwen2 of the same weights sees", async () => {
    // Two layers: the first normalises what it sees, so that only the second can tell sizes apart. Without
    // feed-forward parts and biases the two families differ in that scale only; the twin's table is scaled.
    const width = 256;
    const twinOf = (architecture: string, tied: boolean, scale: number): string => {
      const random = lcg(9);
      const table = Float32Array.from({ length: width * spmTokenizer().tokens.length }, () => random() - 0.5);
      return write({
        architecture, type: F32, tied, shape: { layers: 2 }, tokenizer: spmTokenizer(),
        more: (head) => architecture === "gemma" && head.float32("gemma.rope.freq_base", 1e6),
        values: ({ name, dimensions }: TensorSpec) => {
          const count = dimensions.reduce((a, b) => a * b, 1);
          if (/ffn_(gate|up|down)|bias$/.test(name)) return Buffer.alloc(4 * count);
          if (name === "token_embd.weight") return floats(count, (i) => table[i]! * scale);
          if (name === "output.weight") return floats(count, (i) => table[i]!);
          const own = lcg([...name].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7) >>> 0);
          return floats(count, () => (name.includes("norm") ? 1 : (own() - 0.5) * 0.2));
        },
      }).source;
    };
    const models = [await open(await prepared(twinOf("gemma", true, 1))), await open(await prepared(twinOf("qwen2", false, Math.sqrt(width))))];
    try {
      const pieces = [{ kind: "template", text: "<s>" } as const, visual(width, 5), { kind: "text", text: "ab the" } as const];
      const [scaled, plain] = [await answerTo(models[0]!, pieces), await answerTo(models[1]!, pieces)];
      const spread = Math.sqrt(plain.reduce((sum, v) => sum + v * v, 0) / plain.length);
      const worst = plain.slice(0, -SLOTS).reduce((most, v, i) => Math.max(most, Math.abs(v - scaled[i]!)), 0);
      assert.ok(worst < spread * 1e-4, `${worst} of ${spread}`);
    } finally {
      for (const model of models) await model.dispose();
    }
  });

  it("a model with several coordinates a position is refused at load, too, by name and with what is missing", async () => {
    const tiny = { file: join(root, "qwen2vl.gguf"), width: 256, contextSize: 64, slots: { first: 250, count: 4 }, threads: 1 };
    const [bytes] = fixtureGguf({ architecture: "qwen2", type: F16, tied: true, more: (head) => head.array("qwen2.rope.dimension_sections", 5, 4, Buffer.from(Int32Array.of(16, 24, 24, 0).buffer)) });
    writeFileSync(tiny.file, bytes!);
    await assert.rejects(openLlamaModel(tiny), (thrown: unknown) => {
      const { code, message, next } = VqaError.from(thrown);
      return code === "model-unsupported" && /qwen2, gives each position of a picture several coordinates/.test(message) && /addon/.test(next);
    });
  });
});
