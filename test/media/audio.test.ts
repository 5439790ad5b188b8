import assert from "node:assert/strict";
import type { Media } from "../../server/src/runtime/ffmpeg/index.js";
import { vqaError } from "../support/errors.js";
import { fixture, forEachDecoder, mediaWith } from "./support.js";

/** late-sound.mkv: a 16-bit ramp, 0, 1, 2, ... at 16 kHz, from 500 ms on. */
const RAMP = "late-sound.mkv";

/** Strength of a frequency in samples of 16 kHz, 1 for a pure tone of amplitude 1. */
function strength(samples: Float32Array, hz: number): number {
  let [re, im] = [0, 0];
  samples.forEach((v, i) => {
    re += v * Math.cos((2 * Math.PI * hz * i) / 16000);
    im += v * Math.sin((2 * Math.PI * hz * i) / 16000);
  });
  return (2 * Math.hypot(re, im)) / samples.length;
}

forEachDecoder("sound", (media, decoder) => {
  it("is exact to the sample, with silence before it begins", async () => {
    const samples = (await media().audio.pcm16k(fixture(RAMP), 0, 1500))!;
    assert.equal(samples.length, 24000);
    const wanted = Float32Array.from({ length: 24000 }, (_, i) => (i < 8000 ? 0 : (i - 8000) / 32768));
    const wrong = samples.findIndex((v, i) => v !== wanted[i]);
    assert.equal(wrong, -1, `sample ${wrong}: ${samples[wrong]}, not ${wanted[wrong]}`);
  });

  it("is exact in a range, across the beginning and at the end", async () => {
    for (const [from, to] of [[700, 900], [400, 600], [1400, 1500], [1250.5, 1251]] as const) {
      const samples = (await media().audio.pcm16k(fixture(RAMP), from, to))!;
      assert.equal(samples.length, Math.round((to - from) * 16));
      const wanted = Array.from(samples, (_, i) => Math.fround(Math.max(0, from * 16 + i - 8000) / 32768));
      assert.deepEqual(Array.from(samples), wanted, `${from} to ${to}`);
    }
  });

  it("ends with the file", async () => {
    const samples = (await media().audio.pcm16k(fixture(RAMP), 1400, 99_000))!;
    assert.equal(samples.length, 1600);
    assert.equal((await media().audio.pcm16k(fixture(RAMP), 1500, 1600))!.length, 0);
  });

  it("is decoded from AAC as well, wherever the range lies", async () => {
    for (const from of [100, 1000, 1500]) {
      const samples = (await media().audio.pcm16k(fixture("subtitled.mp4"), from, from + 200))!;
      assert.equal(samples.length, 3200);
      // The generator's tone has amplitude 1/8.
      assert.ok(Math.abs(strength(samples, 440) - 0.125) < 0.01, `${strength(samples, 440)}`);
      assert.ok(strength(samples, 700) < 0.01);
    }
  });

  it("is read from a file without pictures", async () => {
    const samples = (await media().audio.pcm16k(fixture("sound.m4a"), 500, 1000))!;
    assert.ok(Math.abs(strength(samples, 440) - 0.125) < 0.01);
  });

  it("is undefined where there is none", async () => {
    assert.equal(await media().audio.pcm16k(fixture("bframes.mp4"), 0, 100), undefined);
  });

  it("refuses ranges that make no sense", async () => {
    await assert.rejects(media().audio.pcm16k(fixture(RAMP), 200, 100), vqaError("invalid-request"));
    await assert.rejects(media().audio.pcm16k(fixture(RAMP), 5000, 6000), vqaError("time-out-of-range"));
    const capped = await mediaWith(decoder, { maxAudioMs: 100 });
    await assert.rejects(capped!.audio.pcm16k(fixture(RAMP), 0, 1000), vqaError("limit-exceeded"));
  });
});

describe("sound of both decoders", () => {
  it("is the same", async function () {
    const [one, two] = [await mediaWith("ffmpeg"), await mediaWith("node-av")];
    if (!one || !two) this.skip();
    for (const [from, to] of [[0, 400], [1100, 1700]] as const) {
      const soundOf = async (media: Media): Promise<Float32Array> => (await media.audio.pcm16k(fixture("subtitled.mp4"), from, to))!;
      const a = await soundOf(one);
      const b = await soundOf(two);
      assert.equal(a.length, b.length);
      const worst = a.reduce((max, v, i) => Math.max(max, Math.abs(v - b[i]!)), 0);
      assert.ok(worst < 1e-4, `${worst} apart`);
    }
  });
});
