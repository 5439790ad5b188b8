import assert from "node:assert/strict";
import { choose, DEVICE_SETTINGS, noteOf, wishOf, type EncoderDevice, type Usable } from "../../../../server/src/engine/hardware/devices.js";
import { is } from "../../../../server/src/protocol/schema.js";
import { DeviceSettingSchema } from "../../../../server/src/protocol/values.js";
import manifest from "../../../../package.json" with { type: "json" };

const PLATFORMS = ["linux", "darwin", "win32"] as const;

describe("the choice of devices", () => {
  it("knows the same settings in the engine, in messages and in the editor", () => {
    for (const setting of DEVICE_SETTINGS) assert.ok(is(DeviceSettingSchema, setting), setting);
    assert.ok(!is(DeviceSettingSchema, "webgpu"));
    assert.deepEqual(manifest.contributes.configuration.properties["vqa.device"].enum, [...DEVICE_SETTINGS]);
  });

  it("wishes for nothing but the processor where the processor is set", () => {
    for (const platform of PLATFORMS) assert.deepEqual(wishOf("cpu", platform), { language: [], encoders: [] });
  });

  it("wishes for what a platform can have", () => {
    assert.deepEqual(wishOf("auto", "linux"), { language: ["cuda", "vulkan"], encoders: ["cuda"] });
    assert.deepEqual(wishOf("auto", "win32"), { language: ["cuda", "vulkan"], encoders: ["cuda", "directml"] });
    assert.deepEqual(wishOf("auto", "darwin"), { language: ["metal"], encoders: [] });
    assert.deepEqual(wishOf("vulkan", "linux"), { language: ["vulkan"], encoders: ["webgpu"] });
    assert.deepEqual(wishOf("coreml", "darwin"), { language: ["metal"], encoders: ["coreml"] });
  });

  it("takes the first that is usable, and looks at no other", async () => {
    const looked: string[] = [];
    const found: Partial<Record<EncoderDevice, Usable>> = { cuda: { usable: false, why: "no driver" }, directml: { usable: true } };
    const chosen = await choose<EncoderDevice>(["cuda", "directml", "webgpu"], async (device) => {
      looked.push(device);
      return found[device] ?? { usable: true };
    });
    assert.deepEqual(chosen, { device: "directml", passedOver: [{ device: "cuda", why: "no driver" }] });
    assert.deepEqual(looked, ["cuda", "directml"]);
  });

  it("ends with the processor, and says why when a device was asked for by name", async () => {
    const chosen = await choose<EncoderDevice>(["cuda"], async () => ({ usable: false, why: "no driver" }));
    assert.equal(chosen.device, "cpu");
    assert.equal(noteOf("The encoders", "cuda", chosen), 'The encoders ran on the processor, since the device "cuda" could not be used (cuda: no driver).');
    assert.equal(noteOf("The encoders", "auto", chosen), undefined);
    assert.equal(noteOf("The encoders", "cuda", { device: "cuda", passedOver: [] }), undefined);
  });
});
