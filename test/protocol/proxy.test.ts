import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ProxyResult, ScenesResult, SpritesResult, WaveformResult } from "../../server/src/protocol/messages.js";
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
