import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { CacheResult } from "../../server/src/protocol/cache.js";
import type { FrameTimesResult, ProxyResult, ScenesResult, SpritesResult, WaveformResult } from "../../server/src/protocol/media.js";
import { resolveFfmpeg } from "../../server/src/runtime/ffmpeg/resolve.js";
import { LspClient, refusal } from "../support/lspClient.js";
import { repoRoot } from "../support/repo.js";

const video = join(repoRoot, "media/demo/shapes.mp4");

describe("what a preview asks about a video", function () {
  this.timeout(120_000);
  let client: LspClient;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "vqa-preview-"));
    client = LspClient.stdio();
    await client.initialize({}, { threads: 1, cacheDir: join(folder, "features") });
  });
  after(() => {
    client.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it("a copy that plays lies beside the features, and is the same one the next time", async function () {
    // Only the program can write videos.
    if ((await resolveFfmpeg(undefined)) === undefined) return this.skip();
    const { path } = await client.request<ProxyResult>("vqa/proxy", { video, kind: "sound" });
    assert.equal(dirname(path), join(folder, "proxies"));
    assert.ok(existsSync(path));
    assert.deepEqual(await client.request<ProxyResult>("vqa/proxy", { video, kind: "sound" }), { path });
  });

  it("a film without sound has no waveform", async () => {
    assert.deepEqual(await client.request<WaveformResult>("vqa/waveform", { video, buckets: 10 }), { peaks: [] });
  });

  it("cuts are found, and thumbnails put together, with word of how far it is", async () => {
    const cuts = join(repoRoot, "test/fixtures/scenes/cuts.mp4");
    const { cuts: found, durationMs } = await client.request<ScenesResult>("vqa/scenes", { video: cuts });
    assert.equal(durationMs, 8000);
    assert.ok([40, 77, 101, 150].every((frame) => found.some(({ timeMs }) => Math.abs(timeMs - frame * 40) < 1)), JSON.stringify(found));
    const sheet = await client.request<SpritesResult>("vqa/sprites", { video: cuts, count: 12, width: 64 });
    assert.equal(dirname(sheet.path), join(folder, "sprites"));
    assert.ok(existsSync(sheet.path));
    assert.deepEqual([sheet.columns, sheet.rows, sheet.width, sheet.height, sheet.timesMs.length], [10, 2, 64, 36, 12]);
  });

  it("frames tell when they begin, however uneven they are and wherever the file begins", async () => {
    const { video: truth } = JSON.parse(readFileSync(join(repoRoot, "test/fixtures/media/manifest.json"), "utf8")) as { video: Record<string, { timesMs: number[]; startMs: number }> };
    for (const name of ["vfr.mkv", "late-start.mp4", "stream.mpegts"]) {
      const about = join(repoRoot, "test/fixtures/media", name);
      const known = truth[name]!.timesMs;
      const close = (found: readonly number[], wanted: readonly number[]): void => assert.ok(found.length === wanted.length && found.every((time, i) => Math.abs(time - wanted[i]!) < 0.6), `${name}: ${found.join()} for ${wanted.join()}`);
      close((await client.request<FrameTimesResult>("vqa/frameTimes", { video: about, fromMs: 0, toMs: 1e6 })).timesMs, known);
      // The one on screen at the start, and the one after the end.
      close((await client.request<FrameTimesResult>("vqa/frameTimes", { video: about, fromMs: known[4]! + 1, toMs: known[6]! + 1 })).timesMs, known.slice(4, 8));
    }
    assert.equal((await refusal(client.request("vqa/frameTimes", { video: join(repoRoot, "test/fixtures/media/sound.m4a"), fromMs: 0, toMs: 10 }))).error?.code, "no-video-stream");
    assert.equal((await refusal(client.request("vqa/frameTimes", { video, fromMs: 10, toMs: 0 }))).error?.code, "invalid-request");
  });

  it("what is kept of videos is measured and removed, and nothing else", async () => {
    await client.request("vqa/sprites", { video, count: 4, width: 64 });
    writeFileSync(join(folder, "sprites", "mine.png"), "mine");
    const size = ({ rooms }: CacheResult, name: string): number => rooms.find((room) => room.name === name)?.bytes ?? -1;
    const before = await client.request<CacheResult>("vqa/cache", {});
    assert.equal(before.folder, folder);
    assert.ok(size(before, "sprites") > 0 && size(before, "features") === 0, JSON.stringify(before));
    assert.deepEqual(await client.request<CacheResult>("vqa/clearCache", {}), before);
    assert.ok((await client.request<CacheResult>("vqa/cache", {})).rooms.every(({ entries }) => entries === 0));
    assert.deepEqual(readdirSync(join(folder, "sprites")), ["mine.png"]);
    // And it is made again.
    assert.ok(existsSync((await client.request<SpritesResult>("vqa/sprites", { video, count: 4, width: 64 })).path));
  });

  it("ends with a typed error where there is no film, and for a message that is none", async () => {
    const nothing = join(repoRoot, "nothing.mp4");
    assert.equal((await refusal(client.request("vqa/proxy", { video: nothing, kind: "all" }))).error?.code, "video-not-found");
    assert.equal((await refusal(client.request("vqa/waveform", { video: nothing, buckets: 10 }))).error?.code, "video-not-found");
    assert.equal((await refusal(client.request("vqa/proxy", { video, kind: "half" }))).error?.code, "invalid-request");
    assert.equal((await refusal(client.request("vqa/scenes", { video, mode: "some" }))).error?.code, "invalid-request");
    assert.equal((await refusal(client.request("vqa/sprites", { video, count: 0, width: 64 }))).error?.code, "invalid-request");
    assert.equal((await refusal(client.request("vqa/waveform", { video, buckets: 0 }))).error?.code, "invalid-request");
  });
});
