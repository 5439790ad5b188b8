import assert from "node:assert/strict";
import { readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { Sprites } from "../../server/src/runtime/ffmpeg/sprites.js";
import { runningDecoders } from "../../server/src/runtime/ffmpeg/run.js";
import { vqaError } from "../support/errors.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";
import { fixture, forEachDecoder, manifest, numberIn } from "./support.js";

const FOLDER = join(repoRoot, "test/fixtures/scenes");
const CUTS = join(FOLDER, "cuts.mp4");
const truth = JSON.parse(readFileSync(join(FOLDER, "cuts.json"), "utf8")) as { frameRate: number; frames: number; cuts: number[]; flash: number };
const frameOf = (timeMs: number): number => Math.round((timeMs * truth.frameRate) / 1000);

for (const headMs of [undefined, 200]) {
  forEachDecoder(headMs === undefined ? "cuts" : "cuts of long films", (media) => {
    it("are found to the frame, and a flash is one at most", async () => {
      const told: number[] = [];
      const { cuts, durationMs } = await media().scenes.scenes({ path: CUTS, mode: "exact" }, (fraction) => told.push(fraction));
      const found = cuts.map(({ timeMs }) => frameOf(timeMs)).filter((n) => Math.abs(n - truth.flash) > 1);
      assert.deepEqual(found, truth.cuts);
      assert.ok(cuts.length <= truth.cuts.length + 1, cuts.map(({ timeMs }) => frameOf(timeMs)).join());
      assert.equal(durationMs, (truth.frames * 1000) / truth.frameRate);
      assert.ok(cuts.every(({ score }) => score >= 10 && score <= 100));
      assert.ok(told.every((fraction, i) => fraction >= (told[i - 1] ?? 0) && fraction <= 1), told.join());
      assert.equal(told.at(-1), 1);
    });

    it("are found at the next keyframe when only keyframes are looked at", async () => {
      const { cuts } = await media().scenes.scenes({ path: CUTS, mode: "keyframe" });
      const next = new Set(truth.cuts.map((n) => Math.ceil(n / 50) * 50));
      assert.deepEqual(cuts.map(({ timeMs }) => frameOf(timeMs)), [...next]);
    });

    it("are none in one shot, and more with a lower threshold", async () => {
      assert.deepEqual((await media().scenes.scenes({ path: fixture("bframes.mp4"), mode: "exact", threshold: 40 })).cuts, []);
      const count = async (threshold: number): Promise<number> => (await media().scenes.scenes({ path: CUTS, mode: "exact", threshold })).cuts.length;
      assert.ok((await count(1)) >= truth.cuts.length);
      assert.equal(await count(90), 0);
    });

    it("are not looked for where there are no pictures, and the search can be stopped", async () => {
      await assert.rejects(media().scenes.scenes({ path: fixture("sound.m4a"), mode: "exact" }), vqaError("no-video-stream"));
      await assert.rejects(media().scenes.scenes({ path: CUTS, mode: "exact", threshold: 0 }), vqaError("invalid-request"));
      const stop = new AbortController();
      const search = media().scenes.scenes({ path: CUTS, mode: "exact" }, undefined, stop.signal);
      stop.abort();
      await assert.rejects(search, vqaError("cancelled"));
      assert.equal(runningDecoders(), 0);
    });
  }, headMs);
}

forEachDecoder("sheets of thumbnails", (media) => {
  const folder = tempFolder(after);

  it("show keyframes over the length of a film, and are made once", async () => {
    const sprites = new Sprites(async () => media().frames, { folder });
    const told: number[] = [];
    const request = { path: fixture("bframes.mp4"), count: 24, width: manifest.width };
    const sheet = await sprites.of(request, (fraction) => told.push(fraction));
    const { path, timesMs, ...shape } = sheet;
    assert.deepEqual(shape, { columns: 10, rows: 3, width: manifest.width, height: manifest.height });
    assert.ok(told.length === 2 && told[1] === 1, told.join());
    const truthOf = manifest.video["bframes.mp4"]!;
    const picture = pixelsOf(readFileSync(path));
    const numbers = timesMs.map((_, i) => {
      const rgb = new Uint8Array(manifest.width * manifest.height * 3);
      for (let y = 0; y < manifest.height; y++) {
        const at = (Math.floor(i / 10) * manifest.height + y) * picture.width * 3 + (i % 10) * manifest.width * 3;
        rgb.set(picture.rgb.subarray(at, at + manifest.width * 3), y * manifest.width * 3);
      }
      return numberIn({ timeMs: 0, width: manifest.width, height: manifest.height, rgb });
    });
    const wanted = timesMs.map((t) => truthOf.keyframes.filter((k) => truthOf.timesMs[k]! <= t + 0.001).at(-1));
    assert.deepEqual(numbers, wanted);
    const made = statSync(path).mtimeMs;
    assert.deepEqual(await sprites.of(request, () => assert.fail("made again")), sheet);
    assert.ok(statSync(path).mtimeMs >= made);
    rmSync(path);
    assert.deepEqual((await sprites.of(request, () => undefined)).path, path);
  });

  it("leave nothing behind when they are stopped", async () => {
    const sprites = new Sprites(async () => media().frames, { folder: join(folder, "stopped") });
    const stop = new AbortController();
    await assert.rejects(sprites.of({ path: fixture("vfr.mkv"), count: 60, width: 32 }, () => stop.abort(), stop.signal), vqaError("cancelled"));
    assert.deepEqual(readdirSync(join(folder, "stopped")), []);
  });
});

/** Reads what `encodePng` writes: one IDAT chunk, rows with filter 2. */
function pixelsOf(file: Buffer): { width: number; rgb: Uint8Array } {
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  const rows = inflateSync(file.subarray(41, 41 + file.readUInt32BE(33)));
  const stride = width * 3;
  const rgb = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < stride; x++) rgb[y * stride + x] = rows[y * (stride + 1) + 1 + x]! + (y === 0 ? 0 : rgb[(y - 1) * stride + x]!);
  }
  return { width, rgb };
}
