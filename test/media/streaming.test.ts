import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Decoder, ListedVideo, ScannedVideo } from "../../server/src/runtime/ffmpeg/decoder.js";
import type { CheckedFile } from "../../server/src/runtime/ffmpeg/file.js";
import { openDecoders } from "../../server/src/runtime/ffmpeg/index.js";
import { LayeredSource } from "../../server/src/runtime/ffmpeg/layered.js";
import { DEFAULT_LIMITS } from "../../server/src/runtime/ffmpeg/limits.js";
import { nodeAvDecoder } from "../../server/src/runtime/ffmpeg/nodeav/index.js";
import { DecodingProcess } from "../../server/src/runtime/ffmpeg/nodeav/process.js";
import { nodeAvIsThere, RemoteDecoder } from "../../server/src/runtime/ffmpeg/nodeav/remote.js";
import type { Group } from "../../server/src/runtime/ffmpeg/plan.js";
import { resolveFfmpeg } from "../../server/src/runtime/ffmpeg/resolve.js";
import { MediaSource } from "../../server/src/runtime/ffmpeg/source.js";
import { vqaError } from "../support/errors.js";
import { isAlive } from "../support/processes.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";
import { checked, DECODERS, decoderWith, fixture, grabbed, manifest, numberIn } from "./support.js";

const SIZE = { width: manifest.width, height: manifest.height };
const FRAMES = manifest.video["bframes.mp4"]!.timesMs.length;

/** All frames of a film, in groups that begin at its keyframes. */
async function all(decoder: Decoder): Promise<{ readonly file: CheckedFile; readonly video: ListedVideo; readonly groups: readonly Group[] }> {
  const file = await checked(fixture("bframes.mp4"));
  const video = (await decoder.scan(file, Infinity)).video as ListedVideo;
  const pts = [...video.timeline.pts];
  const keys = manifest.video["bframes.mp4"]!.keyframes;
  const groups = keys.map((key, i) => ({ pts: pts.slice(key, keys[i + 1]), seekPts: pts[key]!, keyPts: pts[key]! }));
  return { file, video, groups };
}

describe("pictures on their way", () => {
  const folder = tempFolder(after);
  const started: DecodingProcess[] = [];
  afterEach(async () => {
    for (const decoding of started.splice(0)) await decoding.close();
  });
  const start = (entry?: string): DecodingProcess => {
    const decoding = entry === undefined ? new DecodingProcess(DEFAULT_LIMITS, 1) : new DecodingProcess(DEFAULT_LIMITS, 1, entry);
    started.push(decoding);
    return decoding;
  };
  const script = (name: string, text: string): string => {
    const path = join(folder, `${name}.mjs`);
    writeFileSync(path, text);
    return path;
  };
  /** The decoding process itself; `seen` is run with every message that it sends. */
  const watched = (name: string, seen: string): string => {
    const child = pathToFileURL(join(repoRoot, "out/server/src/runtime/ffmpeg/nodeav/child.js")).href;
    return script(name, `const send = process.send.bind(process); let sent = 0, underWay = 0, most = 0; const pictures = [];
      process.send = (message, handle, options, done) => { ${seen} }; await import(${JSON.stringify(child)});`);
  };

  for (const choice of DECODERS) {
    it(`come once for all targets that share them (${choice})`, async function () {
      const decoder = await decoderWith(choice);
      if (!decoder) this.skip();
      for (const name of ["bframes.mp4", "xvid.avi"]) {
        const file = await checked(fixture(name));
        const { timeline } = (await decoder.scan(file, Infinity)).video as ListedVideo;
        const video: ScannedVideo = (await decoder.scan(file, 200)).video!;
        assert.equal(video.timeline, undefined);
        const [a, b] = [timeline.pts[20]!, timeline.pts[40]!];
        const came: [number, number][] = [];
        const take = (pts: number, rgb: Uint8Array): void => void came.push([pts, numberIn({ timeMs: 0, ...SIZE, rgb })]);
        // A quarter of a tick later is the same frame still.
        const shown = await decoder.at(file, video, [a, a + 0.25, a + 0.5, b], "exact", SIZE, take);
        assert.deepEqual(shown, [a, a, a, b], name);
        assert.deepEqual(came.sort(([one], [other]) => one - other), [[a, 20], [b, 40]], name);
      }
    });

    it(`end the call with the error of who takes them (${choice})`, async function () {
      const decoder = await decoderWith(choice);
      if (!decoder) this.skip();
      const { file, video, groups } = await all(decoder);
      let came = 0;
      const full = (): void => {
        came++;
        throw new Error("no room");
      };
      await assert.rejects(decoder.grab(file, video, groups, SIZE, full), /no room/);
      assert.ok(came > 0);
      assert.equal((await grabbed(decoder, file, video, groups, { width: 8, height: 8 })).size, FRAMES);
      await decoder.close?.();
    });
  }

  it("are decoded when the one before was taken", async function () {
    const decoder = nodeAvIsThere() ? await nodeAvDecoder(DEFAULT_LIMITS, 1) : undefined;
    if (!decoder) this.skip();
    const { file, video, groups } = await all(decoder);
    let [held, most, came] = [0, 0, 0];
    const slowly = async (): Promise<void> => {
      came++;
      most = Math.max(most, ++held);
      for (let turn = 0; turn < 3; turn++) await new Promise((next) => setImmediate(next));
      held--;
    };
    await decoder.grab(file, video, groups, SIZE, slowly);
    assert.deepEqual([came, most, held], [FRAMES, 1, 0]);
    for (const name of ["bframes.mp4", "xvid.avi"]) {
      const film = await checked(fixture(name));
      const { timeline } = (await decoder.scan(film, Infinity)).video as ListedVideo;
      const long = (await decoder.scan(film, 200)).video!;
      came = 0;
      await decoder.at(film, long, [...timeline.pts], "exact", SIZE, slowly);
      assert.deepEqual([came, most, held], [timeline.pts.length, 1, 0], name);
    }
  });

  it("leave the decoding process one by one, and nothing of them stays", async function () {
    if (!nodeAvIsThere()) this.skip();
    const entry = watched("slow", `
      if (message.type === "done" && pictures.length > 0) message.value = [pictures.length, most, pictures.filter(({ rgb }) => rgb.byteLength > 0).length];
      if (message.type !== "picture") return send(message, handle, options, done);
      pictures.push(message);
      most = Math.max(most, ++underWay);
      return send(message, handle, options, () => setImmediate(() => setImmediate(() => { underWay--; done(); })));`);
    const decoding = start(entry);
    const { file, video, groups } = await all(new RemoteDecoder("watched", decoding));
    let came = 0;
    const told: unknown = await decoding.call("grab", [file, video, groups, SIZE], undefined, { picture: () => void came++ });
    assert.deepEqual([came, told], [FRAMES, [FRAMES, 1, 0]]);
  });

  it("are dropped when the process dies between two of them: the program ffmpeg answers instead", async function () {
    if (!nodeAvIsThere()) this.skip();
    const decoding = start(watched("dying", `if (message.type === "picture" && ++sent === 2) process.kill(process.pid, "SIGKILL"); else send(message, handle, options, done);`));
    const decoder = new RemoteDecoder("dying", decoding);
    const { file, video, groups } = await all(decoder);
    const pid = decoding.pid!;
    let came = 0;
    await assert.rejects(decoder.grab(file, video, groups, SIZE, () => void came++), vqaError("worker-crashed"));
    assert.deepEqual([came, isAlive(pid), decoding.pid], [1, false, undefined]);

    const binary = await resolveFfmpeg(undefined);
    if (!binary) return;
    const [program] = await openDecoders({ decoder: "ffmpeg", threads: 1 }, DEFAULT_LIMITS);
    const source = new LayeredSource([new MediaSource(decoder, DEFAULT_LIMITS), new MediaSource(program!, DEFAULT_LIMITS)]);
    const { timesMs } = manifest.video["bframes.mp4"]!;
    const frames = await source.frames({ path: file.path, timesMs: [timesMs[7]!, timesMs[50]!], ...SIZE, resize: "squash", mode: "exact" });
    assert.deepEqual(frames.map(numberIn), [7, 50]);
    assert.equal(decoding.pid, undefined);
  });

  it("of a cancelled call reach neither it nor the next", async () => {
    const picture = (id: string, pts: number): string => `process.send({ type: "picture", id: ${id}, pts: ${pts}, rgb: new Uint8Array(${pts}) });`;
    const decoding = start(script("late", `process.on("message", (m) => {
      if (m.type === "open") process.send({ type: "opened", name: "late" });
      else if (m.type === "cancel") { ${picture("m.id", 3)} process.send({ type: "failed", id: m.id, error: { code: "cancelled", message: "Stopped." } }); }
      else if (m.args[1] === 0) { ${picture("m.id", 1)} ${picture("m.id", 2)} }
      else { ${picture("m.id - 1", 4)} ${picture("m.id", 5)} process.send({ type: "done", id: m.id, value: undefined }); }
    });`));
    const file = await checked(fixture("bframes.mp4"));
    const stop = new AbortController();
    const [one, two]: [number[], number[]] = [[], []];
    const first = decoding.call("scan", [file, 0], stop.signal, { picture: (pts) => (one.push(pts), stop.abort()) });
    await assert.rejects(first, vqaError("cancelled"));
    await decoding.call("scan", [file, 1], undefined, { picture: (pts, rgb) => void two.push(pts, rgb.byteLength) });
    assert.deepEqual([one, two], [[1], [5, 5]]);
  });

  it("of a cancelled call leave the process as it was for the next", async function () {
    if (!nodeAvIsThere()) this.skip();
    const decoding = start();
    const decoder = new RemoteDecoder("node-av", decoding);
    const { file, video, groups } = await all(decoder);
    let kept = 0;
    for (const after of [1, 2, 30]) {
      const { pid } = decoding;
      const stop = new AbortController();
      let came = 0;
      const take = (): void => {
        if (++came === after) stop.abort();
      };
      await assert.rejects(decoder.grab(file, video, groups, { width: 400, height: 300 }, take, stop.signal), vqaError("cancelled"));
      assert.equal(came, after);
      const pictures = await grabbed(decoder, file, video, groups, SIZE);
      const numbers = [...video.timeline.pts].map((pts) => numberIn({ timeMs: 0, ...SIZE, rgb: pictures.get(pts)! }));
      assert.deepEqual(numbers, numbers.map((_, i) => i));
      assert.deepEqual([pictures.size, [...pictures.values()].every(({ length }) => length === SIZE.width * SIZE.height * 3)], [FRAMES, true]);
      if (decoding.pid === pid) kept++;
    }
    // A machine that is too busy to let it hear of the end in time has it killed.
    assert.ok(kept > 0);
  });
});
