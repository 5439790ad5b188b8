/** Where models run, and that they are refused before they would fill the memory: with the embedded pack, for real. */
import assert from "node:assert/strict";
import { DEVICE_RESERVE, MEMORY_RESERVE, type Room } from "../../server/src/engine/hardware/memoryPlan.js";
import type { Piece } from "../../server/src/engine/ports.js";
import { chooseHardware, type HardwareChoice } from "../../server/src/runtime/hardware/choice.js";
import { lookAt } from "../../server/src/runtime/llama/devices.js";
import { openPack } from "../../server/src/runtime/packs/openPack.js";
import { vqaError } from "../support/errors.js";
import { random } from "../support/random.js";
import { tempFolder } from "../support/tempFolder.js";

const room = (memory: number): Room => ({ memory: memory + MEMORY_RESERVE, deviceMemory: 0, unified: false });

describe("the memory of a model", function () {
  this.timeout(60_000);
  const tempRoot = tempFolder(after);

  it("is refused with a plan before anything is loaded, and with the context that would fit", async () => {
    await assert.rejects(openPack("micro", { threads: 1, tempRoot, room: room(20e6) }), (thrown) => {
      vqaError("limit-exceeded")(thrown);
      const { message, next } = thrown as { message: string; next: string };
      assert.match(message, /would take 2\d MB of memory \(weights 4 MB, context of 2048 positions 1\d MB, encoders \d MB\)/);
      assert.match(next, /^Set the context size to (1024|512) /);
      return true;
    });
  });

  it("is enough with that context", async () => {
    const pack = await openPack("micro", { threads: 1, tempRoot, room: room(20e6), contextSize: 512 });
    try {
      assert.equal(pack.language.contextSize, 512);
      assert.deepEqual(pack.notes, []);
    } finally {
      await pack.dispose();
    }
  });

  it("names no context where none would do", async () => {
    await assert.rejects(openPack("micro", { threads: 1, tempRoot, room: room(1e6) }), (thrown) => !(thrown as { next: string }).next.includes("context"));
  });
});

describe("a device that is not there", function () {
  this.timeout(60_000);
  const tempRoot = tempFolder(after);

  it("leaves the work to the processor, and the answers say so", async () => {
    // llama.cpp has Metal, and onnxruntime CoreML, on Macs alone; elsewhere CUDA's libraries are not in the npm packages.
    const setting = process.platform === "darwin" ? "cuda" : "coreml";
    const hardware = await chooseHardware(setting);
    assert.deepEqual([hardware.language.device, hardware.encoders.device], ["cpu", "cpu"]);
    const pack = await openPack("micro", { threads: 1, tempRoot, hardware });
    try {
      assert.equal(pack.notes?.length, 2);
      assert.ok(pack.notes.every((note) => note.includes(`"${setting}"`)));
      assert.match(pack.language.engine, /\(cpu\)/);
    } finally {
      await pack.dispose();
    }
  });

  it("does not stop a model whose encoder it refuses", async () => {
    const device = process.platform === "darwin" ? "directml" : "cuda";
    const claimed: HardwareChoice = { setting: "cuda", language: { device: "cpu", passedOver: [] }, encoders: { device, passedOver: [] }, notes: [] };
    const pack = await openPack("micro", { threads: 1, tempRoot, hardware: claimed });
    try {
      // onnxruntime-node leaves out a provider that its build does not know, and refuses one whose libraries are missing.
      if (device === "cuda") assert.match(pack.notes?.[0] ?? "", /The encoder ran on the processor: cuda could not load it \(its libraries are not installed\)/);
    } finally {
      await pack.dispose();
    }
  });
});

/** For a machine without graphics, Mesa's software driver: CONTRIBUTING says how. */
describe("the language model on Vulkan", function () {
  this.timeout(300_000);
  const tempRoot = tempFolder(after);
  let hardware: HardwareChoice;

  before(async function () {
    const { state } = await lookAt("vulkan");
    if (!state.usable) {
      console.warn(`      There is no Vulkan device here (${state.why}): the test is skipped. CONTRIBUTING says how to run it without one.`);
      this.skip();
    }
    hardware = await chooseHardware("vulkan");
  });

  it("reads the embeddings that are written into its mapped file, and says the same as the processor", async () => {
    const logits: Float32Array[] = [];
    for (const each of [undefined, hardware]) {
      const pack = await openPack("micro", { threads: 1, tempRoot, hardware: each });
      try {
        assert.equal(pack.language.liveSlots, true);
        const next = random(5);
        const { width } = pack.language;
        const video: Piece = { kind: "visual", embeddings: { rows: 8, width, data: Float32Array.from({ length: 8 * width }, () => next() - 0.5) } };
        const session = await pack.language.session();
        await session.setPrefix([{ kind: "template", text: pack.spec.prompt.begin }, video]);
        logits.push(await session.logits([{ kind: "text", text: "?" }]));
        await session.dispose();
      } finally {
        await pack.dispose();
      }
    }
    const [cpu, vulkan] = logits as [Float32Array, Float32Array];
    // Vulkan computes in half precision: on Mesa's software driver up to 2 % of the spread were seen, with visual rows and without.
    const spread = Math.max(...cpu) - Math.min(...cpu);
    assert.ok(cpu.every((value, i) => Math.abs(value - vulkan[i]!) < 0.05 * spread), "the logits differ");
    assert.equal(cpu.indexOf(Math.max(...cpu)), vulkan.indexOf(Math.max(...vulkan)));
  });

  it("keeps layers on the processor for which the device has no room", async () => {
    const pack = await openPack("micro", { threads: 1, tempRoot, hardware, room: { memory: 8e9, deviceMemory: DEVICE_RESERVE + 15e6, unified: false } });
    try {
      assert.match(pack.notes?.join(" ") ?? "", /\d of the language model's 7 layers ran on vulkan|ran on the processor: vulkan has not enough/);
    } finally {
      await pack.dispose();
    }
  });
});
