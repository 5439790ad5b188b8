import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "../../server/src/engine/ports.js";
import { OnnxVisionEncoder, type OnnxEncoderOptions } from "../../server/src/runtime/onnx/encoder.js";
import { OnnxProjector } from "../../server/src/runtime/onnx/projector.js";
import { vqaError } from "../support/errors.js";
import { tempFolder } from "../support/tempFolder.js";
import { tinyOnnx } from "../support/tinyOnnx.js";

/** 2 x 2 pixels as three tokens of four values: the red, the green and the blue plane. */
const PLANES = { input: "pixels", inputShape: [3, 2, 2], output: "planes", outputShape: [3, 4] };

describe("vision encoder", () => {
  const folder = tempFolder(after);
  const file = join(folder, "planes.onnx");
  const options: OnnxEncoderOptions = {
    file, input: "pixels", output: "planes", width: 2, height: 2, resize: "squash",
    scale: 1, mean: [0, 0, 0], std: [1, 1, 1], tokens: 3, tokenWidth: 4, cls: false,
  keepCls: false,
  grid: [1, 1] as const, threads: 1,
  };
  const frame = (i: number): Frame => ({ timeMs: i, width: 2, height: 2, rgb: Uint8Array.from({ length: 12 }, (_, k) => i * 12 + k) });
  const frames = Array.from({ length: 10 }, (_, i) => frame(i));
  /** Channel c of pixel p of frame i. */
  const planes = (i: number, channels: readonly number[]): number[] => channels.flatMap((c) => [0, 1, 2, 3].map((p) => i * 12 + p * 3 + c));
  before(() => writeFileSync(file, tinyOnnx(PLANES)));

  it("gives every frame its tokens, in order, whatever the batch", async () => {
    const expected = frames.flatMap((_, i) => planes(i, [0, 1, 2]));
    for (const batch of [1, 3, 8, 100]) {
      const encoder = await OnnxVisionEncoder.open({ ...options, batch });
      const out = await encoder.encode(frames);
      assert.deepEqual({ ...out, data: [...out.data] }, { frames: 10, tokens: 3, width: 4, data: expected });
      await encoder.dispose();
    }
  });

  it("drops the class token where there is one", async () => {
    const encoder = await OnnxVisionEncoder.open({ ...options, tokens: 2, cls: true, batch: 3 });
    const out = await encoder.encode(frames);
    assert.deepEqual([...out.data], frames.flatMap((_, i) => planes(i, [1, 2])));
    assert.equal(out.tokens, 2);
    await encoder.dispose();
  });

  it("keeps the class token as the first one where the pack says so, as Video-LLaMA's Q-former wants it", async () => {
    const encoder = await OnnxVisionEncoder.open({ ...options, tokens: 2, cls: true, keepCls: true, batch: 3 });
    assert.equal(encoder.tokens, 3, "one more than there are patches");
    const out = await encoder.encode(frames);
    assert.deepEqual({ ...out, data: [...out.data] }, { frames: 10, tokens: 3, width: 4, data: frames.flatMap((_, i) => planes(i, [0, 1, 2])) });
    await encoder.dispose();
  });

  it("normalises with the manifest's numbers", async () => {
    const encoder = await OnnxVisionEncoder.open({ ...options, scale: 0.5, mean: [1, 2, 3], std: [1, 2, 4] });
    const out = await encoder.encode([frame(1)]);
    const expected = planes(1, [0, 1, 2]).map((v, i) => (v * 0.5 - [1, 2, 3][i >> 2]!) / [1, 2, 4][i >> 2]!);
    assert.deepEqual([...out.data], expected);
    await encoder.dispose();
  });

  it("takes no frames, and stops when told", async () => {
    const encoder = await OnnxVisionEncoder.open(options);
    assert.equal((await encoder.encode([])).data.length, 0);
    await assert.rejects(encoder.encode(frames, AbortSignal.abort()), vqaError("cancelled"));
    await encoder.dispose();
  });

  it("refuses a model whose inputs or outputs are not the manifest's", async () => {
    const refused = (change: Partial<OnnxEncoderOptions>, part: string): Promise<void> =>
      assert.rejects(OnnxVisionEncoder.open({ ...options, ...change }), vqaError("model-unsupported", part));
    await refused({ input: "other" }, '"other"');
    await refused({ output: "other" }, '"other"');
    await refused({ width: 3 }, "[n, 3, 2, 3]");
    await refused({ tokens: 4 }, "[n, 4, 4]");
    await refused({ tokenWidth: 5 }, "[n, 3, 5]");
    await refused({ cls: true }, "[n, 4, 4]");
  });

  it("names a file that is no model, is cut off, or asks for a newer runtime", async () => {
    const bad = join(folder, "bad.onnx");
    writeFileSync(bad, "not a model");
    await assert.rejects(OnnxVisionEncoder.open({ ...options, file: bad }), vqaError("model-damaged", bad));
    writeFileSync(bad, tinyOnnx(PLANES).subarray(0, 60));
    await assert.rejects(OnnxVisionEncoder.open({ ...options, file: bad }), vqaError("model-damaged", bad));
    writeFileSync(bad, tinyOnnx({ ...PLANES, opset: 9999 }));
    await assert.rejects(OnnxVisionEncoder.open({ ...options, file: bad }), vqaError("model-unsupported", bad));
  });

  it("refuses output that is not a number", async () => {
    const encoder = await OnnxVisionEncoder.open({ ...options, std: [1e-45, 1, 1], mean: [0.5, 0, 0] });
    await assert.rejects(encoder.encode(frames), vqaError("model-damaged", file));
    await encoder.dispose();
  });
});

describe("projector", () => {
  const folder = tempFolder(after);
  const file = join(folder, "projector.onnx");
  const options = { file, input: "tokens", output: "embeds", inputWidth: 6, width: 6, threads: 1 };
  before(() => writeFileSync(file, tinyOnnx({ input: "tokens", inputShape: [6], output: "embeds", outputShape: [6] })));

  it("maps rows to rows, also none", async () => {
    const projector = await OnnxProjector.open(options);
    const data = Float32Array.from({ length: 18 }, (_, i) => i / 3);
    assert.deepEqual(await projector.project({ rows: 3, width: 6, data }), { rows: 3, width: 6, data });
    assert.deepEqual(await projector.project({ rows: 0, width: 6, data: new Float32Array(0) }), { rows: 0, width: 6, data: new Float32Array(0) });
    await assert.rejects(projector.project({ rows: 3, width: 5, data }), vqaError("internal", "6"));
    await projector.dispose();
  });

  it("refuses a model of another width", async () => {
    await assert.rejects(OnnxProjector.open({ ...options, width: 7 }), vqaError("model-unsupported", file));
  });
});
