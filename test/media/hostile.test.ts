import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { vqaError } from "../support/errors.js";
import { resolveFfmpeg } from "../../server/src/runtime/ffmpeg/resolve.js";
import { loadBinding } from "../../server/src/runtime/ffmpeg/nodeav/binding.js";
import { VqaError } from "../../server/src/engine/errors.js";
import { checked, decoderWith, DECODERS, fixture, forEachDecoder } from "./support.js";

/** Text files named `.mp4` that tell a demuxer to open other files. */
const SCRIPTS = ["hls.mp4", "ffconcat.mp4", "dash.mp4"];

forEachDecoder("files that point to other files", (media) => {
  for (const name of SCRIPTS) {
    it(`refuses ${name}`, async () => {
      await assert.rejects(media().frames.probe(fixture(name)), vqaError("video-refused", "other files"));
      const request = { path: fixture(name), timesMs: [0], width: 8, height: 8, resize: "squash", mode: "exact" } as const;
      await assert.rejects(media().frames.frames(request), vqaError("video-refused"));
      await assert.rejects(media().audio.pcm16k(fixture(name), 0, 10), vqaError("video-refused"));
    });
  }
});

describe("the decoders' own whitelists", () => {
  for (const choice of DECODERS) {
    for (const name of SCRIPTS) {
      it(`stop ${choice} from opening ${name}`, async function () {
        const decoder = await decoderWith(choice);
        if (!decoder) this.skip();
        await assert.rejects(decoder.scan(await checked(fixture(name)), Infinity), (error) => {
          assert.ok(error instanceof VqaError, String(error));
          assert.ok(["video-refused", "video-unreadable"].includes(error.code), error.code);
          return true;
        });
      });
    }
    it(`make ${choice} say that a concat script is refused`, async function () {
      const decoder = await decoderWith(choice);
      if (!decoder) this.skip();
      await assert.rejects(decoder.scan(await checked(fixture("ffconcat.mp4")), Infinity), vqaError("video-refused", "format"));
    });
  }

  it("are needed: without them ffmpeg follows the script to another file", async function () {
    const binary = await resolveFfmpeg(undefined);
    if (!binary) this.skip();
    const { stderr } = spawnSync(binary.path, ["-nostdin", "-protocol_whitelist", "file", "-i", `file:${fixture("ffconcat.mp4")}`], { encoding: "utf8" });
    assert.match(stderr, /Stream #0:0.*Video: h264/);
  });

  it("are needed: without them node-av follows the script to another file", async function () {
    const binding = await loadBinding();
    if (!binding) this.skip();
    const format = new binding.lib.FormatContext();
    assert.equal(format.openInputSync(`file:${fixture("ffconcat.mp4")}`, null, null), 0);
    format.findStreamInfoSync();
    assert.equal(format.streams[0]?.codecpar.width, 96);
    format.closeInputSync();
  });
});
