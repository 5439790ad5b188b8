import assert from "node:assert/strict";
import { builtProviders, PROVIDERS, reason, usableProvider } from "../../../server/src/runtime/onnx/providers.js";
import { probeModel } from "../../../server/src/runtime/hardware/choice.js";
import type { EncoderDevice } from "../../../server/src/engine/hardware/devices.js";

describe("execution providers", () => {
  it("always have the processor, which loads a model", async () => {
    assert.ok(builtProviders().includes("cpu"));
    assert.deepEqual(await usableProvider("cpu", probeModel()), { usable: true });
  });

  it("are not usable where this build has none, though onnxruntime would load the model without a word", async () => {
    const absent = (Object.keys(PROVIDERS) as EncoderDevice[]).filter((device) => !builtProviders().includes(device));
    assert.ok(absent.length > 0, "this build has them all");
    for (const device of absent) assert.deepEqual(await usableProvider(device, probeModel()), { usable: false, why: "onnxruntime is built without it here" });
  });

  it("are not usable with a model that does not load", async () => {
    const found = await usableProvider("cpu", "/nowhere/model.onnx");
    assert.equal(found.usable, false);
  });

  it("say in plain words what onnxruntime says of missing libraries and devices", () => {
    assert.equal(reason("OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library"), "its libraries are not installed");
    assert.equal(reason("/onnxruntime_src/x/webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::Initialize(const X&)::<lambda()> adapter_result.status == S was false. Failed to get a WebGPU adapter: No supported adapters\n"), "no graphics device with a driver was found");
    assert.equal(reason("/src/a/b.cc:12 void f() [ONNXRuntimeError] Something else\nmore"), "Something else");
  });
});
