import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMedia } from "../../../server/src/runtime/ffmpeg/index.js";
import { Canvas } from "../../../tools/clips/draw.js";
import { encodeClip } from "../../../tools/clips/encode.js";
import { nodeAvEncoder } from "../../../tools/clips/encodeNodeAv.js";
import { findFfmpeg } from "../../../tools/clips/ffmpeg.js";
import { generateScene } from "../../../tools/clips/generate.js";
import { DEMO_SCENE } from "../../../tools/demo/scene.js";
import { srt } from "../../../tools/clips/subtitles.js";
import { repoRoot } from "../../support/repo.js";

/** Mean absolute difference of two pictures, in levels of 255. */
function difference(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, v, i) => sum + Math.abs(v - (b[i] ?? 0)), 0) / a.length;
}

describe("a rendered clip", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "vqa-clip-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const scene = generateScene({ kind: "motion", seed: 12, subtitles: true });

  for (const encoder of ["ffmpeg", "node-av"] as const) {
    it(`by ${encoder} decodes to the pictures that were drawn, at their times`, async function () {
      const ffmpeg = encoder === "ffmpeg" ? findFfmpeg() : undefined;
      if (encoder === "ffmpeg" ? ffmpeg === undefined : (await nodeAvEncoder()) === undefined) return this.skip();
      const path = join(folder, "clip.mp4");
      await encodeClip(scene, path, { ffmpeg });
      assert.equal(readFileSync(join(folder, "clip.srt"), "utf8"), srt(scene.cues));

      const { frames } = await openMedia({ threads: 1 });
      const info = await frames.probe(path);
      assert.ok(Math.abs(info.durationMs - scene.durationMs) <= 1000 / scene.fps, String(info.durationMs));
      assert.deepEqual([info.video?.width, info.video?.height], [scene.width, scene.height]);
      const timesMs = [0, scene.durationMs / 2, scene.durationMs - 100];
      const decoded = await frames.frames({ path, timesMs, width: scene.width, height: scene.height, resize: "squash", mode: "exact" });
      const canvas = new Canvas(scene);
      for (const frame of decoded) assert.ok(difference(frame.rgb, canvas.frame(frame.timeMs)) < 3, `${frame.timeMs} ms`);
      // Moved by a quarter of a second it is another picture: the comparison would notice.
      const moved = canvas.frame(scene.durationMs / 2 + 250);
      assert.ok(difference(decoded[1]!.rgb, moved) > 2 * difference(decoded[1]!.rgb, canvas.frame(decoded[1]!.timeMs)));
    });
  }

  it("sounds where its tones are, and nowhere else", async function () {
    const ffmpeg = findFfmpeg();
    if (ffmpeg === undefined) return this.skip();
    const heard = Array.from({ length: 20 }, (_, seed) => generateScene({ kind: "sequence", seed, tones: true })).find((scene) => (scene.tones?.length ?? 0) > 1)!;
    const path = join(folder, "heard.mp4");
    await encodeClip(heard, path, { ffmpeg });
    assert.deepEqual(readdirSync(folder).sort(), heard.cues.length > 0 ? ["heard.mp4", "heard.srt"] : ["heard.mp4"]);
    const pcm = execFileSync(ffmpeg, ["-v", "error", "-i", path, "-f", "s16le", "-ar", "16000", "-ac", "1", "pipe:1"], { maxBuffer: 1 << 26 });
    const sound = new Int16Array(new Uint8Array(pcm).buffer);
    const loudness = (fromMs: number, toMs: number): number => {
      const part = sound.subarray(fromMs * 16, toMs * 16);
      return Math.sqrt(part.reduce((sum, v) => sum + v * v, 0) / part.length) / 32768;
    };
    const tones = heard.tones ?? [];
    for (const [i, tone] of tones.entries()) {
      assert.ok(loudness(tone.startMs + 50, tone.endMs - 50) > 0.04, `tone ${i}`);
      const quietFrom = tones[i - 1]?.endMs ?? 0;
      assert.ok(loudness(quietFrom + 150, tone.startMs - 150) < 0.01, `before tone ${i}`);
    }
  });

  it("leaves nothing behind when it cannot be encoded", async () => {
    const path = join(folder, "clip.mp4");
    await assert.rejects(encodeClip(scene, path, { ffmpeg: process.execPath }), /could not write .*clip\.mp4/);
    assert.ok(!existsSync(path) && !existsSync(join(folder, "clip.srt")));
  });
});

describe("the demo's clip", () => {
  it("is the one that its scene describes", async () => {
    const path = join(repoRoot, "media", "demo", "shapes.mp4");
    assert.equal(readFileSync(path.replace("mp4", "srt"), "utf8"), srt(DEMO_SCENE.cues));
    const { frames } = await openMedia({ threads: 1 });
    const { width, height, durationMs } = DEMO_SCENE;
    assert.equal((await frames.probe(path)).durationMs, durationMs);
    const canvas = new Canvas(DEMO_SCENE);
    const decoded = await frames.frames({ path, timesMs: [4000, 12_000, 18_000, 24_000, 30_000], width, height, resize: "squash", mode: "exact" });
    for (const frame of decoded) assert.ok(difference(frame.rgb, canvas.frame(frame.timeMs)) < 3, `${frame.timeMs} ms`);
  });
});
