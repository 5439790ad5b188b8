import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { vqaError } from "../support/errors.js";
import { tempFolder } from "../support/tempFolder.js";
import { fixture, forEachDecoder, manifest, mediaWith } from "./support.js";

forEachDecoder("probe", (media, decoder) => {
  const folder = tempFolder(after);

  for (const [name, truth] of Object.entries(manifest.video)) {
    it(`measures ${name}`, async () => {
      const info = await media().frames.probe(fixture(name));
      const bytes = readFileSync(fixture(name));
      assert.equal(info.digest, createHash("sha256").update(bytes).digest("hex"));
      assert.equal(info.bytes, bytes.length);
      assert.ok(Math.abs(info.startMs - truth.startMs) < 1e-6, `starts at ${info.startMs}`);
      // The last frame is shown for about as long as the others.
      const last = truth.timesMs.at(-1)!;
      const pace = truth.timesMs.length > 1 ? last / (truth.timesMs.length - 1) : 33.4;
      const slack = name === "vfr.mkv" ? 3 * pace : 1;
      if (info.audio.length === 0) assert.ok(Math.abs(info.durationMs - last - pace) <= slack, `lasts ${info.durationMs}`);
      assert.deepEqual([info.video?.width, info.video?.height], [96, 64]);
      assert.equal(info.video?.rotation, name === "turned.mp4" ? 90 : 0);
      if (name !== "vfr.mkv") assert.deepEqual(info.video?.frameRate, { num: 30000, den: 1001 });
      assert.deepEqual(info.warnings, []);
    });
  }

  it("lists sound and subtitles with their languages", async () => {
    const mp4 = await media().frames.probe(fixture("subtitled.mp4"));
    assert.deepEqual(mp4.audio, [{ index: 1, codec: "aac", sampleRate: 16000, channels: 1, language: "eng" }]);
    assert.deepEqual(mp4.subtitles, [{ index: 2, codec: "mov_text", language: "eng" }]);
    const mkv = await media().frames.probe(fixture("subtitled.mkv"));
    assert.deepEqual(mkv.subtitles, [
      { index: 1, codec: "subrip", language: "eng" },
      { index: 2, codec: "ass", language: "ger", title: "Deutsch" },
    ]);
  });

  it("does not take a title for a stream", async () => {
    const info = await media().frames.probe(fixture("false-title.mp4"));
    assert.equal(info.video?.codec, "h264");
    assert.equal(info.video?.index, 0);
    assert.ok(info.durationMs < 600);
  });

  it("takes sound without pictures, and cover art for no picture", async () => {
    for (const name of ["sound.m4a", "sound-cover.mp3"]) {
      const info = await media().frames.probe(fixture(name));
      assert.equal(info.video, undefined);
      assert.equal(info.audio.length, 1);
      assert.ok(Math.abs(info.durationMs - 2000) < 120, `${name} lasts ${info.durationMs}`);
    }
  });

  it("warns of truncation, with what is there", async () => {
    assert.match((await media().frames.probe(fixture("truncated.mp4"))).warnings.join(), /^truncated: it holds 1\.\d+ s of 2\.00\d s$/);
    assert.match((await media().frames.probe(fixture("truncated.mkv"))).warnings.join(), /^truncated: it holds 3\.\d+ s of 5\.3\d+ s$/);
  });

  it("says what is wrong with a bad file", async () => {
    const probe = (path: string) => media().frames.probe(path);
    await assert.rejects(probe(join(folder, "nothing.mp4")), vqaError("video-not-found", "nothing.mp4"));
    await assert.rejects(probe(join(fixture("bframes.mp4"), "inside.mp4")), vqaError("video-not-found"));
    await assert.rejects(probe(fixture("empty.mp4")), vqaError("video-empty", "empty.mp4"));
    await assert.rejects(probe(fixture("text.mp4")), vqaError("video-unreadable", "text file"));
    await assert.rejects(probe(fixture("noise.mp4")), vqaError("video-unreadable", "noise.mp4"));
    await assert.rejects(probe(fixture("truncated-no-index.mp4")), vqaError("video-unreadable", "index"));
    await assert.rejects(probe(folder), vqaError("video-refused", "folder"));
    await assert.rejects(probe(join(folder, "a\nb.mp4")), vqaError("video-refused", "control characters"));
    await assert.rejects(probe("http://127.0.0.1:9/x.mp4"), vqaError("video-not-found"));
  });

  it("refuses pipes and sockets without waiting for them", async function () {
    if (process.platform === "win32") this.skip();
    const pipe = join(folder, `${decoder}.pipe.mp4`);
    execFileSync("mkfifo", [pipe]);
    await assert.rejects(media().frames.probe(pipe), vqaError("video-refused", "regular"));
    const socket = join(folder, `${decoder}.socket.mp4`);
    const server = createServer().listen(socket);
    await new Promise((ready) => server.once("listening", ready));
    await assert.rejects(media().frames.probe(socket), vqaError("video-refused", "regular"));
    server.close();
  });

  it("says when it may not read", async function () {
    if (process.platform === "win32" || process.getuid?.() === 0) this.skip();
    const path = join(folder, "locked.mp4");
    copyFileSync(fixture("bframes.mp4"), path);
    chmodSync(path, 0);
    await assert.rejects(media().frames.probe(path), vqaError("video-unreadable", "permission"));
  });

  it("opens names that look like options, patterns or protocols", async () => {
    const inner = join(folder, "-i");
    mkdirSync(inner, { recursive: true });
    for (const name of ["-vf %03d [x] 'y'.mp4", "concat:a|b.mp4", "a,b;c\\d.mp4", "Übung 字.mp4"]) {
      if (process.platform === "win32" && /[:|\\]/.test(name)) continue;
      const path = join(inner, name);
      copyFileSync(fixture("one-frame.mp4"), path);
      assert.equal((await media().frames.probe(path)).video?.codec, "h264", name);
      const frames = await media().frames.frames({ path, timesMs: [0], width: 8, height: 8, resize: "squash", mode: "exact" });
      assert.equal(frames.length, 1);
    }
  });

  it("looks again when the file changes", async () => {
    const path = join(folder, `${decoder}-changing.mp4`);
    copyFileSync(fixture("bframes.mp4"), path);
    const first = await media().frames.probe(path);
    writeFileSync(path, readFileSync(fixture("one-frame.mp4")));
    utimesSync(path, 1, 1);
    const second = await media().frames.probe(path);
    assert.notEqual(first.digest, second.digest);
    assert.ok(second.durationMs < 40);
  });

  it("stays within its limits", async () => {
    const small = await mediaWith(decoder, { maxPixels: 1000 });
    await assert.rejects(small!.frames.probe(fixture("bframes.mp4")), vqaError("limit-exceeded", "96 x 64"));
    const short = await mediaWith(decoder, { maxFileBytes: 100 });
    await assert.rejects(short!.frames.probe(fixture("bframes.mp4")), vqaError("limit-exceeded", "bytes"));
  });

  it("names itself", async () => {
    assert.match(await media().frames.describe(), decoder === "ffmpeg" ? /^ffmpeg \S+$/ : /^node-av \d+\.\d+\.\d+$/);
  });
});
