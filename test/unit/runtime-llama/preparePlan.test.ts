import { strict as assert } from "node:assert";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readGgufHeader } from "../../../server/src/runtime/llama/gguf.js";
import { prepareGguf } from "../../../server/src/runtime/llama/prepare/prepare.js";
import { planPreparation } from "../../../server/src/runtime/llama/prepare/plan.js";
import { shardName } from "../../../server/src/runtime/llama/split.js";
import { fixtureGguf, type FixtureModel } from "../../../tools/fixtures/gguf/generate.js";
import { vqaError } from "../../support/errors.js";
import { tempFolder } from "../../support/tempFolder.js";

const F16 = 1, Q8_0 = 8, Q4_K = 12, BF16 = 30;

describe("preparing a model: what is decided", () => {
  const root = tempFolder(after);
  let n = 0;
  const file = (model: FixtureModel): string => {
    const path = join(root, `${n++}.gguf`);
    writeFileSync(path, fixtureGguf(model)[0]!);
    return path;
  };
  const plan = (model: FixtureModel, rows: "auto" | "f16" | "f32" = "auto") => {
    const path = file(model);
    return planPreparation([{ path, header: readGgufHeader(path) }], { slots: 10, rows });
  };

  it("rows keep every value where that is cheap, and a quantised output matrix stays as it was", () => {
    const facts = (model: FixtureModel) => {
      const { rowType, exactRows, untied, exactOutput } = plan(model);
      return [rowType, exactRows, untied, exactOutput];
    };
    assert.deepEqual(facts({ architecture: "llama", type: F16, tied: true }), [1, true, false, true]);
    assert.deepEqual(facts({ architecture: "llama", type: BF16, tied: true }), [0, true, true, true]);
    assert.deepEqual(facts({ architecture: "llama", type: Q8_0, tied: true }), [0, true, true, true]);
    assert.deepEqual(facts({ architecture: "llama", type: Q8_0, tied: false }), [0, true, false, true]);
    assert.deepEqual(facts({ architecture: "gemma", type: Q8_0, tied: true }), [0, true, false, false]);
  });

  it("rows of a large table take half the space", () => {
    const path = file({ architecture: "qwen2", type: Q4_K, tied: true });
    const header = readGgufHeader(path);
    const table = header.tensors.get("token_embd.weight")!;
    const tokens = 600_000;
    const huge = {
      ...header,
      metadata: new Map([...header.metadata, ["tokenizer.ggml.tokens", { arrayLength: tokens, elementType: 8 }] as const]),
      tensors: new Map([...header.tensors, [table.name, { ...table, dimensions: [256, tokens] }] as const]),
    };
    assert.equal(planPreparation([{ path, header: huge }], { slots: 10, rows: "auto" }).rowType, F16);
    assert.equal(planPreparation([{ path, header: huge }], { slots: 10, rows: "f32" }).rowType, 0);
  });

  it("families that multiply token rows are known", () => {
    assert.equal(plan({ architecture: "llama", type: F16, tied: true }).rowScale, 1);
    assert.equal(plan({ architecture: "gemma", type: F16, tied: true }).rowScale, 16);
    assert.equal(plan({ architecture: "gemma3", type: F16, tied: true }).rowScale, 16);
    assert.equal(plan({ architecture: "granite", type: F16, tied: true }).rowScale, 12);
  });

  it("models with positions of several coordinates are refused, with the reason", () => {
    const sections = (head: { array(key: string, type: number, length: number, content: Buffer): void }): void => head.array("qwen2.rope.dimension_sections", 5, 4, Buffer.from(Int32Array.of(16, 24, 24, 0).buffer));
    assert.throws(() => plan({ architecture: "qwen2", type: F16, tied: true, more: sections }), vqaError("model-unsupported", "multi-dimensional RoPE"));
  });

  it("what is prepared already, no model, or a part of one is refused", async () => {
    const into = join(root, "out");
    mkdirSync(into);
    const source = file({ architecture: "llama", type: F16, tied: true });
    const { files } = await prepareGguf({ source, into, slots: 4, rows: "auto" });
    await assert.rejects(prepareGguf({ source: files[0]!.path, into, slots: 4, rows: "auto" }), vqaError("model-unsupported", "has visual slots already"));
    await assert.rejects(prepareGguf({ source: files[1]!.path, into, slots: 4, rows: "auto" }), vqaError("model-unsupported", "not the first file"));
    const part = join(root, "renamed.gguf");
    writeFileSync(part, fixtureGguf({ architecture: "llama", type: F16, tied: true, split: [(name) => name.startsWith("t"), (name) => !name.startsWith("t")] })[0]!);
    await assert.rejects(prepareGguf({ source: part, into, slots: 4, rows: "auto" }), vqaError("model-unsupported", "not named as such"));
  });

  it("a stop, a file in the way and a damaged source leave nothing behind", async () => {
    const source = file({ architecture: "llama", type: F16, tied: true });
    const into = join(root, "empty");
    mkdirSync(into);
    const stop = new AbortController();
    await assert.rejects(prepareGguf({ source, into, slots: 4, rows: "auto" }, () => stop.abort(), stop.signal), vqaError("cancelled"));
    assert.deepEqual(readdirSync(into), []);
    writeFileSync(join(into, shardName("m", 1, 2)), "in the way");
    await assert.rejects(prepareGguf({ source, into, stem: "m", slots: 4, rows: "auto" }), vqaError("limit-exceeded", "00002-of-00002"));
    assert.deepEqual(readdirSync(into), [shardName("m", 1, 2)]);
    const cut = join(root, "cut.gguf");
    writeFileSync(cut, fixtureGguf({ architecture: "llama", type: F16, tied: true })[0]!.subarray(0, 200_000));
    await assert.rejects(prepareGguf({ source: cut, into, stem: "c", slots: 4, rows: "auto" }), vqaError("model-damaged", "cut.gguf"));
    assert.deepEqual(readdirSync(into), [shardName("m", 1, 2)]);
  });
});
