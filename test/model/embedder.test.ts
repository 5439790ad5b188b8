import { strict as assert } from "node:assert";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import type { Matrix } from "../../server/src/engine/ports.js";
import { SentenceEmbedder } from "../../server/src/runtime/embed/embedder.js";
import { lazyEmbedder } from "../../server/src/runtime/embed/lazy.js";
import { vqaError } from "../support/errors.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const folder = join(repoRoot, "server/models/micro/embedder");
const options = { folder, precision: "fp32", digest: "0", threads: 1 } as const;

/** What PyTorch and the trainer's own tokenizer make of some texts; tools/embedder/export.py writes it. */
const reference = JSON.parse(readFileSync(join(repoRoot, "test/fixtures/embedder-reference.json"), "utf8")) as readonly {
  readonly text: string;
  readonly ids: readonly number[];
  readonly vector: readonly number[];
}[];

const row = ({ data, width }: Matrix, i: number): readonly number[] => [...data.subarray(i * width, (i + 1) * width)];
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe("the sentence embedder", () => {
  let embedder: SentenceEmbedder;
  before(async () => void (embedder = await SentenceEmbedder.open(options)));
  after(() => embedder?.dispose());

  it("cuts texts into the trainer's tokens, of any script", () => {
    const tokenizer = new Tokenizer(JSON.parse(readFileSync(join(folder, "tokenizer.json"), "utf8")) as object, {});
    for (const { text, ids } of reference.filter((each) => each.ids.length < 100)) assert.deepEqual(tokenizer.encode(text).ids, ids, text);
  });

  it("gives the vectors that PyTorch gives, long texts cut, all in one batch", async () => {
    const embedded = await embedder.embed(reference.map((each) => each.text));
    assert.equal(embedded.rows, reference.length);
    assert.ok(reference.some((each) => each.ids.length === 128), "one text is longer than the model reads");
    reference.forEach(({ text, vector }, i) => {
      const furthest = Math.max(...row(embedded, i).map((value, at) => Math.abs(value - vector[at]!)));
      assert.ok(furthest < 1e-4, `${text.slice(0, 20)}: off by ${furthest}`);
    });
  });

  it("gives a text the same vector alone, among others and in any order, of length 1", async () => {
    const texts = Array.from({ length: 40 }, (_, i) => `${"a blue star appears then ".repeat(i % 7)}a red ring ${i}`);
    const all = await embedder.embed(texts);
    const backwards = await embedder.embed([...texts].reverse());
    const alone = await embedder.embed([texts[12]!]);
    for (const [i] of texts.entries()) {
      assert.ok(Math.abs(dot(row(all, i), row(all, i)) - 1) < 1e-5);
      assert.ok(dot(row(all, i), row(backwards, texts.length - 1 - i)) > 1 - 1e-5);
    }
    assert.ok(dot(row(all, 12), row(alone, 0)) > 1 - 1e-5);
    assert.equal((await embedder.embed([])).rows, 0);
  });

  it("finds the clip that a question is about", async () => {
    const documents = [
      "a green ring appears at 00:05 then a white star appears at 00:12",
      "a purple circle moves left and an orange cross stays still",
      "The meeting is in Oslo on Friday.",
      "a yellow triangle and a cyan square",
      "Anna drinks tea with honey.",
    ];
    const questions: [string, number][] = [
      ["When does the white star appear?", 0],
      ["In which direction does the purple circle move?", 1],
      ["Where is the meeting?", 2],
      ["What colour is the triangle?", 3],
      ["What does Anna drink?", 4],
    ];
    const found = await embedder.embed(documents);
    const asked = await embedder.embed(questions.map(([text]) => text));
    const nearest = questions.map((_, q) => {
      const scores = documents.map((__, d) => dot(row(asked, q), row(found, d)));
      return scores.indexOf(Math.max(...scores));
    });
    const right = nearest.filter((document, q) => document === questions[q]![1]).length;
    assert.ok(right >= 4, `nearest were ${nearest.join(", ")}`);
  });

  it("stops when it is told to", async () => {
    await assert.rejects(embedder.embed(["a"], AbortSignal.abort()), vqaError("cancelled"));
  });

  describe("loaded from a damaged or foreign folder", () => {
    const temp = tempFolder(after);
    let copies = 0;
    const altered = (alter: (at: (name: string) => string) => void): string => {
      const copy = join(temp, String(copies++));
      cpSync(folder, copy, { recursive: true });
      alter((name) => join(copy, name));
      return copy;
    };
    const rejects = (where: string, code: Parameters<typeof vqaError>[0]): Promise<void> =>
      assert.rejects(SentenceEmbedder.open({ ...options, folder: where }), vqaError(code));

    it("says which file is missing", () => rejects(altered((at) => rmSync(at("tokenizer.json"))), "model-missing"));
    it("says which file is no JSON", () => rejects(altered((at) => writeFileSync(at("config.json"), "{")), "model-damaged"));
    it("says that the model is none", () => rejects(altered((at) => writeFileSync(at("onnx/model.onnx"), "no")), "model-damaged"));
    it("knows no other pooling than it implements", () =>
      rejects(altered((at) => writeFileSync(at("1_Pooling/config.json"), '{"word_embedding_dimension":64,"pooling_mode_max_tokens":true}')), "model-unsupported"));
    it("takes no other width than the manifest says, and tries again after a failure", async () => {
      const lazy = lazyEmbedder({ ...options, width: 32 });
      await assert.rejects(lazy.embed(["a"]), vqaError("model-unsupported"));
      await assert.rejects(lazy.embed(["a"]), vqaError("model-unsupported"));
      await lazy.dispose();
    });
  });
});
