import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProgressType } from "vscode-jsonrpc/node";
import type { FrameTimesResult, ProxyResult } from "../../server/src/protocol/media.js";
import type { MediaInfo } from "../../server/src/protocol/values.js";
import { resolveFfmpeg } from "../../server/src/runtime/ffmpeg/resolve.js";
import { LspClient } from "../support/lspClient.js";

/** What people have and editors do not play, by the encoder that must be here to make it. */
const FILMS: readonly { readonly name: string; readonly encoder: string; readonly kind: "sound" | "all"; readonly args: readonly string[] }[] = [
  { name: "aac.mp4", encoder: "libx264", kind: "sound", args: ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"] },
  { name: "aac.mkv", encoder: "libx264", kind: "sound", args: ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"] },
  { name: "hevc.mp4", encoder: "libx265", kind: "all", args: ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:pools=1:frame-threads=1", "-pix_fmt", "yuv420p", "-c:a", "aac"] },
  { name: "hevc-ten-bit.mkv", encoder: "libx265", kind: "all", args: ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:pools=1:frame-threads=1", "-pix_fmt", "yuv420p10le", "-c:a", "ac3"] },
  { name: "ten-bit.mp4", encoder: "libx264", kind: "all", args: ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-c:a", "libmp3lame"] },
  { name: "av1.mp4", encoder: "libaom-av1", kind: "all", args: ["-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-b:v", "80k", "-pix_fmt", "yuv420p", "-c:a", "aac"] },
  { name: "uneven.mkv", encoder: "libx264", kind: "all", args: ["-vf", "settb=1/1000,setpts='37*N+5*mod(N\\,7)*mod(N\\,3)'", "-fps_mode", "vfr", "-enc_time_base", "1/1000", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"] },
  { name: "late.mkv", encoder: "libx264", kind: "sound", args: ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-output_ts_offset", "3.5"] },
  { name: "mpeg4.avi", encoder: "mpeg4", kind: "all", args: ["-c:v", "mpeg4", "-q:v", "6", "-c:a", "mp2"] },
  { name: "mpeg2.mpegts", encoder: "mpeg2video", kind: "all", args: ["-r", "25", "-c:v", "mpeg2video", "-q:v", "8", "-c:a", "mp2", "-f", "mpegts"] },
];

describe("copies that can be played", function () {
  this.timeout(180_000);
  let client: LspClient;
  let folder: string;
  let encoders = "";
  before(async function () {
    const ffmpeg = await resolveFfmpeg(undefined);
    if (ffmpeg === undefined) return this.skip();
    encoders = spawnSync(ffmpeg.path, ["-hide_banner", "-encoders"], { encoding: "utf8" }).stdout;
    folder = mkdtempSync(join(tmpdir(), "vqa-copies-"));
    client = LspClient.stdio();
    await client.initialize({}, { threads: 1, cacheDir: join(folder, "features"), ffmpeg: ffmpeg.path });
  });
  after(async () => {
    await client?.kill();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  for (const { name, encoder, kind, args } of FILMS) {
    it(`are made of ${name}, with every frame at its time, once`, async function () {
      const has = (wanted: string): boolean => new RegExp(`\\s${wanted}\\s`).test(encoders);
      if (!has(encoder)) return this.skip();
      const video = join(folder, name);
      const ffmpeg = (await resolveFfmpeg(undefined))!;
      execFileSync(ffmpeg.path, ["-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=10:duration=4", "-f", "lavfi", "-i", "sine=duration=4", ...args, "-threads", "1", video]);
      const seen: number[] = [];
      const listening = client.connection.onProgress(new ProgressType<{ fraction: number }>(), name, ({ fraction }) => void seen.push(fraction));
      const { path } = await client.request<ProxyResult>("vqa/proxy", { video, kind, partialResultToken: name });
      listening.dispose();
      assert.ok(seen.length > 0 && seen.every((fraction, i) => fraction >= (seen[i - 1] ?? 0) && fraction <= 1), seen.join());

      const [original, copy] = [await client.request<MediaInfo>("vqa/probe", { video }), await client.request<MediaInfo>("vqa/probe", { video: path })];
      assert.ok(["h264", "vp9"].includes(copy.video!.codec), copy.video!.codec);
      assert.ok(["mp3", "opus"].includes(copy.audio[0]!.codec), copy.audio[0]!.codec);
      assert.deepEqual([copy.video!.width, copy.video!.height], [original.video!.width, original.video!.height]);
      const times = async (about: string): Promise<readonly number[]> => (await client.request<FrameTimesResult>("vqa/frameTimes", { video: about, fromMs: 0, toMs: 1e6 })).timesMs;
      const [wanted, found] = [await times(video), await times(path)];
      assert.equal(found.length, wanted.length);
      assert.ok(found.every((time, i) => Math.abs(time - wanted[i]!) < 1.5), `${found.join()} for ${wanted.join()}`);

      seen.length = 0;
      assert.equal((await client.request<ProxyResult>("vqa/proxy", { video, kind })).path, path, "kept");
    });
  }
});
