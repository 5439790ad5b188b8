import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MediaInfo } from "../../server/src/engine/ports.js";
import { openMedia, type Media } from "../../server/src/runtime/ffmpeg/index.js";
import { Proxies } from "../../server/src/runtime/ffmpeg/proxy.js";
import { resolveFfmpeg } from "../../server/src/runtime/ffmpeg/resolve.js";

describe("copies of videos for players", function () {
  this.timeout(120_000);
  let ffmpeg: string;
  let folder: string;
  let media: Media;
  let original: MediaInfo;

  before(async function () {
    const binary = await resolveFfmpeg(undefined);
    // Only the program can write videos; without it the copies are refused, which the last test shows.
    if (binary === undefined) return this.skip();
    ffmpeg = binary.path;
    folder = fs.mkdtempSync(join(tmpdir(), "vqa-proxy-"));
    const path = join(folder, "original.avi");
    execFileSync(ffmpeg, ["-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=321x242:rate=10:duration=3", "-f", "lavfi", "-i", "sine=duration=3", "-c:v", "mpeg4", "-c:a", "mp2", "-threads", "1", path]);
    media = await openMedia({ threads: 1 });
    original = await media.frames.probe(path);
  });
  after(() => {
    if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
  });

  const copies = (maxBytes?: number): Proxies => new Proxies({ folder: join(folder, "proxies"), threads: 1, ...(maxBytes === undefined ? {} : { maxBytes }) });
  const names = (): readonly string[] => fs.readdirSync(join(folder, "proxies")).sort();

  it("hold picture and sound that every player knows, as long as before, and are made once", async () => {
    assert.equal(original.video?.codec, "mpeg4");
    const fractions: number[] = [];
    const path = await copies().of(original, "all", (fraction) => fractions.push(fraction));
    const made = await media.frames.probe(path);
    assert.match(`${made.video?.codec} ${made.audio[0]?.codec}`, /^(h264 mp3|vp9 opus)$/);
    assert.ok(Math.abs(made.durationMs - original.durationMs) < 150, `${made.durationMs} of ${original.durationMs}`);
    assert.equal((made.video?.width ?? 1) % 2, 0);
    assert.ok(fractions.length > 0 && fractions.every((one, i) => one >= 0 && one <= 1 && one >= (fractions[i - 1] ?? 0)));
    assert.ok(path.includes(original.digest));
    const { mtimeMs, ino } = fs.statSync(path);
    assert.equal(await copies().of(original, "all", () => assert.fail("nothing is made")), path);
    assert.equal(fs.statSync(path).ino, ino);
    assert.ok(fs.statSync(path).mtimeMs >= mtimeMs);
    assert.deepEqual(names(), [path.split("/").at(-1)]);
  });

  it("keep a picture that plays as it is, and give it other sound", async () => {
    const path = join(folder, "aac.mkv");
    execFileSync(ffmpeg, ["-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10:duration=2", "-f", "lavfi", "-i", "sine=duration=2", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-threads", "1", path]);
    const source = await media.frames.probe(path);
    const made = await copies().of(source, "sound", () => undefined);
    const info = await media.frames.probe(made);
    assert.equal(info.video?.codec, "h264");
    assert.match(info.audio[0]?.codec ?? "", /^(mp3|opus)$/);
    const frame = async (of: string): Promise<Uint8Array | undefined> => (await media.frames.frames({ path: of, timesMs: [1000], width: 160, height: 120, resize: "pad", mode: "exact" }))[0]?.rgb;
    assert.deepEqual(await frame(made), await frame(path), "not one pixel differs");
  });

  it("leave nothing behind when they are stopped, and never more than the folder may hold", async () => {
    fs.rmSync(join(folder, "proxies"), { recursive: true, force: true });
    const controller = new AbortController();
    await assert.rejects(copies().of(original, "all", () => controller.abort(), controller.signal), { code: "cancelled" });
    assert.deepEqual(names(), []);
    const first = await copies().of(original, "all", () => undefined);
    fs.utimesSync(first, 1, 1);
    const second = join(folder, "second.avi");
    execFileSync(ffmpeg, ["-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=1", "-c:v", "mpeg4", "-threads", "1", second]);
    const kept = await copies(1000).of(await media.frames.probe(second), "all", () => undefined);
    assert.deepEqual(names(), [kept.split("/").at(-1)], "the one that was not used for longest went, the new one stayed");
  });

  it("are refused where there is no picture, with an error of ours", async () => {
    const { video: _, ...silent } = original;
    await assert.rejects(copies().of(silent, "all", () => undefined), { code: "no-video-stream" });
    await assert.rejects(new Proxies({ folder: join(folder, "none"), ffmpegPath: "/nowhere/ffmpeg" }).of(original, "all", () => undefined), { code: "decoder-missing" });
  });
});
