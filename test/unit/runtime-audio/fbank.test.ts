import assert from "node:assert/strict";
import { fbankFrames, kaldiFbank } from "../../../server/src/runtime/audio/fbank.js";
import { clipFeatures } from "../../../server/src/runtime/onnx/audioEncoder.js";
import { random } from "../../support/random.js";

/** Kaldi's definition by sums: a discrete Fourier transform point by point. */
function reference(samples: Float32Array, frame: number, bins: number): number[] {
  const window = [...samples.subarray(frame * 160, frame * 160 + 400)];
  const mean = window.reduce((a, b) => a + b, 0) / 400;
  const centred = window.map((v) => v - mean);
  const shaped = centred.map((v, i) => (v - 0.97 * centred[Math.max(0, i - 1)]!) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / 399)));
  const power = Array.from({ length: 256 }, (_, k) => {
    let [re, im] = [0, 0];
    shaped.forEach((v, i) => {
      re += v * Math.cos((2 * Math.PI * k * i) / 512);
      im -= v * Math.sin((2 * Math.PI * k * i) / 512);
    });
    return re * re + im * im;
  });
  const mel = (hz: number): number => 1127 * Math.log(1 + hz / 700);
  const step = (mel(8000) - mel(20)) / (bins + 1);
  return Array.from({ length: bins }, (_, b) => {
    const [left, centre, right] = [mel(20) + b * step, mel(20) + (b + 1) * step, mel(20) + (b + 2) * step];
    let energy = 0;
    power.forEach((p, k) => {
      const m = mel((k * 16_000) / 512);
      if (m > left && m <= centre) energy += (p * (m - left)) / (centre - left);
      else if (m > centre && m < right) energy += (p * (right - m)) / (right - centre);
    });
    return Math.log(Math.max(energy, 1.1920929e-7));
  });
}

describe("Kaldi filter banks", () => {
  const next = random(4);
  const samples = Float32Array.from({ length: 32_000 }, (_, i) => 0.3 * Math.sin((2 * Math.PI * 900 * i) / 16_000) + 0.05 * (next() - 0.5));

  it("198 windows of 2 s, each as its definition gives", () => {
    const banks = kaldiFbank(samples, 128);
    assert.equal(banks.length, 198 * 128);
    for (const frame of [0, 97, 197]) {
      reference(samples, frame, 128).forEach((wanted, bin) => {
        assert.ok(Math.abs(banks[frame * 128 + bin]! - wanted) < 1e-3, `window ${frame}, bin ${bin}`);
      });
    }
  });

  it("nothing for less than a window", () => assert.equal(fbankFrames(399), 0));

  it("clips are padded with zeros to 204 windows before they are normalised, their mean taken off first", () => {
    const settings = { bins: 128, frames: 204, mean: -4.268, std: 9.138 };
    const features = clipFeatures(samples, 2, settings);
    assert.equal(features.length, 128 * 204);
    for (let bin = 0; bin < 128; bin++) assert.ok(Math.abs(features[bin * 204 + 203]! - 4.268 / 9.138) < 1e-6);
    const shifted = clipFeatures(samples.map((v) => v + 0.25), 2, settings);
    features.forEach((v, i) => assert.ok(Math.abs(v - shifted[i]!) < 1e-3));
    assert.ok(Math.abs(features[40 * 204 + 5]! - (kaldiFbank(samples, 128)[5 * 128 + 40]! + 4.268) / 9.138) < 1e-3);
  });
});
