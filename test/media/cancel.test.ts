import assert from "node:assert/strict";
import type { ListedVideo } from "../../server/src/runtime/ffmpeg/decoder.js";
import { resolveFfmpeg } from "../../server/src/runtime/ffmpeg/resolve.js";
import { run, runningDecoders } from "../../server/src/runtime/ffmpeg/run.js";
import { VqaError } from "../../server/src/engine/errors.js";
import { vqaError } from "../support/errors.js";
import { isAlive } from "../support/processes.js";
import { checked, decoderWith, fixture, forEachDecoder, grabbed, manifest } from "./support.js";

/** A program that says its process id and then runs for ever, deaf to polite signals. */
const ENDLESS = ["-e", "process.on('SIGTERM', () => {}); process.stdout.write(String(process.pid)); setInterval(() => {}, 1000);"];

describe("running a decoder", () => {
  it("kills it on abort and waits until it is gone", async () => {
    const stop = new AbortController();
    let pid = 0;
    const running = run({ program: process.execPath, args: ENDLESS, maxRunMs: 60_000, onStdout: (chunk) => ((pid = Number(chunk)), stop.abort()) }, stop.signal);
    await assert.rejects(running, vqaError("cancelled"));
    assert.ok(pid > 0);
    assert.equal(isAlive(pid), false);
    assert.equal(runningDecoders(), 0);
  });

  it("kills it at the time limit", async () => {
    let pid = 0;
    const running = run({ program: process.execPath, args: ENDLESS, maxRunMs: 1500, onStdout: (chunk) => (pid = Number(chunk)) });
    await assert.rejects(running, vqaError("limit-exceeded", "2 s"));
    assert.equal(pid > 0 && isAlive(pid), false);
  });

  it("kills it when its output is refused", async () => {
    let pid = 0;
    const refuse = (chunk: Buffer): void => {
      pid = Number(chunk);
      throw new VqaError("limit-exceeded", "too much");
    };
    await assert.rejects(run({ program: process.execPath, args: ENDLESS, maxRunMs: 60_000, onStdout: refuse }), vqaError("limit-exceeded", "too much"));
    assert.equal(isAlive(pid), false);
  });

  it("kills a real ffmpeg in the middle of its work", async function () {
    const binary = await resolveFfmpeg(undefined);
    if (!binary) this.skip();
    const stop = new AbortController();
    const args = ["-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc", "-f", "rawvideo", "pipe:1"];
    const running = run({ program: binary.path, args, maxRunMs: 60_000, onStdout: () => stop.abort() }, stop.signal);
    await assert.rejects(running, vqaError("cancelled"));
    assert.equal(runningDecoders(), 0);
  });

  it("does not start when it is already aborted, or when the program is not there", async () => {
    await assert.rejects(run({ program: process.execPath, args: ENDLESS, maxRunMs: 1000 }, AbortSignal.abort()), vqaError("cancelled"));
    await assert.rejects(run({ program: "/nowhere/ffmpeg", args: [], maxRunMs: 1000 }), vqaError("decoder-missing", "/nowhere/ffmpeg"));
    assert.equal(runningDecoders(), 0);
  });

  it("reports how the program ended and its last words", async () => {
    const result = await run({ program: process.execPath, args: ["-e", "console.error('first'); console.error('last words'); process.exit(3)"], maxRunMs: 60_000 });
    assert.deepEqual([result.code, result.tail], [3, "first\nlast words"]);
  });
});

forEachDecoder("cancelling", (media, choice) => {
  const request = { path: fixture("bframes.mp4"), timesMs: manifest.video["bframes.mp4"]!.timesMs, width: 64, height: 64, resize: "squash", mode: "exact" } as const;

  it("ends every call with `cancelled` and leaves nothing running", async () => {
    const info = await media().frames.probe(fixture("subtitled.mp4"));
    const calls: readonly ((signal: AbortSignal) => Promise<unknown>)[] = [
      (s) => media().frames.probe(fixture("stream.mpegts"), s),
      (s) => media().frames.frames(request, s),
      (s) => media().audio.pcm16k(fixture("sound.m4a"), 0, 1000, s),
      (s) => media().cues.cues(info, ["en"], s),
      (s) => media().frames.describe(s),
    ];
    for (const call of calls) {
      await assert.rejects(call(AbortSignal.abort()), vqaError("cancelled"));
      assert.equal(runningDecoders(), 0);
    }
  });

  it("ends a call that is under way", async () => {
    // Aborting at several depths of the work: each turn of the event loop is further inside.
    for (const turns of [0, 1, 2, 4, 8, 16]) {
      const stop = new AbortController();
      const call = media().frames.frames({ ...request, width: 60 + turns }, stop.signal);
      const outcome = call.then(() => "done", (error: unknown) => (error instanceof VqaError ? error.code : String(error)));
      for (let i = 0; i < turns; i++) await new Promise((next) => setImmediate(next));
      stop.abort();
      const result = await outcome;
      assert.equal(result, "cancelled", `after ${turns} turns: ${result}`);
      assert.equal(runningDecoders(), 0);
    }
  });

  it("ends work that is spread over several groups", async () => {
    const decoder = (await decoderWith(choice))!;
    const file = await checked(request.path);
    const video = (await decoder.scan(file, Infinity)).video as ListedVideo;
    const groups = [...video.timeline.pts].map((pts, i) => ({ pts: [pts], seekPts: i < 15 ? undefined : pts, keyPts: video.timeline.pts[i - (i % 15)]! }));
    for (const turns of [0, 3, 9, 27]) {
      const stop = new AbortController();
      const call = grabbed(decoder, file, video, groups, { width: 32, height: 32 }, stop.signal);
      const outcome = call.then(() => "done", (error: unknown) => (error instanceof VqaError ? error.code : String(error)));
      for (let i = 0; i < turns; i++) await new Promise((next) => setImmediate(next));
      stop.abort();
      assert.equal(await outcome, "cancelled", `after ${turns} turns`);
      assert.equal(runningDecoders(), 0);
    }
    const pictures = await grabbed(decoder, file, video, groups, { width: 32, height: 32 });
    assert.equal(pictures.size, 60);
  });

  it("leaves the source usable", async () => {
    assert.equal((await media().frames.frames(request)).length, request.timesMs.length);
  });
});
