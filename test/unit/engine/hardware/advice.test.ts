import assert from "node:assert/strict";
import { adviceFor, type Looked } from "../../../../server/src/engine/hardware/advice.js";

const WELL: Looked = {
  system: { platform: "linux", cores: 8, threads: 6 },
  graphics: [],
  language: [{ device: "cuda", usable: false, why: "not installed" }, { device: "vulkan", usable: false, why: "not installed" }],
  encoders: [{ device: "cuda", usable: false, why: "not installed" }, { device: "webgpu", usable: false, why: "no device" }],
  decoder: {},
  folders: [{ use: "cache", path: "/cache", free: 50e9 }],
  uses: { setting: "auto", language: { device: "cpu" }, encoders: { device: "cpu" } },
  models: [{ id: "micro", plan: { fits: true, deviceLayers: 0, layers: 7 } }],
  crashes: [],
};
const NVIDIA = [{ name: "NVIDIA GeForce RTX 4070", vendor: "NVIDIA" }];
const said = (changes: Partial<Looked>): string => adviceFor({ ...WELL, ...changes }).map(({ what, next }) => `${what} ${next}`).join("\n");

describe("advice about a machine", () => {
  it("is silent where nothing is missing: a machine without graphics lacks nothing", () => {
    assert.deepEqual(adviceFor(WELL), []);
  });

  it("names the build and the libraries that NVIDIA graphics lie idle without", () => {
    assert.match(said({ graphics: NVIDIA }), /language model runs on the processor.*VQA_GPU=cuda[^]*encoders run on the processor.*cuda12/);
    assert.doesNotMatch(said({ graphics: NVIDIA, uses: { setting: "auto", language: { device: "vulkan" }, encoders: { device: "cuda" } } }), /VQA_GPU|cuda12/);
  });

  it("names Vulkan for other graphics", () => {
    assert.match(said({ graphics: [{ name: "AMD Radeon 780M", vendor: "AMD" }] }), /AMD Radeon 780M.*VQA_GPU=vulkan/);
  });

  it("leaves those alone who set the processor", () => {
    assert.equal(said({ graphics: NVIDIA, uses: { setting: "cpu", language: { device: "cpu" }, encoders: { device: "cpu" } } }), "");
  });

  it("says what a device that was set lacks", () => {
    assert.match(said({ uses: { setting: "cuda", language: { device: "cpu" }, encoders: { device: "cpu" } } }), /set to cuda, and the language model cannot use it: not installed[^]*set to cuda, and the encoders cannot use it/);
    assert.match(said({ uses: { setting: "metal", language: { device: "cpu" }, encoders: { device: "cpu" } } }), /does not exist on this platform/);
  });

  it("tells of a decoder that is missing, of models that do not fit or are damaged, of a full disk and of busy cores", () => {
    assert.match(said({ decoder: { problem: { message: "No ffmpeg.", next: "Install it." } } }), /No ffmpeg\. Install it\./);
    assert.match(said({ models: [{ id: "big", plan: { fits: false, smallerContext: 2048, deviceLayers: 0, layers: 9 } }] }), /big does not fit.*context size to 2048/);
    assert.match(said({ models: [{ id: "big", plan: { fits: false, deviceLayers: 0, layers: 9 } }] }), /big does not fit.*smaller model/);
    assert.match(said({ models: [{ id: "big", problem: { message: "A file is short.", next: "Pull it again." } }] }), /big: A file is short\. Pull it again\./);
    assert.match(said({ folders: [{ use: "models", path: "/m", free: 1e9 }] }), /disk of the models \(\/m\) has 1\.0 GB left/);
    assert.match(said({ system: { platform: "linux", cores: 8, threads: 1 } }), /Of 8 cores one is idle/);
  });

  it("begins with a driver that ended the process", () => {
    assert.match(adviceFor({ ...WELL, graphics: NVIDIA, crashes: [{ while: "llama.cpp on vulkan", how: "signal SIGSEGV" }] })[0]!.what, /llama\.cpp on vulkan.*SIGSEGV/);
  });
});
