import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FrameRequest } from "../../server/src/engine/ports.js";
import { cliDecoder } from "../../server/src/runtime/ffmpeg/cli/index.js";
import { FfmpegProgram } from "../../server/src/runtime/ffmpeg/cli/program.js";
import { LayeredSource } from "../../server/src/runtime/ffmpeg/layered.js";
import { DEFAULT_LIMITS } from "../../server/src/runtime/ffmpeg/limits.js";
import { DecodingProcess } from "../../server/src/runtime/ffmpeg/nodeav/process.js";
import { nodeAvProcess, RemoteDecoder } from "../../server/src/runtime/ffmpeg/nodeav/remote.js";
import { resolveFfmpeg } from "../../server/src/runtime/ffmpeg/resolve.js";
import { MediaSource } from "../../server/src/runtime/ffmpeg/source.js";
import { vqaError } from "../support/errors.js";
import { isAlive } from "../support/processes.js";
import { tempFolder } from "../support/tempFolder.js";
import { checked, fixture, manifest, numberIn } from "./support.js";

const truth = manifest.video["bframes.mp4"]!;
const request: FrameRequest = { path: fixture("bframes.mp4"), timesMs: [truth.timesMs[7]!, truth.timesMs[50]!], width: manifest.width, height: manifest.height, resize: "squash", mode: "exact" };

describe("the decoding process", () => {
  const folder = tempFolder(after);
  /** A process that says it is ready and then does something else than decode. */
  const misbehaving = (name: string, onCall: string): string => {
    const path = join(folder, `${name}.mjs`);
    writeFileSync(path, `process.on("message", (m) => { if (m.type === "open") process.send({ type: "opened", name: "broken" }); else if (m.type === "call") { ${onCall} } });`);
    return path;
  };
  const layered = async (fast: RemoteDecoder): Promise<LayeredSource | undefined> => {
    const binary = await resolveFfmpeg(undefined);
    return binary && new LayeredSource([new MediaSource(fast, DEFAULT_LIMITS), new MediaSource(cliDecoder(new FfmpegProgram(binary, DEFAULT_LIMITS, 1)), DEFAULT_LIMITS)]);
  };

  it("may crash at any call: the program ffmpeg answers instead, and after three crashes at once", async function () {
    const decoding = new DecodingProcess(DEFAULT_LIMITS, 1, misbehaving("crashing", "process.kill(process.pid, 'SIGSEGV');"));
    const source = await layered(new RemoteDecoder("broken", decoding));
    if (!source) this.skip();
    for (let i = 0; i < 4; i++) {
      assert.deepEqual((await source.frames(request)).map(numberIn), [7, 50]);
      assert.equal(decoding.pid, undefined);
    }
    assert.equal(await decoding.open(), "broken");
    const pid = decoding.pid!;
    assert.deepEqual((await source.frames(request)).map(numberIn), [7, 50]);
    // It was not called any more: a call would have ended it.
    assert.equal(isAlive(pid), true);
    await decoding.close();
  });

  it("is ended when it does not hear that it should stop", async () => {
    const decoding = new DecodingProcess(DEFAULT_LIMITS, 1, misbehaving("deaf", "for (;;);"));
    assert.equal(await decoding.open(), "broken");
    const pid = decoding.pid!;
    const stop = new AbortController();
    const call = decoding.call("scan", [await checked(request.path), Infinity], stop.signal);
    stop.abort();
    await assert.rejects(call, vqaError("cancelled"));
    assert.equal(isAlive(pid), false);
  });

  it("is ended at the time limit", async () => {
    const decoding = new DecodingProcess({ ...DEFAULT_LIMITS, maxRunMs: 200 }, 1, misbehaving("slow", "for (;;);"));
    await decoding.open();
    const pid = decoding.pid!;
    await assert.rejects(decoding.call("scan", [await checked(request.path), Infinity]), vqaError("worker-crashed"));
    assert.equal(isAlive(pid), false);
  });

  it("starts again after it was closed or killed, and remembers nothing", async function () {
    const decoder = await nodeAvProcess(DEFAULT_LIMITS, 1);
    if (!decoder) this.skip();
    const source = new MediaSource(decoder, DEFAULT_LIMITS);
    const first = (await source.frames(request)).map(numberIn);
    await decoder.close();
    assert.deepEqual([first, (await source.frames(request)).map(numberIn)], [[7, 50], [7, 50]]);
    await decoder.close();
  });

  it("is started without options and certificates that are for this process", async () => {
    const path = join(folder, "telling.mjs");
    writeFileSync(path, `process.on("message", () => process.send({ type: "opened", name: Object.keys(process.env).filter((name) => /^NODE_(OPTIONS|EXTRA)/.test(name)).join() + typeof process.env.PATH }));`);
    const before = { ...process.env };
    Object.assign(process.env, { NODE_OPTIONS: "--no-warnings", NODE_EXTRA_CA_CERTS: join(folder, "certificates.pem") });
    const decoding = new DecodingProcess(DEFAULT_LIMITS, 1, path);
    try {
      assert.equal(await decoding.open(), "string");
    } finally {
      for (const name of ["NODE_OPTIONS", "NODE_EXTRA_CA_CERTS"]) before[name] === undefined ? delete process.env[name] : (process.env[name] = before[name]);
      await decoding.close();
    }
  });

  it("is gone once it was closed", async function () {
    const decoding = new DecodingProcess(DEFAULT_LIMITS, 1);
    if ((await decoding.open().catch(() => undefined)) === undefined) this.skip();
    const pid = decoding.pid!;
    await decoding.close();
    assert.equal(isAlive(pid), false);
    assert.equal(decoding.pid, undefined);
  });
});
