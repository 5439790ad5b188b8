import assert from "node:assert/strict";
import type { FrameMode, FrameRequest } from "../../server/src/engine/ports.js";
import type { ListedVideo } from "../../server/src/runtime/ffmpeg/decoder.js";
import type { Media } from "../../server/src/runtime/ffmpeg/index.js";
import { vqaError } from "../support/errors.js";
import { checked, DECODERS, decoderWith, fixture, forEachDecoder, grabbed, manifest, mediaWith, numberIn, pixel, type Truth } from "./support.js";

const request = (name: string, timesMs: readonly number[], more: Partial<FrameRequest> = {}): FrameRequest => ({
  path: fixture(name),
  timesMs,
  width: manifest.width,
  height: manifest.height,
  resize: "squash",
  mode: "exact",
  ...more,
});

const keyOf = (truth: Truth, index: number): number => truth.keyframes.filter((k) => k <= index).at(-1) ?? 0;

const tests = (media: () => Media): void => {
  for (const [name, truth] of Object.entries(manifest.video)) {
    it(`gives every frame of ${name} at its own time`, async () => {
      const frames = await media().frames.frames(request(name, truth.timesMs));
      assert.deepEqual(frames.map(numberIn), truth.numbers);
      frames.forEach((frame, i) => assert.ok(Math.abs(frame.timeMs - truth.timesMs[i]!) < 1e-5, `${frame.timeMs} is not ${truth.timesMs[i]}`));
    });

    it(`gives the frame on screen between two frames of ${name}, in the order of the request`, async () => {
      const between = truth.timesMs.slice(1).map((t, i) => (t + truth.timesMs[i]!) / 2);
      const order = [...between.keys()].filter((i) => i % 3 === 0).reverse();
      const frames = await media().frames.frames(request(name, order.map((i) => between[i]!)));
      assert.deepEqual(frames.map(numberIn), order.map((i) => truth.numbers[i]));
    });
  }

  it("keeps the frame before on screen where one does not decode", async () => {
    const truth = manifest.video["hole.mp4"]!;
    assert.equal(truth.numbers.length, 59);
    const missing = truth.numbers.findIndex((n, i) => n !== i);
    const whole = manifest.video["bframes.mp4"]!;
    const times = [missing - 1, missing, missing + 1, 50].map((i) => whole.timesMs[i]!);
    const frames = await media().frames.frames(request("hole.mp4", times));
    assert.deepEqual(frames.map(numberIn), [missing - 1, missing - 1, missing + 1, 50]);
    // What was found out is remembered, and seeking still works.
    const again = await media().frames.frames(request("hole.mp4", [times[1]!]));
    assert.deepEqual([numberIn(again[0]!), again[0]!.timeMs], [missing - 1, frames[0]!.timeMs]);
  });

  it("gives a lone frame from each end of the file, and one frame twice", async () => {
    const truth = manifest.video["bframes.mp4"]!;
    for (const index of [0, 1, 14, 15, 44, 59]) {
      const [frame] = await media().frames.frames(request("bframes.mp4", [truth.timesMs[index]!]));
      assert.equal(numberIn(frame!), index);
    }
    const frames = await media().frames.frames(request("bframes.mp4", [2002, 0, 2002, 1]));
    assert.deepEqual(frames.map(numberIn), [59, 0, 59, 0]);
  });

  it("gives the keyframe before in keyframe mode", async () => {
    const mode: FrameMode = "keyframe";
    for (const name of ["bframes.mp4", "edit-list.mp4", "open-gop.mp4", "vfr.mkv", "vp9.webm", "stream.mpegts"]) {
      const truth = manifest.video[name]!;
      const indices = [...truth.timesMs.keys()].filter((i) => i % 4 === 3);
      const frames = await media().frames.frames(request(name, indices.map((i) => truth.timesMs[i]!), { mode }));
      assert.deepEqual(frames.map(numberIn), indices.map((i) => truth.numbers[keyOf(truth, i)]), name);
      frames.forEach((frame, n) => assert.ok(Math.abs(frame.timeMs - truth.timesMs[keyOf(truth, indices[n]!)]!) < 1e-5, name));
    }
  });

  it("refuses times that the video does not have", async () => {
    await assert.rejects(media().frames.frames(request("bframes.mp4", [0, 2010])), vqaError("time-out-of-range", "2.010 s"));
    await assert.rejects(media().frames.frames(request("bframes.mp4", [-5])), vqaError("time-out-of-range", "-0.005 s"));
    await assert.rejects(media().frames.frames(request("bframes.mp4", [Number.NaN])), vqaError("invalid-request"));
    await assert.rejects(media().frames.frames(request("bframes.mp4", [0], { width: 0 })), vqaError("invalid-request"));
    assert.deepEqual(await media().frames.frames(request("bframes.mp4", [])), []);
  });

  it("says that a file without pictures has none, cover art included", async () => {
    for (const name of ["sound.m4a", "sound-cover.mp3"]) {
      await assert.rejects(media().frames.frames(request(name, [0])), vqaError("no-video-stream", name));
    }
  });

  it("gives what a truncated file holds", async () => {
    for (const name of ["truncated.mp4", "truncated.mkv"]) {
      const info = await media().frames.probe(fixture(name));
      const frames = await media().frames.frames(request(name, [0, info.durationMs / 2, info.durationMs]));
      const numbers = frames.map(numberIn);
      assert.equal(numbers[0], 0);
      assert.ok(numbers[2]! > numbers[1]! && numbers[1]! > 0 && numbers[2]! < 60, numbers.join());
    }
  });

  it("keeps colours and shows turned pictures upright", async () => {
    for (const name of ["bframes.mp4", "turned.mp4", "wide-samples.mp4", "vp9.webm"]) {
      const [frame] = await media().frames.frames(request(name, [0]));
      const near = (found: readonly number[], wanted: readonly number[]): void =>
        assert.ok(found.every((v, i) => Math.abs(v - wanted[i]!) <= 12), `${name}: ${found.join()} is not ${wanted.join()}`);
      near(pixel(frame!, 20, 12), [200, 0, 0]);
      near(pixel(frame!, 76, 12), [0, 0, 200]);
      near(pixel(frame!, 4, 48), [235, 235, 235]);
    }
  });

  it("interpolates colour, which is stored at half the resolution", async () => {
    const [frame] = await media().frames.frames(request("bframes.mp4", [0]));
    // The two pixels share a stored colour sample beside the edge of red and blue.
    assert.notDeepEqual(pixel(frame!, 46, 10), pixel(frame!, 47, 10));
  });

  it("squashes, crops and pads", async () => {
    const at = async (name: string, resize: FrameRequest["resize"]) => (await media().frames.frames(request(name, [0], { width: 60, height: 60, resize })))[0]!;
    for (const name of ["bframes.mp4", "wide-samples.mp4", "turned.mp4"]) {
      for (const resize of ["squash", "crop", "pad"] as const) {
        const frame = await at(name, resize);
        assert.deepEqual([frame.width, frame.height, frame.rgb.length], [60, 60, 60 * 60 * 3]);
      }
      // 96 x 64 into 60 x 60: padding leaves 40 rows of picture and 10 black rows above and below.
      const padded = await at(name, "pad");
      assert.deepEqual(pixel(padded, 10, 5), [0, 0, 0], name);
      assert.ok(pixel(padded, 10, 20)[0] > 150, name);
      assert.deepEqual(pixel(padded, 10, 55), [0, 0, 0], name);
      // Cropping cuts 15 columns of 90 off each side: the white bar at the left edge is gone.
      const squashed = await at(name, "squash");
      const cropped = await at(name, "crop");
      assert.ok(pixel(squashed, 1, 45)[1] > 200, name);
      assert.ok(pixel(cropped, 1, 45)[1] < 50, name);
      assert.ok(pixel(cropped, 10, 15)[0] > 150 && pixel(cropped, 50, 15)[2] > 150, name);
    }
  });

  it("stays within its limits", async () => {
    const path = fixture("bframes.mp4");
    const wide = media().frames.frames(request("bframes.mp4", manifest.video["bframes.mp4"]!.timesMs, { width: 16384, height: 16384 }));
    await assert.rejects(wide, vqaError("limit-exceeded"));
    await assert.rejects(media().frames.frames({ ...request("bframes.mp4", []), path, timesMs: new Array<number>(5000).fill(0) }), vqaError("limit-exceeded"));
  });
};

forEachDecoder("frames", tests);
// Nearly all of each fixture is beyond its first 200 ms.
forEachDecoder("frames of long films", tests, 200);

describe("groups of frames", () => {
  for (const choice of DECODERS) {
    it(`are decoded each from the start where there is no seeking (${choice})`, async function () {
      const decoder = await decoderWith(choice);
      if (!decoder) this.skip();
      for (const name of ["xvid.avi", "stream.mpegts", "bframes.mp4"]) {
        const file = await checked(fixture(name));
        const video = (await decoder.scan(file, Infinity)).video as ListedVideo;
        const at = (i: number): number => video.timeline.pts[i]!;
        const group = (...pts: number[]) => ({ pts, seekPts: undefined, keyPts: at(0) });
        const size = { width: manifest.width, height: manifest.height };
        const pictures = await grabbed(decoder, file, video, [group(at(2), at(30)), group(at(7)), group(at(40))], size);
        const numbers: number[][] = [...pictures].map(([pts, rgb]) => [video.timeline.pts.indexOf(pts), numberIn({ timeMs: 0, ...size, rgb })]);
        assert.deepEqual(numbers.sort((a, b) => a[0]! - b[0]!), [2, 7, 30, 40].map((i) => [i, i]), name);
      }
    });

    it(`leave out what is not in the file (${choice})`, async function () {
      const decoder = await decoderWith(choice);
      if (!decoder) this.skip();
      for (const name of ["bframes.mp4", "stream.mpegts"]) {
        const file = await checked(fixture(name));
        const video = (await decoder.scan(file, Infinity)).video as ListedVideo;
        const [first, last] = [video.timeline.pts[0]!, video.timeline.pts.at(-1)!];
        const groups = [
          { pts: [first, first + 1], seekPts: undefined, keyPts: first },
          { pts: [last + 99], seekPts: last + 99, keyPts: last + 99 },
        ];
        const pictures = await grabbed(decoder, file, video, groups, { width: 8, height: 8 });
        assert.deepEqual([...pictures.keys()], [first], name);
      }
    });
  }
});

describe("both decoders", () => {
  /** Levels of 255: zero between ffmpeg 5.1 and node-av's FFmpeg 8.1; other releases may round otherwise. */
  const BOUND = 2;

  it("give the same pictures", async function () {
    const [one, two] = [await mediaWith("ffmpeg"), await mediaWith("node-av")];
    if (!one || !two) this.skip();
    for (const [name, truth] of Object.entries(manifest.video)) {
      const wanted = request(name, truth.timesMs, { width: 50, height: 40, resize: "crop" });
      const [a, b] = [await one.frames.frames(wanted), await two.frames.frames(wanted)];
      a.forEach((frame, i) => {
        const worst = frame.rgb.reduce((max, v, k) => Math.max(max, Math.abs(v - b[i]!.rgb[k]!)), 0);
        assert.ok(worst <= BOUND, `${name}, frame ${i}: ${worst} levels apart`);
        assert.equal(frame.timeMs, b[i]!.timeMs);
      });
    }
  });
});
