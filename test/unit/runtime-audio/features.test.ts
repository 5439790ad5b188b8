import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fbankFrames, fbankTensor } from "../../../server/src/runtime/audio/fbank.js";
import { Fft } from "../../../server/src/runtime/audio/fft.js";
import { logMel } from "../../../server/src/runtime/audio/logMel.js";
import { repoRoot } from "../../support/repo.js";

const FOLDER = join(repoRoot, "test/fixtures/audio");
const floats = (name: string): Float32Array => {
  const bytes = readFileSync(join(FOLDER, `${name}.f32`));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};
const reference = JSON.parse(readFileSync(join(FOLDER, "reference.json"), "utf8")) as Record<string, { bands: number; frames: number; kept: number[] }>;
const sound = floats("sound");

/** Largest difference to the kept frames of an independent computation (tools/fixtures/audio_reference.py). */
function difference(name: string, ours: Float32Array): number {
  const { bands, frames, kept } = reference[name]!;
  assert.equal(ours.length, bands * frames);
  const theirs = floats(name);
  let most = 0;
  kept.forEach((frame, row) => {
    for (let b = 0; b < bands; b++) most = Math.max(most, Math.abs(ours[b * frames + frame]! - theirs[row * bands + b]!));
  });
  return most;
}

describe("features of sound", () => {
  it("agree with the definition of the Fourier transform at every length in use and at awkward ones", () => {
    for (const length of [1, 2, 15, 84, 400, 512]) {
      const re = Float64Array.from({ length }, (_, i) => Math.sin(i * i) + 0.3);
      const im = Float64Array.from({ length }, (_, i) => Math.cos(3 * i));
      const [gotRe, gotIm] = [re.slice(), im.slice()];
      new Fft(length).transform(gotRe, gotIm);
      for (let k = 0; k < length; k++) {
        let [sumRe, sumIm] = [0, 0];
        for (let n = 0; n < length; n++) {
          const [c, s] = [Math.cos((2 * Math.PI * n * k) / length), -Math.sin((2 * Math.PI * n * k) / length)];
          sumRe += re[n]! * c - im[n]! * s;
          sumIm += re[n]! * s + im[n]! * c;
        }
        assert.ok(Math.hypot(gotRe[k]! - sumRe, gotIm[k]! - sumIm) < 1e-9, `length ${length}, bin ${k}`);
      }
    }
    assert.throws(() => new Fft(22), RangeError);
  });

  it("are Whisper's log-mel within 1e-6, padded to 30 s and of full length", () => {
    assert.ok(difference("mel80", logMel(sound, 80, 3000)) < 1e-6);
    assert.ok(difference("mel128", logMel(sound, 128, 200)) < 1e-6);
  });

  it("are the same whether silence is given or missing", () => {
    const longer = new Float32Array(sound.length + 5000);
    longer.set(sound);
    assert.deepEqual(logMel(longer, 80, 400), logMel(sound, 80, 400));
    assert.ok(logMel(new Float32Array(0), 80, 10).every((value) => value === -1.5));
  });

  it("are Video-LLaMA's filter banks of a clip of 2 s: 198 frames, zeros to 204, then normalised", () => {
    assert.equal(fbankFrames(sound.length), 198);
    const ours = fbankTensor(sound, { bins: 128, frames: 204, mean: -4.268, std: 9.138 });
    assert.ok(difference("clip", ours) < 1e-5);
    assert.equal(ours[203], Math.fround(4.268 / 9.138));
  });

  it("of a clip shorter than a window are zeros, normalised", () => {
    const ours = fbankTensor(sound.subarray(0, 399), { bins: 4, frames: 3, mean: -4, std: 2 });
    assert.ok(ours.every((value) => value === 2));
  });
});
