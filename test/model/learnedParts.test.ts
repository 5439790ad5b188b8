/** The adapters of Q-formers and position tables, on small ONNX files that were written for them. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FrameFeatures } from "../../server/src/engine/ports.js";
import { OnnxQFormer, type OnnxQFormerOptions } from "../../server/src/runtime/onnx/qformer.js";
import { readOnnxTable, type OnnxTableOptions } from "../../server/src/runtime/onnx/table.js";
import { vqaError } from "../support/errors.js";
import { random } from "../support/random.js";
import { tempFolder } from "../support/tempFolder.js";
import { onnxGraph, type OnnxGraph } from "../support/tinyOnnx.js";

const [QUERIES, WIDTH] = [3, 4];

/** Query q is (q + 1) times the sum of all rows: rows are free, queries are not. */
const SUMS: OnnxGraph = {
  inputs: [{ name: "tokens", shape: [undefined, WIDTH] }],
  outputs: [{ name: "queries", shape: [QUERIES, WIDTH] }],
  constants: { axis: { dims: [1], data: BigInt64Array.of(1n) }, factors: { dims: [1, QUERIES, 1], data: Float32Array.of(1, 2, 3) } },
  nodes: [
    { op: "ReduceSum", inputs: ["tokens", "axis"], output: "sums" },
    { op: "Mul", inputs: ["sums", "factors"], output: "queries" },
  ],
};

function noise(frames: number, tokens: number, width = WIDTH): FrameFeatures {
  const next = random(frames * 100 + tokens);
  return { frames, tokens, width, data: Float32Array.from({ length: frames * tokens * width }, () => next() * 2 - 1) };
}

describe("the Q-former adapter", () => {
  const folder = tempFolder(after);
  const file = join(folder, "qformer.onnx");
  const options: OnnxQFormerOptions = { file, input: "tokens", output: "queries", inputWidth: WIDTH, queries: QUERIES, width: WIDTH, threads: 1 };
  before(() => writeFileSync(file, onnxGraph(SUMS)));

  it("gives each sequence its queries, however many sequences and rows there are", async () => {
    const qformer = await OnnxQFormer.open(options);
    assert.deepEqual([qformer.inputWidth, qformer.queries, qformer.width], [WIDTH, QUERIES, WIDTH]);
    // More than one batch of the adapter, and one that is not full.
    for (const [n, rows] of [[1, 1], [4, 7], [9, 5]] as const) {
      const given = noise(n, rows);
      const out = await qformer.query(given);
      assert.deepEqual([out.frames, out.tokens, out.width, out.data.length], [n, QUERIES, WIDTH, n * QUERIES * WIDTH]);
      for (let i = 0; i < n; i++) {
        for (let q = 0; q < QUERIES; q++) {
          for (let d = 0; d < WIDTH; d++) {
            let sum = 0;
            for (let row = 0; row < rows; row++) sum += given.data[(i * rows + row) * WIDTH + d]!;
            assert.ok(Math.abs(out.data[(i * QUERIES + q) * WIDTH + d]! - sum * (q + 1)) < 1e-5, `sequence ${i}, query ${q}, channel ${d}`);
          }
        }
      }
    }
    await qformer.dispose();
  });

  it("refuses a file with other names or shapes than the manifest's, and names what it found", async () => {
    const refused = (change: Partial<OnnxQFormerOptions>, part: string): Promise<void> => assert.rejects(OnnxQFormer.open({ ...options, ...change }), vqaError("model-unsupported", part));
    await refused({ input: "frames" }, 'no input "frames", only "tokens"');
    await refused({ output: "video" }, 'no output "video", only "queries"');
    await refused({ inputWidth: 5 }, "[n, any, 5]");
    await refused({ queries: 32 }, "[n, 32, 4]");
    await refused({ width: 768 }, "[n, 3, 768]");
  });

  it("a file whose rows are fixed is refused when it is opened, not at the first video of another length", async () => {
    const fixed = join(folder, "fixed.onnx");
    writeFileSync(fixed, onnxGraph({ ...SUMS, inputs: [{ name: "tokens", shape: [8, WIDTH] }] }));
    await assert.rejects(OnnxQFormer.open({ ...options, file: fixed }), vqaError("model-unsupported", "[n, any, 4]"));
  });

  it("takes tokens of its own width only, stops between batches, and gives no values that are no numbers", async () => {
    const qformer = await OnnxQFormer.open(options);
    await assert.rejects(qformer.query(noise(1, 2, 5)), vqaError("internal", "tokens of 4 values, not 5"));
    await assert.rejects(qformer.query(noise(8, 2), AbortSignal.abort()), vqaError("cancelled"));
    const broken = noise(2, 2);
    broken.data[9] = NaN;
    await assert.rejects(qformer.query(broken), vqaError("model-damaged", file));
    await qformer.dispose();
  });
});

describe("the position table's adapter", () => {
  const folder = tempFolder(after);
  const file = join(folder, "positions.onnx");
  const options: OnnxTableOptions = { file, input: "positions", output: "embeddings", count: 32, width: 2 };
  const table = Float32Array.from({ length: 64 }, (_, i) => i / 8);
  const graph: OnnxGraph = {
    inputs: [{ name: "positions", type: "int64", shape: [] }],
    outputs: [{ name: "embeddings", shape: [2] }],
    constants: { table: { dims: [32, 2], data: table } },
    nodes: [{ op: "Gather", inputs: ["table", "positions"], output: "embeddings" }],
  };
  before(() => writeFileSync(file, onnxGraph(graph)));

  it("reads row t for position t, and as many as the manifest says", async () => {
    assert.deepEqual(await readOnnxTable(options), { rows: 32, width: 2, data: table });
    assert.deepEqual((await readOnnxTable({ ...options, count: 3 })).data, table.slice(0, 6));
  });

  it("refuses other names, types and shapes, and a table with fewer rows than the manifest says", async () => {
    const refused = (change: Partial<OnnxTableOptions>, part: string): Promise<void> => assert.rejects(readOnnxTable({ ...options, ...change }), vqaError("model-unsupported", part));
    await refused({ input: "ids" }, 'no input "ids"');
    await refused({ output: "rows" }, 'no output "rows"');
    await refused({ width: 3 }, "[n, 3]");
    const floats = join(folder, "floats.onnx");
    writeFileSync(floats, onnxGraph({ ...graph, inputs: [{ name: "positions", shape: [2] }], nodes: [{ op: "Identity", inputs: ["positions"], output: "embeddings" }] }));
    await refused({ file: floats }, "is not a int64 tensor");
    await assert.rejects(readOnnxTable({ ...options, count: 33 }), vqaError("model-damaged", file));
  });
});
